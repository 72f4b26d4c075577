// See the header.
#include "server/lake/transform_numbers.h"

namespace lake::server {

lake::Uuid UuidOf(duckdb::hugeint_t value) {
  uint64_t halves[2] = {static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63), value.lower};
  lake::Uuid uuid;
  for (size_t i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<uint8_t>(halves[i / 8] >> (56 - 8 * (i % 8)));
  return uuid;
}

Int128 NumberOf(const iceberg::Transform& transform, const iceberg::Type& type, duckdb::hugeint_t value) {
  Int128 unscaled = Widen(value);
  if (transform.kind() == iceberg::Transform::Kind::kTruncate) {
    Int128 rest = unscaled % transform.parameter();
    return unscaled - (rest < 0 ? rest + transform.parameter() : rest);
  }
  if (type.id() != iceberg::TypeId::kUuid) {
    return BucketOf(iceberg::BucketHash(std::string_view(Int128ToBigEndian(unscaled))), transform);
  }
  lake::Uuid uuid = UuidOf(value);
  std::string_view bytes(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
  return BucketOf(iceberg::BucketHash(bytes), transform);
}

}  // namespace lake::server
