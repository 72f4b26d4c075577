#include "iceberg/literal.h"

#include <bit>
#include <cmath>
#include <limits>

namespace lake::iceberg {

namespace {

constexpr int64_t kMicrosPerDay = 86400LL * 1000000;

/// IEEE totalOrder as an integer: flips the magnitude of negative numbers, so that -NaN comes first and NaN last.
int64_t TotalOrder(double value) {
  auto bits = std::bit_cast<int64_t>(value);
  return bits ^ ((bits >> 63) & std::numeric_limits<int64_t>::max());
}
int32_t TotalOrder(float value) {
  auto bits = std::bit_cast<int32_t>(value);
  return bits ^ ((bits >> 31) & std::numeric_limits<int32_t>::max());
}

template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

bool IsExactNumber(TypeId id) { return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDecimal; }

Int128 UnscaledOf(const Literal& literal) {
  return literal.type().id() == TypeId::kDecimal ? literal.as<Int128>() : Int128{literal.AsInt64()};
}

/// value * 10^(to - from) exactly, within 38 digits; nullopt otherwise.
std::optional<Int128> Rescale(Int128 value, int from, int to) {
  for (; from < to; from++) {
    if (__builtin_mul_overflow(value, Int128{10}, &value)) return std::nullopt;
  }
  for (; from > to; from--) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  return value;
}

std::optional<Literal> ExactToFloating(const Literal& from, const Type& target) {
  Int128 unscaled = UnscaledOf(from);
  if (from.type().id() == TypeId::kDecimal && from.type().scale() != 0) return std::nullopt;
  // Beyond 2^53 (2^24) a literal and its neighbours share one floating value: there is no equal.
  Int128 limit = target.id() == TypeId::kDouble ? Int128{1} << 53 : Int128{1} << 24;
  if (unscaled > limit || unscaled < -limit) return std::nullopt;
  if (target.id() == TypeId::kDouble) return Literal::Double(static_cast<double>(unscaled));
  return Literal::Float(static_cast<float>(unscaled));
}

std::optional<Literal> ExactToExact(const Literal& from, const Type& target) {
  int scale = from.type().id() == TypeId::kDecimal ? from.type().scale() : 0;
  auto unscaled = Rescale(UnscaledOf(from), scale, target.id() == TypeId::kDecimal ? target.scale() : 0);
  if (!unscaled) return std::nullopt;
  if (target.id() == TypeId::kDecimal) {
    Int128 limit = PowerOfTen(target.precision());
    if (*unscaled >= limit || *unscaled <= -limit) return std::nullopt;
    return Literal(target, *unscaled);
  }
  auto narrow = static_cast<int64_t>(*unscaled);
  if (narrow != *unscaled) return std::nullopt;
  if (target.id() == TypeId::kLong) return Literal::Long(narrow);
  if (static_cast<int32_t>(narrow) != narrow) return std::nullopt;
  return Literal::Int(static_cast<int32_t>(narrow));
}

std::optional<Literal> FloatingTo(double value, const Type& target) {
  switch (target.id()) {
    case TypeId::kDouble: return Literal::Double(value);
    case TypeId::kFloat: {
      if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) return std::nullopt;
      auto narrow = static_cast<float>(value);
      if (static_cast<double>(narrow) != value && !std::isnan(value)) return std::nullopt;
      return Literal::Float(narrow);
    }
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDecimal:
      if (std::abs(value) > 9007199254740992.0 || std::nearbyint(value) != value) return std::nullopt;
      return ExactToExact(Literal::Long(static_cast<int64_t>(value)), target);
    default: return std::nullopt;
  }
}

/// How a temporal type counts: in days, microseconds or nanoseconds, with or without zone; nullopt for the others.
struct TemporalUnit {
  bool zoned;
  Int128 nanos;
};
std::optional<TemporalUnit> UnitOf(TypeId id) {
  switch (id) {
    case TypeId::kDate: return TemporalUnit{false, Int128{kMicrosPerDay} * 1000};
    case TypeId::kTimestamp: return TemporalUnit{false, 1000};
    case TypeId::kTimestampTz: return TemporalUnit{true, 1000};
    case TypeId::kTimestampNs: return TemporalUnit{false, 1};
    case TypeId::kTimestampTzNs: return TemporalUnit{true, 1};
    default: return std::nullopt;
  }
}

std::optional<Literal> TemporalTo(const Literal& from, const Type& target) {
  auto from_unit = UnitOf(from.type().id());
  auto to_unit = UnitOf(target.id());
  if (!from_unit || !to_unit || from_unit->zoned != to_unit->zoned) return std::nullopt;
  Int128 nanos = Int128{from.AsInt64()} * from_unit->nanos;
  if (nanos % to_unit->nanos != 0) return std::nullopt;
  Int128 count = nanos / to_unit->nanos;
  auto narrow = static_cast<int64_t>(count);
  if (narrow != count) return std::nullopt;
  if (target.id() != TypeId::kDate) return Literal(target, narrow);
  if (static_cast<int32_t>(narrow) != narrow) return std::nullopt;
  return Literal::Date(static_cast<int32_t>(narrow));
}

}  // namespace

