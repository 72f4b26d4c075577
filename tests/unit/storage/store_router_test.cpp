#include "storage/store_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "s3_fake.h"
#include "storage/parallel.h"

namespace lake::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

S3Credentials Key(const std::string& key_id, const std::string& scope, const std::string& endpoint = "") {
  S3Credentials credentials;
  credentials.key_id = key_id;
  credentials.secret = "secret of " + key_id;
  credentials.session_token = "token of " + key_id;
  credentials.scope = scope;
  credentials.endpoint = endpoint;
  return credentials;
}

TEST(CredentialsTest, LongestScopeWins) {
  CredentialList list;
  EXPECT_EQ(*list.Find("s3://b/x"), std::nullopt);
  list.Add(Key("all", ""));
  list.Add(Key("deep", "s3://b/t/"));
  list.Add(Key("bucket", "s3://b/"));
  EXPECT_EQ((*list.Find("s3://b/t/x"))->key_id, "deep");
  EXPECT_EQ((*list.Find("s3://b/x"))->key_id, "bucket");
  EXPECT_EQ((*list.Find("s3://bb/x"))->key_id, "all");
}

TEST(CredentialsTest, TextShowsNothingSecret) {
  std::string text = Key("KEYID", "s3://b/").ToString();
  EXPECT_THAT(text, HasSubstr("s3://b/"));
  EXPECT_THAT(text, Not(HasSubstr("KEYID")));
  EXPECT_THAT(text, Not(HasSubstr("secret of")));
  EXPECT_THAT(text, Not(HasSubstr("token of")));
}

TEST(StoreRouterTest, SendsEachSchemeToItsStore) {
  std::string pattern = (fs::temp_directory_path() / "lake-router-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  S3Fake one, two;
  auto list = std::make_shared<CredentialList>();
  list->Add(Key("one", "", one.endpoint()));
  list->Add(Key("two", "s3://two/", two.endpoint()));
  StoreRouter router(LocalPolicy({pattern}), list);
  std::vector<std::string> locations = {"file://" + pattern + "/x", "s3://one/x", "s3a://one/y", "s3://two/x"};
  std::vector<ObjectToWrite> objects;
  for (const std::string& location : locations) objects.push_back({location, location});
  auto written = WriteParallel(router, objects, 3, {.if_absent = true});
  ASSERT_TRUE(written.ok()) << written.error().message();
  EXPECT_EQ(one.objects().size(), 2u);
  EXPECT_EQ(two.objects().size(), 1u);
  EXPECT_TRUE(fs::exists(pattern + "/x"));
  auto bodies = ReadParallel(router, {{locations[0]}, {locations[1], 2, 3}, {locations[3]}}, 2);
  ASSERT_TRUE(bodies.ok());
  EXPECT_EQ(*bodies, (std::vector<std::string>{locations[0], "://", locations[3]}));
  ASSERT_TRUE(router.RemoveMany(locations).ok());
  EXPECT_TRUE(one.objects().empty() && two.objects().empty() && !fs::exists(pattern + "/x"));
  fs::remove_all(pattern);
}

TEST(StoreRouterTest, NewSecretsAreUsedAtOnce) {
  S3Fake fake;
  auto list = std::make_shared<CredentialList>();
  list->Add(Key("first", "", fake.endpoint()));
  StoreRouter router(LocalPolicy(), list);
  ASSERT_TRUE(router.Put("s3://b/t/x", "1").ok());
  list->Add(Key("second", "s3://b/t/", fake.endpoint()));
  ASSERT_TRUE(router.Get("s3://b/t/x").ok());
  EXPECT_THAT(fake.requests()[0].headers.at("authorization"), HasSubstr("Credential=first/"));
  EXPECT_THAT(fake.requests()[1].headers.at("authorization"), HasSubstr("Credential=second/"));
}

TEST(StoreRouterTest, NamesTheSchemesThatWork) {
  StoreRouter router(LocalPolicy(), nullptr);
  for (const char* location : {"gs://b/k", "az://c/k", "abfss://c@a/k", "https://h/k"}) {
    auto get = router.Get(location);
    ASSERT_FALSE(get.ok());
    EXPECT_EQ(get.error().kind(), ErrorKind::kUnsupported);
    EXPECT_THAT(get.error().message(), HasSubstr(std::string("unsupported URL \"") + location));
    EXPECT_THAT(get.error().hint(), HasSubstr("s3://"));
  }
  EXPECT_EQ(router.Get("/etc/passwd").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(router.Get("file:///etc/passwd").error().kind(), ErrorKind::kPermissionDenied);
}

TEST(StoreRouterTest, TellsTheRegionOfABucket) {
  S3Fake fake;
  auto list = std::make_shared<CredentialList>();
  list->Add(Key("key", "", fake.endpoint()));
  StoreRouter router(LocalPolicy(), list);
  fake.Script(S3Fake::Status(200, "", "", {{"x-amz-bucket-region", "eu-west-3"}}));
  EXPECT_EQ(*router.BucketRegion("s3://b/any/key"), "eu-west-3");
  EXPECT_EQ(router.BucketRegion("file:///x").error().kind(), ErrorKind::kUnsupported);
}

TEST(ParallelTest, RunsAllAndReportsTheFirstError) {
  std::atomic<int> sum = 0;
  ASSERT_TRUE(RunParallel(100, 7, [&](size_t i) -> Status { return sum += static_cast<int>(i), Status(); }).ok());
  EXPECT_EQ(sum, 4950);
  ASSERT_TRUE(RunParallel(0, 7, [](size_t) -> Status { return Internal("never"); }).ok());
  std::atomic<int> started = 0;
  auto status = RunParallel(1000, 1, [&](size_t i) -> Status {
    ++started;
    if (i >= 5) return InvalidInput("task {}", i);
    return {};
  });
  EXPECT_EQ(status.error().message(), "task 5");
  EXPECT_EQ(started, 6);
}

}  // namespace
}  // namespace lake::storage
