#include "base/json.h"

#include "base/result_matchers.h"
#include "base/text_encoding.h"

namespace lake {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Json, DeepNestingIsRefusedBeforeParsing) {
  std::string deep(100000, '[');
  EXPECT_THAT(ParseJson(deep, "x"), AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr("deeper"))));
  EXPECT_OK(ParseJson("{\"a\": \"[[[[[[\\\"[[[\"}", "x", {.max_depth = 1}));
}

TEST(Json, ErrorsNameTheDocumentAndTheByte) {
  EXPECT_THAT(ParseJson("{\"a\": }", "s3://b/x.json"),
              AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr("s3://b/x.json at byte 7"))));
  EXPECT_THAT(ParseJson("[1e999]", "x"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(ParseJson("[\"\xff\"]", "x"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(ParseJson("[1,2]", "x", {.max_bytes = 3}), HasMessage(HasSubstr("at most 3")));
}

TEST(Json, AccessorsNameTheMember) {
  Json json = *ParseJson(R"({"n": 1, "f": 2.0, "big": 18446744073709551615, "s": "x", "nil": null})", "x");
  JsonObject object(json, "thing");
  EXPECT_EQ(*object.Int64("n"), 1);
  EXPECT_EQ(*object.Int64("f"), 2);
  EXPECT_THAT(object.Int64("big"), HasMessage(HasSubstr("out of range")));
  EXPECT_THAT(object.Int64("s"), HasMessage("\"s\" of thing is not an integer but string"));
  EXPECT_THAT(object.String("nil"), HasMessage("missing field in thing: nil"));
  EXPECT_EQ(*object.OptionalString("nil"), std::nullopt);
  EXPECT_THAT(object.OptionalBool("s"), HasKind(ErrorKind::kCorrupt));
  Json list = Json::array();
  EXPECT_THAT(JsonObject(list, "list").OptionalInt64("a"), HasMessage("list is not an object but array"));
}

TEST(Json, BrokenTextIsNotWritten) { EXPECT_THAT(DumpJson(Json("\xff")), HasKind(ErrorKind::kInvalidInput)); }

TEST(TextEncoding, HexAndBase64) {
  EXPECT_EQ(HexEncode(std::string("\x00\xab", 2)), "00AB");
  EXPECT_EQ(*HexDecode("00aB"), std::string("\x00\xab", 2));
  EXPECT_FALSE(HexDecode("0").ok());
  EXPECT_FALSE(HexDecode("0g").ok());
  for (std::string text : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd\xfc"}) {
    EXPECT_EQ(*Base64Decode(Base64Encode(text)), text);
  }
  for (const char* bad : {"A", "AAA", "AAA!", "A===", "AB==", "AAB=", "=AAA", "AA=A"}) {
    EXPECT_FALSE(Base64Decode(bad).ok()) << bad;
  }
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(UrlEncode("a b/c%ä"), "a%20b%2Fc%25%C3%A4");
}

}  // namespace
}  // namespace lake
