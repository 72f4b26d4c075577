// Small numerics: the same answers as NumericValue's, over random and extreme numbers.
#include "server/functions/small_numeric.h"

#include <gtest/gtest.h>

#include <random>

#include "server/functions/numeric_value.h"

namespace lake::server {
namespace {

SmallNumeric Small(const std::string& text) {
  SmallNumeric value;
  EXPECT_TRUE(ParseSmall(text, value)) << text;
  return value;
}

std::string Text(const SmallNumeric& value) { return std::string(SmallNumericBytes::Text(value).view()); }

std::vector<std::string> Numbers() {
  std::vector<std::string> numbers = {"0",
                                      "0.00",
                                      "1",
                                      "-1",
                                      "9",
                                      "10",
                                      "9999",
                                      "10000",
                                      "-9999.9999",
                                      "0.1",
                                      "0.0001",
                                      "0.00001",
                                      "-0.00009999",
                                      "99999999999999999999999999999999999999",
                                      "-0.9999999999999999999999999999999999999",
                                      "1000000000000000000",
                                      "18446744073709551616"};
  std::mt19937_64 random(7);
  for (int i = 0; i < 400; ++i) {
    size_t digits = 1 + random() % 30;
    std::string text(1, static_cast<char>('1' + random() % 9));
    while (text.size() < digits) text.push_back(static_cast<char>(random() % 4 == 0 ? '0' : '0' + random() % 10));
    size_t scale = random() % (digits + 3);
    if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
    if (scale > 0) text.insert(text.size() - scale, 1, '.');
    numbers.push_back(random() % 3 == 0 ? "-" + text : text);
  }
  return numbers;
}

TEST(SmallNumeric, TextsAndKeysAreThoseOfNumericValue) {
  for (const std::string& text : Numbers()) {
    NumericValue value = NumericValue::Parse(text);
    EXPECT_EQ(Text(Small(text)), value.ToText());
    EXPECT_EQ(SmallNumericBytes::Key(Small(text)).view(), value.ToKey()) << text;
  }
}

TEST(SmallNumeric, LeavesWhatIsNotPlain) {
  SmallNumeric value;
  for (const char* text : {"", "-", ".", ".5", "-.5", "+1", " 1", "1 ", "1e3", "1.2.3", "NaN", "Infinity",
                           "123456789012345678901234567890123456789", "0.00000000000000000000000000000000000000001"})
    EXPECT_FALSE(ParseSmall(text, value)) << text;
}

using SmallOperation = bool (*)(const SmallNumeric&, const SmallNumeric&, SmallNumeric&);
using Operation = NumericValue (*)(const NumericValue&, const NumericValue&);

void ExpectSame(SmallOperation small, Operation large, size_t at_least) {
  size_t done = 0;
  std::vector<std::string> numbers = Numbers();
  for (size_t i = 0; i < numbers.size(); ++i) {
    for (size_t j = i % 7; j < numbers.size(); j += 7) {
      SmallNumeric result;
      if (!small(Small(numbers[i]), Small(numbers[j]), result)) continue;
      ++done;
      EXPECT_EQ(Text(result), large(NumericValue::Parse(numbers[i]), NumericValue::Parse(numbers[j])).ToText())
          << numbers[i] << " and " << numbers[j];
    }
  }
  EXPECT_GT(done, at_least);  // of 25,000: the small ones are not always left out
}

TEST(SmallNumeric, Adds) { ExpectSame(AddSmall, Add, 20'000); }
TEST(SmallNumeric, Subtracts) { ExpectSame(SubtractSmall, Subtract, 20'000); }
TEST(SmallNumeric, Multiplies) { ExpectSame(MultiplySmall, Multiply, 15'000); }
TEST(SmallNumeric, Divides) { ExpectSame(DivideSmall, Divide, 8'000); }
TEST(SmallNumeric, TakesRemainders) { ExpectSame(ModuloSmall, Modulo, 20'000); }

TEST(SmallNumeric, TakesTheNearestSquareRoot) {
  const char* pairs[][2] = {{"0", "0"},
                            {"2.00", "1.41"},
                            {"2.0000000000000000", "1.4142135623730950"},
                            {"3", "2"},
                            {"0.2500", "0.5000"},
                            {"12345678987654321", "111111111"},
                            {"99999999999999999999999999999999999999", "10000000000000000000"}};
  for (auto& pair : pairs) {
    SmallNumeric root;
    EXPECT_TRUE(SquareRootSmall(Small(pair[0]), root));
    EXPECT_EQ(Text(root), pair[1]) << pair[0];
  }
  SmallNumeric root;
  EXPECT_FALSE(SquareRootSmall(Small("-1"), root));
}

TEST(SmallNumeric, RefusesWhatDoesNotFit) {
  SmallNumeric result;
  SmallNumeric largest = Small("99999999999999999999999999999999999999");
  EXPECT_FALSE(AddSmall(largest, Small("1"), result));
  EXPECT_FALSE(AddSmall(largest, Small("0.1"), result));
  EXPECT_FALSE(MultiplySmall(largest, Small("10"), result));
  EXPECT_FALSE(DivideSmall(Small("1"), Small("0.00"), result));
  EXPECT_FALSE(DivideSmall(Small("1"), largest, result));
  EXPECT_FALSE(ModuloSmall(Small("1"), Small("0"), result));
  SmallNumeric too_large{largest.unscaled + 1, 0};  // as a sum of DECIMALs may be
  EXPECT_FALSE(DivideSmall(too_large, Small("3"), result));
  EXPECT_FALSE(DivideSmall(Small("3"), too_large, result));
}

}  // namespace
}  // namespace lake::server
