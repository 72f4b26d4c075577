// Avro's binary encoding, read and written value by value.
//
//   int, long      zig-zag, then 7 bits a byte, least significant first, top bit = more follows
//   float, double  4, 8 bytes little-endian          boolean  1 byte
//   bytes, string  long length, then the bytes       fixed    the bytes
//   array, map     blocks: long count (negative: count negated, then long size in bytes), items; count 0 ends
//   union          long branch, then its value       record   its fields
//
// The decoder never throws and never reads outside its bytes. After the first broken value it is failed: every later
// read gives zero or empty, loops end, and status() tells what and where. So a caller reads a whole record and asks
// once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "avro/schema.h"
#include "base/result.h"

namespace lake::avro {

class Decoder {
 public:
  /// `bytes` must outlive the decoder and every string_view it hands out.
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  bool Boolean();
  int32_t Int();
  int64_t Long();
  float Float();
  double Double();
  std::string_view Bytes();  // also string
  std::string_view Fixed(size_t size);
  /// The branch of a union: 0 to branches - 1.
  size_t Branch(size_t branches);

  /// Calls `item` for every element of an array (for a map: it reads key, then value). `item_may_be_empty`: an element
  /// can take no bytes; then at most a million elements are accepted, else at most one per byte left.
  template <typename F>
  void Items(bool item_may_be_empty, F&& item) {
    int64_t empty_items = 0;
    while (!failed()) {
      int64_t count = BlockCount();
      if (count == 0) return;
      if (item_may_be_empty) {
        empty_items += count;
        if (count > kMaxEmptyItems || empty_items > kMaxEmptyItems) return Fail("array is too long");
      } else if (count > static_cast<int64_t>(remaining())) {
        return Fail("array is longer than the data");
      }
      for (int64_t i = 0; i < count && !failed(); i++) item();
    }
  }

  /// Passes over one value.
  void Skip(const Schema& schema, int depth = 0);

  bool failed() const { return problem_ != nullptr; }
  bool at_end() const { return position_ == bytes_.size(); }
  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  /// Marks the data as broken; the first problem is kept. `problem` must be a literal.
  void Fail(const char* problem);
  const char* problem() const { return problem_; }
  size_t problem_position() const { return problem_position_; }

 private:
  static constexpr int64_t kMaxEmptyItems = 1000000;
  int64_t BlockCount();

  std::string_view bytes_;
  size_t position_ = 0;
  const char* problem_ = nullptr;
  size_t problem_position_ = 0;
};

/// Appends encoded values to a buffer.
class Encoder {
 public:
  void Boolean(bool value) { out_.push_back(value ? '\1' : '\0'); }
  void Int(int32_t value) { Long(value); }
  void Long(int64_t value);
  void Float(float value) { Raw(&value, sizeof(value)); }
  void Double(double value) { Raw(&value, sizeof(value)); }
  void Bytes(std::string_view value) {
    Long(static_cast<int64_t>(value.size()));
    Fixed(value);
  }
  void Fixed(std::string_view value) { out_.append(value); }
  void Branch(int64_t index) { Long(index); }

  const std::string& bytes() const { return out_; }
  size_t size() const { return out_.size(); }
  void Clear() { out_.clear(); }

 private:
  void Raw(const void* value, size_t size) { out_.append(static_cast<const char*>(value), size); }
  std::string out_;
};

}  // namespace lake::avro
