// Vectors of AWS's published Signature Version 4 test suite and of the S3 documentation's examples.
#include "storage/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lake::storage {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kEmptyHash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kSuiteDate[] = "20150830T123600Z";

/// The suite signs host and x-amz-date only, for the service "service".
std::string SuiteSignature(const std::string& method, const std::string& path, const NameValues& query,
                           NameValues headers = {}, const std::string& body = "") {
  headers.emplace_back("Host", "example.amazonaws.com");
  headers.emplace_back("X-Amz-Date", kSuiteDate);
  SigningRequest request{method, path, query, headers, Sha256Hex(body)};
  std::string value = Authorization(
      request, {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service"}, kSuiteDate);
  EXPECT_THAT(value, HasSubstr("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "));
  return value.substr(value.rfind('=') + 1);
}

TEST(SigV4Test, PublishedSuite) {
  EXPECT_EQ(SuiteSignature("GET", "/", {}), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(SuiteSignature("POST", "/", {}), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  EXPECT_EQ(SuiteSignature("GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  EXPECT_EQ(SuiteSignature("GET", "/", {{"\xe1\x88\xb4", "bar"}}),
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
  EXPECT_EQ(
      SuiteSignature("GET", "/", {}, {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}),
      "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
  EXPECT_EQ(SuiteSignature("GET", "/", {}, {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
  EXPECT_EQ(SuiteSignature("POST", "/", {}, {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1"),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

TEST(SigV4Test, DocumentedS3Examples) {
  SigningKey key{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3"};
  auto sign = [&](const std::string& method, const std::string& path, const NameValues& query, NameValues headers,
                  const std::string& hash) {
    headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
    headers.emplace_back("x-amz-date", "20130524T000000Z");
    headers.emplace_back("x-amz-content-sha256", hash);
    return Authorization({method, path, query, headers, hash}, key, "20130524T000000Z");
  };
  EXPECT_EQ(sign("GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, kEmptyHash),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_THAT(sign("PUT", "/test%24file.text", {},
                   {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                   Sha256Hex("Welcome to Amazon S3.")),
              EndsWith("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
  EXPECT_THAT(sign("GET", "/", {{"lifecycle", ""}}, {}, kEmptyHash),
              EndsWith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  EXPECT_THAT(sign("GET", "/", {{"max-keys", "2"}, {"prefix", "J"}}, {}, kEmptyHash),
              EndsWith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(SigV4Test, CanonicalRequestIsSpelledOut) {
  EXPECT_EQ(
      CanonicalRequest({"GET", "/a%20b", {{"b", "2 3"}, {"a", ""}}, {{"Host", "h"}, {"X-Amz-Date", " d  e "}}, "HASH"}),
      "GET\n/a%20b\na=&b=2%203\nhost:h\nx-amz-date:d e\n\nhost;x-amz-date\nHASH");
}

TEST(SigV4Test, Digests) {
  EXPECT_EQ(Sha256Hex(""), kEmptyHash);
  EXPECT_EQ(Md5Hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(Md5Base64(""), "1B2M2Y8AsgTpgAmY7PhCfg==");
  EXPECT_EQ(FormatAmzDate(1440938160), kSuiteDate);
}

}  // namespace
}  // namespace lake::storage
