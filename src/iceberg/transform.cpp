#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/civil_time.h"
#include "iceberg/partition.h"

namespace lake::iceberg {

namespace {

constexpr int64_t kMicrosPerSecond = 1000000;
constexpr int64_t kNanosPerSecond = 1000000000;

/// murmur3_x86_32 with seed 0.
int32_t Murmur3(std::string_view bytes) {
  auto rotate = [](uint32_t v, int by) { return v << by | v >> (32 - by); };
  auto mix = [&](uint32_t block) { return rotate(block * 0xcc9e2d51u, 15) * 0x1b873593u; };
  uint32_t hash = 0;
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    uint32_t block = 0;
    for (size_t j = 4; j-- > 0;) block = block << 8 | static_cast<uint8_t>(bytes[i + j]);
    hash = rotate(hash ^ mix(block), 13) * 5 + 0xe6546b64u;
  }
  uint32_t tail = 0;
  for (size_t j = bytes.size(); j-- > i;) tail = tail << 8 | static_cast<uint8_t>(bytes[j]);
  if (bytes.size() > i) hash ^= mix(tail);
  hash ^= static_cast<uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return static_cast<int32_t>(hash ^ hash >> 16);
}

bool IsTimestamp(TypeId id) {
  return id == TypeId::kTimestamp || id == TypeId::kTimestampTz || id == TypeId::kTimestampNs ||
         id == TypeId::kTimestampTzNs;
}
bool IsNanos(TypeId id) { return id == TypeId::kTimestampNs || id == TypeId::kTimestampTzNs; }

/// Seconds since 1970, rounded toward minus infinity.
int64_t SecondsOf(const Literal& value) {
  if (value.type().id() == TypeId::kDate) return value.AsInt64() * 86400;
  return FloorDiv(value.AsInt64(), IsNanos(value.type().id()) ? kNanosPerSecond : kMicrosPerSecond);
}

/// A manifest has a decimal in as many bytes as its precision needs.
bool FitsDecimal(Int128 unscaled, int precision) {
  Int128 limit = 128;
  while (limit < PowerOfTen(precision)) {
    if (__builtin_mul_overflow(limit, Int128{256}, &limit)) return true;
  }
  return -limit <= unscaled && unscaled < limit;
}

Result<Literal> TruncateValue(const Literal& value, int width) {
  switch (value.type().id()) {
    case TypeId::kInt: return Literal::Int(static_cast<int32_t>(value.AsInt64() - FloorMod(value.AsInt64(), width)));
    case TypeId::kLong: {
      // Wraps around below the smallest long, as Java does.
      auto low = static_cast<uint64_t>(value.AsInt64()) - static_cast<uint64_t>(FloorMod(value.AsInt64(), width));
      return Literal::Long(static_cast<int64_t>(low));
    }
    case TypeId::kDecimal: {
      Int128 unscaled = value.as<Int128>();
      Int128 rest = unscaled % width;
      Int128 low = 0;
      if (__builtin_sub_overflow(unscaled, rest < 0 ? rest + width : rest, &low) ||
          !FitsDecimal(low, value.type().precision())) {
        return InvalidInput("{} is out of range for the transform truncate[{}] of {}", value.ToString(), width,
                            value.type().ToString());
      }
      return Literal(value.type(), low);
    }
    default: return TruncateLowerBound(value, width);
  }
}

/// NaNs of all kinds are one partition (rule 22).
Literal Normalize(const Literal& value) {
  if (!value.is_nan()) return value;
  if (value.type().id() == TypeId::kFloat) return Literal::Float(std::numeric_limits<float>::quiet_NaN());
  return Literal::Double(std::numeric_limits<double>::quiet_NaN());
}

/// "name[N]" with N >= 1; nullopt for another shape.
std::optional<int> ParameterOf(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || text.size() < name.size() + 3) return std::nullopt;
  text.remove_prefix(name.size());
  if (text.front() != '[' || text.back() != ']') return std::nullopt;
  int value = 0;
  auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size() - 1, value);
  if (error != std::errc() || end != text.data() + text.size() - 1) return std::nullopt;
  return value;
}

}  // namespace

int32_t BucketHash(int64_t value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  return Murmur3({bytes, sizeof(bytes)});
}

int32_t BucketHash(std::string_view bytes) { return Murmur3(bytes); }

Result<int32_t> BucketHash(const Literal& value) {
  switch (value.type().id()) {
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return BucketHash(value.AsInt64());
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return BucketHash(FloorDiv(value.AsInt64(), 1000));
    case TypeId::kDecimal:
    case TypeId::kString:
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary: return Murmur3(value.ToBinary());
    default: return InvalidInput("values of type {} cannot be bucketed", value.type().ToString());
  }
}

