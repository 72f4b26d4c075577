#include "base/int128.h"

#include "base/result_matchers.h"

namespace lake {
namespace {

constexpr Int128 kMin = static_cast<Int128>(static_cast<unsigned __int128>(1) << 127);

TEST(Int128, TextRoundTripAtTheEdges) {
  for (const char* text : {"0", "-1", "99999999999999999999999999999999999999",
                           "170141183460469231731687303715884105727", "-170141183460469231731687303715884105728"}) {
    ASSERT_OK_AND_ASSIGN(Int128 value, ParseInt128(text));
    EXPECT_EQ(Int128ToString(value), text);
  }
  EXPECT_THAT(ParseInt128("170141183460469231731687303715884105728"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ParseInt128("-170141183460469231731687303715884105729"), HasKind(ErrorKind::kInvalidInput));
  for (const char* text : {"", "-", "1x", "+1", " 1"}) EXPECT_FALSE(ParseInt128(text).ok()) << text;
}

TEST(Int128, BigEndianIsMinimal) {
  EXPECT_EQ(Int128ToBigEndian(0), std::string(1, '\0'));
  EXPECT_EQ(Int128ToBigEndian(127), "\x7f");
  EXPECT_EQ(Int128ToBigEndian(128), std::string("\x00\x80", 2));
  EXPECT_EQ(Int128ToBigEndian(-1), "\xff");
  EXPECT_EQ(Int128ToBigEndian(-128), "\x80");
  EXPECT_EQ(Int128ToBigEndian(-129), "\xff\x7f");
  EXPECT_EQ(Int128ToBigEndian(kMin).size(), 16u);
  EXPECT_EQ(Int128ToBigEndian(-2, 4), "\xff\xff\xff\xfe");
}

TEST(Int128, BigEndianRoundTrip) {
  for (Int128 value : {Int128{0}, Int128{-1}, Int128{300}, Int128{-300}, PowerOfTen(38) - 1, -PowerOfTen(38), kMin}) {
    ASSERT_OK_AND_ASSIGN(Int128 back, Int128FromBigEndian(Int128ToBigEndian(value)));
    EXPECT_TRUE(back == value);
  }
  EXPECT_FALSE(Int128FromBigEndian("").ok());
  EXPECT_FALSE(Int128FromBigEndian(std::string(17, '\0')).ok());
}

}  // namespace
}  // namespace lake
