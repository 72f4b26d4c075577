// The bounds of a column of type geometry (rule 28): two corners of the box around all points, as x, y, z, m, eight
// bytes each, little-endian. z and m are left out where no point has them; where only m is there, z is NaN.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace lake::iceberg {

class GeometryBounds {
 public:
  /// Well-Known Binary of ISO 19125. What is none, or of a type that Iceberg's geometry has not, leaves no bounds at
  /// all.
  void Add(std::string_view wkb);
  /// Adds what another one of the same column has seen.
  void Merge(const GeometryBounds& other);

  /// nullopt where there was no point. NaN is no coordinate: empty points are made of it.
  std::optional<std::string> Lower() const { return Corner(low_); }
  std::optional<std::string> Upper() const { return Corner(high_); }

 private:
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  using Coordinates = std::array<double, 4>;

  std::optional<std::string> Corner(const Coordinates& corner) const;

  Coordinates low_ = {kNone, kNone, kNone, kNone};
  Coordinates high_ = low_;
  bool is_readable_ = true;
};

}  // namespace lake::iceberg
