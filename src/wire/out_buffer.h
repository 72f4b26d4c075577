// A growing byte buffer that is reused from message to message. Growth leaves new bytes uninitialised, which a
// std::string cannot, and Clear() keeps the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "wire/byte_order.h"

namespace lake::wire {

class OutBuffer {
 public:
  OutBuffer() = default;
  ~OutBuffer() { std::free(data_); }
  OutBuffer(const OutBuffer&) = delete;
  OutBuffer& operator=(const OutBuffer&) = delete;
  OutBuffer(OutBuffer&& other) noexcept { Swap(other); }
  OutBuffer& operator=(OutBuffer&& other) noexcept {
    Swap(other);
    return *this;
  }

  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  char* data() { return data_; }
  const char* data() const { return data_; }
  std::string_view view() const { return {data_, size_}; }

  void Clear() { size_ = 0; }
  /// Cuts the content back to `size` bytes, at most what it has now.
  void Truncate(size_t size) { size_ = size; }
  /// Gives the memory back when it grew beyond `limit`; the content is lost.
  void Release(size_t limit) {
    size_ = 0;
    if (capacity_ > limit) {
      std::free(data_);
      data_ = nullptr;
      capacity_ = 0;
    }
  }

  /// Makes room for `count` more bytes without changing the size.
  void Reserve(size_t count) {
    if (capacity_ - size_ < count) Grow(count);
  }
  /// Appends `count` uninitialised bytes; the pointer is valid until the next growth.
  char* Extend(size_t count) {
    Reserve(count);
    char* at = data_ + size_;
    size_ += count;
    return at;
  }

  void Append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Extend(bytes.size()), bytes.data(), bytes.size());
  }
  void AppendByte(char byte) { *Extend(1) = byte; }
  void Append16(uint16_t value) { StoreBig16(Extend(2), value); }
  void Append32(uint32_t value) { StoreBig32(Extend(4), value); }
  void Append64(uint64_t value) { StoreBig64(Extend(8), value); }
  /// The bytes and a zero byte. A zero byte inside `text` would end it early for the reader: the caller has none.
  void AppendZeroTerminated(std::string_view text) {
    Append(text);
    AppendByte('\0');
  }

 private:
  void Swap(OutBuffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  void Grow(size_t count) {
    size_t wanted = size_ + count;
    size_t next = capacity_ < 512 ? 1024 : capacity_ * 2;
    if (next < wanted) next = wanted;
    void* grown = std::realloc(data_, next);
    if (grown == nullptr) throw std::bad_alloc();
    data_ = static_cast<char*>(grown);
    capacity_ = next;
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace lake::wire