Literal Literal::Fixed(std::string bytes) {
  auto length = static_cast<int>(bytes.size());
  return Literal(Type::Fixed(length), std::move(bytes));
}

int64_t Literal::AsInt64() const {
  if (auto* narrow = std::get_if<int32_t>(&value_)) return *narrow;
  return std::get<int64_t>(value_);
}

bool Literal::is_nan() const {
  if (auto* f = std::get_if<float>(&value_)) return std::isnan(*f);
  if (auto* d = std::get_if<double>(&value_)) return std::isnan(*d);
  return false;
}

int Literal::Compare(const Literal& left, const Literal& right) {
  if (left.value_.index() != right.value_.index()) return Order(left.value_.index(), right.value_.index());
  return std::visit(
      [&](const auto& a) {
        using T = std::decay_t<decltype(a)>;
        const T& b = std::get<T>(right.value_);
        if constexpr (std::is_floating_point_v<T>) {
          return Order(TotalOrder(a), TotalOrder(b));
        } else if constexpr (std::is_same_v<T, lake::Uuid>) {
          return Order(a.bytes, b.bytes);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return Order(a.compare(b), 0);  // char_traits<char> compares as unsigned bytes
        } else {
          return Order(a, b);
        }
      },
      left.value_);
}

bool Literal::operator==(const Literal& other) const {
  return type_.id() == other.type_.id() && (type_.id() != TypeId::kDecimal || type_.scale() == other.type_.scale()) &&
         Compare(*this, other) == 0;
}

std::optional<Literal> Literal::CastTo(const Type& target) const {
  TypeId from = type_.id();
  TypeId to = target.id();
  if (from == to && from != TypeId::kDecimal && from != TypeId::kFixed) return *this;
  if (IsExactNumber(from)) {
    if (IsExactNumber(to)) return ExactToExact(*this, target);
    if (to == TypeId::kFloat || to == TypeId::kDouble) return ExactToFloating(*this, target);
    return std::nullopt;
  }
  if (from == TypeId::kFloat) return FloatingTo(as<float>(), target);
  if (from == TypeId::kDouble) return FloatingTo(as<double>(), target);
  if (UnitOf(from)) return TemporalTo(*this, target);
  if (from == TypeId::kString && to == TypeId::kUuid) {
    auto uuid = lake::Uuid::Parse(as<std::string>());
    if (uuid.ok()) return Literal::Uuid(*uuid);
  }
  bool bytes = (from == TypeId::kFixed || from == TypeId::kBinary);
  if (bytes && to == TypeId::kBinary) return Literal::Binary(as<std::string>());
  if (bytes && to == TypeId::kFixed && as<std::string>().size() == static_cast<size_t>(target.length())) {
    return Literal(target, as<std::string>());
  }
  return std::nullopt;
}

}  // namespace lake::iceberg
