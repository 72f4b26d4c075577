// The S3 store against a real server. Runs where LAKE_TEST_S3_ENDPOINT (http://host:port), and if needed
// LAKE_TEST_S3_KEY_ID and LAKE_TEST_S3_SECRET (any, any), LAKE_TEST_S3_BUCKET (lake-test, must exist) are set: the e2e
// tier does that. Without an endpoint it fails, because it would test nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/uuid.h"
#include "storage/parallel.h"
#include "storage/store_router.h"

namespace lake::storage {
namespace {

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string Noise(size_t size) {
  std::string bytes(size, '\0');
  uint64_t state = 88172645463325252u;
  for (char& c : bytes) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    c = static_cast<char>(state);
  }
  return bytes;
}

class S3LiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    S3Credentials credentials;
    credentials.endpoint = Setting("LAKE_TEST_S3_ENDPOINT", "");
    ASSERT_FALSE(credentials.endpoint.empty()) << "set LAKE_TEST_S3_ENDPOINT=http://127.0.0.1:<port>";
    credentials.key_id = Setting("LAKE_TEST_S3_KEY_ID", "any");
    credentials.secret = Setting("LAKE_TEST_S3_SECRET", "any");
    auto list = std::make_shared<CredentialList>();
    list->Add(credentials);
    store_ = std::make_unique<StoreRouter>(LocalPolicy(), list);
    prefix_ = "s3://" + Setting("LAKE_TEST_S3_BUCKET", "lake-test") + "/live/" + Uuid::Random().ToString() + "/";
  }
  void TearDown() override {
    if (!store_) return;
    EXPECT_TRUE(store_->RemoveMany(Names(prefix_)).ok());
    EXPECT_TRUE(Names(prefix_).empty());
  }

  std::vector<std::string> Names(const std::string& prefix) {
    std::vector<std::string> names;
    auto status = store_->List(prefix, [&](const ObjectInfo& info) {
      names.push_back(info.location);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.error().message();
    return names;
  }

  std::unique_ptr<StoreRouter> store_;
  std::string prefix_;
};

TEST_F(S3LiveTest, RoundTrip) {
  auto put = store_->Put(prefix_ + "x", "hello world", {.if_absent = true});
  ASSERT_TRUE(put.ok()) << put.error().message() << put.error().detail();
  EXPECT_EQ(put->size, 11u);
  EXPECT_EQ(*store_->Get(prefix_ + "x"), "hello world");
  EXPECT_EQ(*store_->GetRange(prefix_ + "x", 6, 100), "world");
  EXPECT_EQ(*store_->GetRange(prefix_ + "x", 11, 1), "");
  auto head = store_->Head(prefix_ + "x");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->size, 11u);
  EXPECT_EQ(head->etag, put->etag);
  EXPECT_GT(head->modified_us, 1600000000000000);
  EXPECT_EQ(store_->Get(prefix_ + "none").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->Head(prefix_ + "none").error().kind(), ErrorKind::kNotFound);
  ASSERT_TRUE(store_->Put(prefix_ + "empty", "").ok());
  EXPECT_EQ(*store_->Get(prefix_ + "empty"), "");
  EXPECT_EQ(*store_->GetRange(prefix_ + "empty", 0, 10), "");
  ASSERT_TRUE(store_->Remove(prefix_ + "x").ok());
  ASSERT_TRUE(store_->Remove(prefix_ + "x").ok());
  EXPECT_EQ(store_->Head(prefix_ + "x").error().kind(), ErrorKind::kNotFound);
}

TEST_F(S3LiveTest, ConditionalPutKeepsTheFirst) {
  ASSERT_TRUE(store_->Put(prefix_ + "x", "one", {.if_absent = true}).ok());
  auto second = store_->Put(prefix_ + "x", "two", {.if_absent = true});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(*store_->Get(prefix_ + "x"), "one");
  ASSERT_TRUE(store_->Put(prefix_ + "x", "three").ok());
  EXPECT_EQ(*store_->Get(prefix_ + "x"), "three");
}

