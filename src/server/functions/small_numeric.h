// Numerics that fit into 128 bits: nearly all. The same results as NumericValue's, without its memory; what does not
// fit is left to it.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lake::server {

/// unscaled * 10^-scale; at most kMaxSmallDigits digits, 0 <= scale <= kMaxSmallScale.
struct SmallNumeric {
  __int128 unscaled = 0;
  int scale = 0;
};

inline constexpr int kMaxSmallDigits = 38;  // 10^38 is just below 2^127
inline constexpr int kMaxSmallScale = 100;

/// False for anything but digits with a sign before and a point among them (blanks, exponents, NaN, infinities, syntax
/// errors), and for too many of them.
bool ParseSmall(std::string_view text, SmallNumeric& value);

/// False where the result does not fit. The scale is the larger one; of a product it is the sum; of a quotient it is
/// what PostgreSQL chooses (pg_numeric.h). Division by zero is left to others, too.
bool AddSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result);
bool SubtractSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result);
bool MultiplySmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result);
bool DivideSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result);
bool ModuloSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result);

/// To the nearest number of as many decimals; false for negative numbers, too.
bool SquareRootSmall(const SmallNumeric& value, SmallNumeric& result);

/// A text or key in a buffer of its own.
class SmallNumericBytes {
 public:
  /// As NumericValue::ToText() prints it.
  static SmallNumericBytes Text(const SmallNumeric& value);
  /// As NumericValue::ToKey() gives it.
  static SmallNumericBytes Key(const SmallNumeric& value);

  std::string_view view() const { return {buffer_.data() + begin_, size_}; }

 private:
  std::array<char, kMaxSmallDigits + kMaxSmallScale + 4> buffer_;
  size_t begin_ = 0;
  size_t size_ = 0;
};

}  // namespace lake::server
