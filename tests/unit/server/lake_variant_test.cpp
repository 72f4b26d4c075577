// Variants from bytes, written down from Parquet's "Variant Binary Encoding", and from JSON to bytes and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "base/text_encoding.h"
#include "server/functions/json_text.h"
#include "server/lake/variant_binary.h"

namespace lake::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kNoNames = "010000";
constexpr const char* kNamesAB = "01020001026162";  // a, b

std::string Bytes(std::string_view hex) { return *HexDecode(hex); }

Result<std::string> Json(std::string_view metadata, std::string_view value) {
  std::string names_bytes = Bytes(metadata), value_bytes = Bytes(value), json;
  LAKE_ASSIGN_OR_RETURN(VariantNames names, VariantNames::Parse(names_bytes));
  LAKE_RETURN_IF_ERROR(AppendVariant(names, value_bytes, json));
  return json;
}

std::string Scalar(std::string_view value) {
  auto json = Json(kNoNames, value);
  return json.ok() ? *json : json.error().message();
}

TEST(Variant, Scalars) {
  EXPECT_EQ(Scalar("00"), "null");
  EXPECT_EQ(Scalar("04"), "true");
  EXPECT_EQ(Scalar("08"), "false");
  EXPECT_EQ(Scalar("0CFF"), "-1");
  EXPECT_EQ(Scalar("10D204"), "1234");
  EXPECT_EQ(Scalar("1440E20100"), "123456");
  EXPECT_EQ(Scalar("180000000000000080"), "-9223372036854775808");
  EXPECT_EQ(Scalar("1C000000000000F83F"), "1.5");
  EXPECT_EQ(Scalar("1C000000000000F87F"), "\"NaN\"");
  EXPECT_EQ(Scalar("1C000000000000F0FF"), "\"-Infinity\"");
  EXPECT_EQ(Scalar("380000003F"), "0.5");
  EXPECT_EQ(Scalar("200239300000"), "123.45");
  EXPECT_EQ(Scalar("2003FBFFFFFF"), "-0.005");
  EXPECT_EQ(Scalar("24020A00000000000000"), "0.10");
  EXPECT_EQ(Scalar("2800FFFFFFFF3F228A097AC4865AA84C3B4B"), "99999999999999999999999999999999999999");
  EXPECT_EQ(Scalar("2CFFFFFFFF"), "\"1969-12-31\"");
  EXPECT_EQ(Scalar("30FFFFFFFFFFFFFFFF"), "\"1969-12-31 23:59:59.999999+00:00\"");
  EXPECT_EQ(Scalar("3420A1070000000000"), "\"1970-01-01 00:00:00.5\"");
  EXPECT_EQ(Scalar("480100000000000000"), "\"1970-01-01 00:00:00.000000001+00:00\"");
  EXPECT_EQ(Scalar("4C00CA9A3B00000000"), "\"1970-01-01 00:00:01\"");
  EXPECT_EQ(Scalar("4440420F0000000000"), "\"00:00:01\"");
  EXPECT_EQ(Scalar("3C02000000FF00"), "\"/wA=\"");
  EXPECT_EQ(Scalar("40020000006122"), R"("a\"")");
  EXPECT_EQ(Scalar("096869"), "\"hi\"");
  EXPECT_EQ(Scalar("5000112233445566778899AABBCCDDEEFF"), "\"00112233-4455-6677-8899-aabbccddeeff\"");
}

TEST(Variant, ObjectsAndArrays) {
  EXPECT_EQ(*Json(kNamesAB, "020200010002030C0108"), R"({"a":1,"b":false})");
  EXPECT_EQ(*Json(kNamesAB, "020200010200030C0108"), R"({"a":false,"b":1})") << "fields may lie in any order";
  EXPECT_EQ(*Json(kNamesAB, "030000"), "[]");
  EXPECT_EQ(*Json(kNamesAB, "03020002050C01020000"), R"([1,{}])");
  EXPECT_EQ(*Json(kNamesAB, "1301000000000100"), "[null]") << "a size of four bytes";
}

