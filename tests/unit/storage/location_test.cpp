#include "storage/location.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lake::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LocationTest, SplitsBucketAndKeyLiterally) {
  auto location = ParseLocation("s3://lake/t/data/a b%20c+d\xc3\xa9.parquet");
  ASSERT_TRUE(location.ok());
  EXPECT_EQ(location->scheme, Scheme::kS3);
  EXPECT_EQ(location->bucket, "lake");
  EXPECT_EQ(location->key, "t/data/a b%20c+d\xc3\xa9.parquet");
  EXPECT_EQ(location->text, "s3://lake/t/data/a b%20c+d\xc3\xa9.parquet");
}

TEST(LocationTest, KnowsSchemes) {
  EXPECT_EQ(ParseLocation("s3a://b/k")->scheme, Scheme::kS3);
  EXPECT_EQ(ParseLocation("S3://b/k")->scheme, Scheme::kS3);
  EXPECT_EQ(ParseLocation("gs://b/k")->scheme, Scheme::kGcs);
  EXPECT_EQ(ParseLocation("abfss://c@a.dfs.core.windows.net/k")->scheme, Scheme::kAzure);
  EXPECT_EQ(ParseLocation("https://h/k")->scheme, Scheme::kHttp);
  EXPECT_EQ(ParseLocation("file:///a/b")->key, "/a/b");
  EXPECT_EQ(ParseLocation("file:/a/b")->key, "/a/b");
  EXPECT_EQ(ParseLocation("s3://bucket")->key, "");
}

TEST(LocationTest, RefusesWhatIsNoLocation) {
  for (const char* text : {"", "/etc/passwd", "x", "ftp://h/f", "s3:b/k", "s3:/b/k", "://", "c:\\x", "@STAGE/x"}) {
    auto location = ParseLocation(text);
    ASSERT_FALSE(location.ok()) << text;
    EXPECT_EQ(location.error().kind(), ErrorKind::kInvalidInput);
    EXPECT_THAT(location.error().message(), HasSubstr("unsupported URL")) << text;
  }
  for (const char* text : {"s3:///k", "file://host/x", "file:x", "file:///a/../b", "file:///a/.", "file:///..",
                           "s3://b/a\nb", "s3://b/a#b", "file:///a?b"}) {
    auto location = ParseLocation(text);
    ASSERT_FALSE(location.ok()) << text;
    EXPECT_EQ(location.error().kind(), ErrorKind::kInvalidInput) << text;
  }
  EXPECT_FALSE(ParseLocation(std::string("s3://b/a\0b", 10)).ok());
  EXPECT_FALSE(ParseLocation("s3://b/" + std::string(kMaxLocationLength, 'x')).ok());
}

TEST(LocationTest, NamesTheQueryParameterButNotItsValue) {
  auto location = ParseLocation("s3://b/k?X-Amz-Signature=abcdef");
  ASSERT_FALSE(location.ok());
  EXPECT_EQ(location.error().message(), "query parameter \"X-Amz-Signature\" is not permitted in cloud storage URLs");
}

TEST(LocationTest, PercentEncodingRoundTrips) {
  EXPECT_EQ(PercentEncode("a/b c%+\xc3\xa9~-_.", true), "a/b%20c%25%2B%C3%A9~-_.");
  EXPECT_EQ(PercentEncode("a/b", false), "a%2Fb");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(*PercentDecode(PercentEncode(all, false)), all);
  for (const char* broken : {"%", "a%2", "%zz", "%%41"}) EXPECT_FALSE(PercentDecode(broken).ok()) << broken;
}

}  // namespace
}  // namespace lake::storage
