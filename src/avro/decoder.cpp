#include "avro/decoder.h"

#include <cstring>
#include <limits>

namespace lake::avro {

namespace {

constexpr int kMaxSkipDepth = 128;

}  // namespace

void Decoder::Fail(const char* problem) {
  if (problem_ != nullptr) return;
  problem_ = problem;
  problem_position_ = position_;
  position_ = bytes_.size();
}

bool Decoder::Boolean() {
  std::string_view byte = Fixed(1);
  if (byte.empty()) return false;
  if (byte[0] != 0 && byte[0] != 1) Fail("boolean is neither 0 nor 1");
  return byte[0] != 0;
}

int64_t Decoder::Long() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (position_ >= bytes_.size()) return Fail("integer is cut short"), 0;
    auto byte = static_cast<uint8_t>(bytes_[position_++]);
    if (shift == 63 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }
  return Fail("integer is longer than 64 bits"), 0;
}

int32_t Decoder::Int() {
  int64_t value = Long();
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    return Fail("integer is longer than 32 bits"), 0;
  }
  return static_cast<int32_t>(value);
}

float Decoder::Float() {
  float value = 0;
  if (std::string_view bytes = Fixed(sizeof(value)); !bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

double Decoder::Double() {
  double value = 0;
  if (std::string_view bytes = Fixed(sizeof(value)); !bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

std::string_view Decoder::Bytes() {
  int64_t size = Long();
  if (size < 0) return Fail("length is negative"), std::string_view();
  if (static_cast<uint64_t>(size) > remaining()) return Fail("string is longer than the data"), std::string_view();
  return Fixed(static_cast<size_t>(size));
}

std::string_view Decoder::Fixed(size_t size) {
  if (size > remaining()) return Fail("value is cut short"), std::string_view();
  std::string_view value = bytes_.substr(position_, size);
  position_ += size;
  return value;
}

size_t Decoder::Branch(size_t branches) {
  int64_t branch = Long();
  if (branch < 0 || static_cast<uint64_t>(branch) >= branches) return Fail("union has no such branch"), 0;
  return static_cast<size_t>(branch);
}

int64_t Decoder::BlockCount() {
  int64_t count = Long();
  if (count >= 0) return count;
  if (count == std::numeric_limits<int64_t>::min()) return Fail("array is longer than the data"), 0;
  if (Long() < 0) Fail("array block has a negative size");
  return failed() ? 0 : -count;
}

void Decoder::Skip(const Schema& schema, int depth) {
  if (schema.always_empty) return;
  if (depth > kMaxSkipDepth) return Fail("value is nested too deeply");
  switch (schema.kind) {
    case Schema::Kind::kNull: return;
    case Schema::Kind::kBoolean: Boolean(); return;
    case Schema::Kind::kInt:
    case Schema::Kind::kLong:
    case Schema::Kind::kEnum: Long(); return;
    case Schema::Kind::kFloat: Fixed(4); return;
    case Schema::Kind::kDouble: Fixed(8); return;
    case Schema::Kind::kBytes:
    case Schema::Kind::kString: Bytes(); return;
    case Schema::Kind::kFixed: Fixed(static_cast<size_t>(schema.fixed_size)); return;
    case Schema::Kind::kRecord:
      for (const Field& field : schema.fields) Skip(*field.type, depth + 1);
      return;
    case Schema::Kind::kArray: Items(schema.items().always_empty, [&] { Skip(schema.items(), depth + 1); }); return;
    case Schema::Kind::kMap:
      Items(false, [&] {
        Bytes();
        Skip(schema.items(), depth + 1);
      });
      return;
    case Schema::Kind::kUnion: Skip(*schema.children[Branch(schema.children.size())], depth + 1); return;
  }
}

void Encoder::Long(int64_t value) {
  uint64_t rest = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (rest >= 0x80) {
    out_.push_back(static_cast<char>(rest | 0x80));
    rest >>= 7;
  }
  out_.push_back(static_cast<char>(rest));
}

}  // namespace lake::avro