Result<Transform> Transform::Parse(std::string_view text) {
  struct Plain {
    std::string_view name;
    Kind kind;
  };
  static constexpr Plain kPlain[] = {{"identity", Kind::kIdentity}, {"year", Kind::kYear}, {"month", Kind::kMonth},
                                     {"day", Kind::kDay},           {"hour", Kind::kHour}, {"void", Kind::kVoid}};
  for (const Plain& plain : kPlain) {
    if (text == plain.name) return Transform(plain.kind, 0);
  }
  for (auto [name, kind] : {Plain{"bucket", Kind::kBucket}, Plain{"truncate", Kind::kTruncate}}) {
    auto parameter = ParameterOf(text, name);
    if (!parameter) continue;
    if (*parameter < 1) return Corrupt("invalid transform \"{}\": the number must be positive", text);
    return Transform(kind, *parameter);
  }
  Transform unknown(Kind::kUnknown, 0);
  unknown.text_ = std::string(text);
  return unknown;
}

std::string Transform::ToString() const {
  switch (kind_) {
    case Kind::kIdentity: return "identity";
    case Kind::kBucket: return fmt::format("bucket[{}]", parameter_);
    case Kind::kTruncate: return fmt::format("truncate[{}]", parameter_);
    case Kind::kYear: return "year";
    case Kind::kMonth: return "month";
    case Kind::kDay: return "day";
    case Kind::kHour: return "hour";
    case Kind::kVoid: return "void";
    case Kind::kUnknown: return text_;
  }
  return text_;
}

bool Transform::CanTransform(const Type& source) const {
  TypeId id = source.id();
  if (!source.is_primitive()) return false;
  switch (kind_) {
    case Kind::kIdentity: return id != TypeId::kUnknown && id != TypeId::kGeometry && id != TypeId::kGeography;
    case Kind::kBucket:
      return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDecimal || id == TypeId::kDate ||
             id == TypeId::kTime || IsTimestamp(id) || id == TypeId::kString || id == TypeId::kUuid ||
             id == TypeId::kFixed || id == TypeId::kBinary;
    case Kind::kTruncate:
      return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDecimal || id == TypeId::kString ||
             id == TypeId::kBinary;
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kDay: return id == TypeId::kDate || IsTimestamp(id);
    case Kind::kHour: return IsTimestamp(id);
    case Kind::kVoid: return true;
    case Kind::kUnknown: return false;
  }
  return false;
}

Type Transform::ResultType(const Type& source) const {
  switch (kind_) {
    case Kind::kBucket:
    case Kind::kYear:
    case Kind::kMonth:
    case Kind::kHour: return TypeId::kInt;
    case Kind::kDay: return TypeId::kDate;
    case Kind::kUnknown: return TypeId::kString;
    default: return source;
  }
}

bool Transform::PreservesOrder() const {
  return kind_ != Kind::kBucket && kind_ != Kind::kVoid && kind_ != Kind::kUnknown;
}

Result<std::optional<Literal>> Transform::Apply(const std::optional<Literal>& source) const {
  using Optional = std::optional<Literal>;
  if (kind_ == Kind::kUnknown) return Unsupported("partition transform \"{}\" is not supported", text_);
  if (!source || kind_ == Kind::kVoid) return Optional();
  if (!CanTransform(source->type())) {
    return InvalidInput("cannot apply partition transform {} to type {}", ToString(), source->type().ToString());
  }
  switch (kind_) {
    case Kind::kIdentity: return Optional(Normalize(*source));
    case Kind::kBucket: {
      LAKE_ASSIGN_OR_RETURN(int32_t hash, BucketHash(*source));
      return Optional(Literal::Int((hash & std::numeric_limits<int32_t>::max()) % parameter_));
    }
    case Kind::kTruncate: {
      LAKE_ASSIGN_OR_RETURN(Literal truncated, TruncateValue(*source, parameter_));
      return Optional(std::move(truncated));
    }
    case Kind::kYear:
    case Kind::kMonth: {
      CivilDate date = CivilFromDays(FloorDiv(SecondsOf(*source), 86400));
      int64_t years = date.year - 1970;
      return Optional(Literal::Int(static_cast<int32_t>(kind_ == Kind::kYear ? years : years * 12 + date.month - 1)));
    }
    case Kind::kDay: return Optional(Literal::Date(static_cast<int32_t>(FloorDiv(SecondsOf(*source), 86400))));
    case Kind::kHour: {
      int64_t hours = FloorDiv(SecondsOf(*source), 3600);
      if (static_cast<int32_t>(hours) != hours) {
        return InvalidInput("timestamp {} is out of range for the hour transform", source->ToString());
      }
      return Optional(Literal::Int(static_cast<int32_t>(hours)));
    }
    default: return Internal("transform {} has no value", ToString());
  }
}

}  // namespace lake::iceberg
