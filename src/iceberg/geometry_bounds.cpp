// See the header.
//
//   geometry  order: 0 big-endian, 1 little-endian; uint32 type: kind + 1000 for Z, 2000 for M, 3000 for both; then
//     1 point                     its coordinates, doubles
//     2 line                      uint32 count, points
//     3 polygon                   uint32 count, rings: uint32 count, points
//     4 to 7 multiples, collection  uint32 count, geometries
#include "iceberg/geometry_bounds.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace lake::iceberg {

namespace {

constexpr int kMaxDepth = 100;

using Coordinates = std::array<double, 4>;

/// fmin and fmax pass over NaN.
class Box {
 public:
  Box(std::string_view wkb, Coordinates& low, Coordinates& high) : rest_(wkb), low_(low), high_(high) {}

  /// False for bytes that are no geometry.
  bool AddGeometry(int depth = 0) {
    if (rest_.empty() || depth > kMaxDepth) return false;
    is_little_ = rest_[0] == 1;
    rest_.remove_prefix(1);
    auto type = Number<uint32_t>();
    if (!type || *type >= 4000) return false;
    const uint32_t dimensions = *type / 1000;
    switch (*type % 1000) {
      case 1: return AddPoint(dimensions);
      case 2: return AddPoints(dimensions);
      case 3: return Repeat([&] { return AddPoints(dimensions); });
      case 4:
      case 5:
      case 6:
      case 7: return Repeat([&] { return AddGeometry(depth + 1); });
      default: return false;
    }
  }

  bool is_at_end() const { return rest_.empty(); }

 private:
  template <typename T>
  std::optional<T> Number() {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof(T); ++i) {
      bits = bits << 8 | static_cast<uint8_t>(rest_[is_little_ ? sizeof(T) - 1 - i : i]);
    }
    rest_.remove_prefix(sizeof(T));
    if constexpr (sizeof(T) == sizeof(double)) return std::bit_cast<T>(bits);
    return static_cast<T>(bits);
  }

  template <typename Part>
  bool Repeat(Part&& part) {
    const bool is_little = is_little_;  // parts have their own
    auto count = Number<uint32_t>();
    for (uint32_t i = 0; count && i < *count; ++i) {
      if (!part()) return false;
      is_little_ = is_little;
    }
    return count.has_value();
  }

  bool AddPoints(uint32_t dimensions) {
    return Repeat([&] { return AddPoint(dimensions); });
  }

  bool AddPoint(uint32_t dimensions) {
    if (!AddCoordinate(0) || !AddCoordinate(1)) return false;
    if ((dimensions == 1 || dimensions == 3) && !AddCoordinate(2)) return false;
    return dimensions < 2 || AddCoordinate(3);
  }

  bool AddCoordinate(size_t axis) {
    auto value = Number<double>();
    if (!value) return false;
    low_[axis] = std::fmin(low_[axis], *value);
    high_[axis] = std::fmax(high_[axis], *value);
    return true;
  }

  std::string_view rest_;
  bool is_little_ = true;
  Coordinates& low_;
  Coordinates& high_;
};

}  // namespace

void GeometryBounds::Add(std::string_view wkb) {
  Box box(wkb, low_, high_);
  is_readable_ = is_readable_ && box.AddGeometry() && box.is_at_end();
}

void GeometryBounds::Merge(const GeometryBounds& other) {
  is_readable_ = is_readable_ && other.is_readable_;
  for (size_t axis = 0; axis < low_.size(); ++axis) {
    low_[axis] = std::fmin(low_[axis], other.low_[axis]);
    high_[axis] = std::fmax(high_[axis], other.high_[axis]);
  }
}

std::optional<std::string> GeometryBounds::Corner(const Coordinates& corner) const {
  if (!is_readable_ || std::isnan(corner[0]) || std::isnan(corner[1])) return std::nullopt;
  const size_t axes = !std::isnan(corner[3]) ? 4 : !std::isnan(corner[2]) ? 3 : 2;
  std::string bytes;
  for (size_t axis = 0; axis < axes; ++axis) {
    auto bits = std::bit_cast<uint64_t>(corner[axis]);
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(bits >> shift);
  }
  return bytes;
}

}  // namespace lake::iceberg