TEST(Variant, BrokenBytes) {
  auto broken = [](std::string_view metadata, std::string_view value, const char* what) {
    EXPECT_THAT(Json(metadata, value), AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr(what)))) << value;
  };
  broken("", "00", "no metadata");
  broken("020000", "00", "metadata of version 2");
  broken("0105", "00", "metadata has 0 bytes where 6 are needed");
  broken(kNoNames, "", "no bytes");
  broken(kNoNames, "1401", "value has 1 bytes where 4 are needed");
  broken(kNoNames, "0D68", "value has 1 bytes where 3 are needed");
  broken(kNoNames, "40FFFFFFFF61", "value has 1 bytes where 4294967295 are needed");
  broken(kNoNames, "FC", "primitive type 63 is not known");
  broken(kNoNames, "202700000000", "a decimal of scale 39");
  broken(kNoNames, "44FFFFFFFFFFFFFFFF", "a time outside of its day");
  broken(kNoNames, "05C3", "byte sequence");
  broken(kNoNames, "0500", "byte sequence");
  broken(kNoNames, "020100000100", "field 0 of 0 names");
  broken(kNamesAB, "020100090100", "a field lies outside of its object");
  broken("0101000561", "020100000100", "a name lies outside of the metadata");
  broken(kNoNames, "0301090100", "an element lies outside of its array");
  broken(kNoNames, "13FFFFFFFF00", "values overlap");
}

TEST(Variant, NoBytesAreReadTwice) {
  std::string value = "00";  // of each level, all elements are the next one
  for (int level = 0; level < 8; ++level) value = "0308000000000000000000" + value;
  EXPECT_THAT(Json(kNoNames, value), AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr("overlap"))));
}

TEST(Variant, Depth) {
  std::string value = "00";
  for (int level = 0; level < kMaxVariantDepth; ++level) value = "0F0100000000FFFFFF00" + value;
  EXPECT_OK(Json(kNoNames, value));
  EXPECT_THAT(Json(kNoNames, "0F0100000000FFFFFF00" + value), HasMessage(HasSubstr("more than 1000 levels")));
}

TEST(Variant, EncodesTheFewestBytes) {
  auto encoded = [](std::string_view json) {
    auto bytes = EncodeVariant(json);
    return bytes.ok() ? HexEncode(bytes->metadata) + " " + HexEncode(bytes->value) : bytes.error().message();
  };
  EXPECT_EQ(encoded("null"), "110000 00");
  EXPECT_EQ(encoded("-128"), "110000 0C80");
  EXPECT_EQ(encoded("128"), "110000 108000");
  EXPECT_EQ(encoded("123456"), "110000 1440E20100");
  EXPECT_EQ(encoded("9223372036854775807"), "110000 18FFFFFFFFFFFFFF7F");
  EXPECT_EQ(encoded("123.45"), "110000 200239300000");
  EXPECT_EQ(encoded("-0.005"), "110000 2003FBFFFFFF");
  EXPECT_EQ(encoded(R"({"b": 1, "aa": [true, "hi"]})"), "1102000203616162 0202000102000B0C01030200010404096869");
}

TEST(Variant, JsonAndBack) {
  std::string many = "[", names = "{";
  for (int i = 0; i < 300; ++i) {
    many += fmt::format("{}{}", i == 0 ? "" : ", ", i * 100);
    names += fmt::format("{}\"name{:03}\": {}", i == 0 ? "" : ", ", i, i);
  }
  many += "]";
  names += "}";
  for (const std::string& json :
       {std::string("null"), std::string("true"), std::string("\"\""), std::string("[]"), std::string("{}"),
        std::string(R"({"": 1, "a": {"a": [null, {"b": "\u0001\"\\"}]}, "Zoë": "ß"})"), std::string("1.10"),
        std::string("0.00"), std::string("9223372036854775808"), std::string("-99999999999999999999999999999999999999"),
        std::string("0.00000000000000000000000000000000000001"), "1" + std::string(300, '0'),
        "\"" + std::string(100000, 'x') + "\"", many, names, "[" + names + ", " + many + "]"}) {
    auto bytes = EncodeVariant(json);
    ASSERT_TRUE(bytes.ok()) << bytes.error().message();
    auto back = Json(HexEncode(bytes->metadata), HexEncode(bytes->value));
    ASSERT_TRUE(back.ok()) << back.error().message();
    EXPECT_EQ(NormalizeJson(*back), NormalizeJson(json));
  }
}

TEST(Variant, WhatCannotBeWritten) {
  for (const std::string& number :
       {"1" + std::string(38, '0') + "1", "0.1" + std::string(38, '0') + "1", "1" + std::string(400, '0')}) {
    EXPECT_THAT(EncodeVariant(number),
                AllOf(HasKind(ErrorKind::kInvalidInput), HasMessage(HasSubstr("a decimal of 38 digits or a double"))));
  }
  std::string deep(kMaxVariantDepth + size_t{1}, '[');
  EXPECT_OK(EncodeVariant(deep + std::string(deep.size(), ']')));
  EXPECT_THAT(EncodeVariant("[" + deep + std::string(deep.size() + 1, ']')),
              HasMessage(HasSubstr("at most 1000 levels")));
}

}  // namespace
}  // namespace lake::server