TEST_F(S3LiveTest, ConcurrentConditionalPutsHaveOneWinner) {
  std::atomic<int> winners = 0;
  auto status = RunParallel(8, 8, [&](size_t i) -> Status {
    auto put = store_->Put(prefix_ + "race", std::to_string(i), {.if_absent = true});
    if (put.ok())
      ++winners;
    else if (put.error().kind() != ErrorKind::kAlreadyExists)
      return std::move(put).error();
    return {};
  });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(winners, 1);
}

TEST_F(S3LiveTest, OddKeys) {
  std::vector<std::string> keys = {"a b",     "a+b",   "a%20b", "a%b",  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x98",
                                   "a=b&c",   "it's",  "(x)!*", "~-_.", "a:b@c",
                                   "d/e f/g", "\"q\"", "[1]",   "a,b;c"};
  std::set<std::string> expected;
  for (const std::string& key : keys) {
    auto put = store_->Put(prefix_ + key, key);
    ASSERT_TRUE(put.ok()) << key << ": " << put.error().message();
    expected.insert(prefix_ + key);
    EXPECT_EQ(*store_->Get(prefix_ + key), key);
  }
  auto names = Names(prefix_);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
}

TEST_F(S3LiveTest, ListsMoreThanOnePage) {
  constexpr size_t kCount = 2500;
  auto status = RunParallel(kCount, 16, [&](size_t i) -> Status {
    auto put = store_->Put(fmt::format("{}many/{:05}", prefix_, i), "x");
    if (!put.ok()) return std::move(put).error();
    return {};
  });
  ASSERT_TRUE(status.ok()) << status.error().message();
  auto names = Names(prefix_ + "many/");
  ASSERT_EQ(names.size(), kCount);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(Names(prefix_ + "many/0001").size(), 10u);
}

TEST_F(S3LiveTest, Multipart50MB) {
  std::string bytes = Noise(50 << 20);
  auto writer = store_->OpenWriter(prefix_ + "big", {.if_absent = true});
  ASSERT_TRUE(writer.ok());
  for (size_t at = 0; at < bytes.size(); at += 1000000) {
    ASSERT_TRUE((*writer)->Append(std::string_view(bytes).substr(at, 1000000)).ok());
  }
  auto info = (*writer)->Finish();
  ASSERT_TRUE(info.ok()) << info.error().message() << info.error().detail();
  EXPECT_EQ(info->size, bytes.size());
  EXPECT_EQ(store_->Head(prefix_ + "big")->size, bytes.size());
  EXPECT_TRUE(*store_->Get(prefix_ + "big") == bytes);
  EXPECT_TRUE(*store_->GetRange(prefix_ + "big", 1234567, 40 << 20) == bytes.substr(1234567, 40 << 20));
  auto reader = store_->OpenReader(prefix_ + "big");
  ASSERT_TRUE(reader.ok());
  std::string read(bytes.size(), '\0');
  EXPECT_EQ(*(*reader)->ReadAt(0, read.data(), read.size()), bytes.size());
  EXPECT_TRUE(read == bytes);

  auto again = store_->OpenWriter(prefix_ + "big", {.if_absent = true});
  ASSERT_TRUE(again.ok());
  ASSERT_TRUE((*again)->Append(std::string(20 << 20, 'y')).ok());
  EXPECT_EQ((*again)->Finish().error().kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(*store_->GetRange(prefix_ + "big", 0, 100), bytes.substr(0, 100));
}

TEST_F(S3LiveTest, AbortedUploadLeavesNothing) {
  auto writer = store_->OpenWriter(prefix_ + "gone");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append(Noise(20 << 20)).ok());
  writer->reset();
  EXPECT_EQ(store_->Head(prefix_ + "gone").error().kind(), ErrorKind::kNotFound);
  EXPECT_TRUE(Names(prefix_).empty());
}

TEST_F(S3LiveTest, MissingBucketSaysSo) {
  auto get = store_->Get("s3://lake-no-such-bucket-" + Uuid::Random().ToString().substr(0, 8) + "/x");
  ASSERT_FALSE(get.ok());
  EXPECT_EQ(get.error().kind(), ErrorKind::kNotFound) << get.error().message();
}

}  // namespace
}  // namespace lake::storage
