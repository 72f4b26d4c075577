#include "storage/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "s3_fake.h"

namespace lake::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kKeyId[] = "AKIDPUBLICKEYID";
constexpr char kSecret[] = "TOPSECRETKEY";
constexpr char kToken[] = "TOPSECRETTOKEN";

class S3StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = MakeStore(fake_.endpoint()); }

  static std::unique_ptr<S3Store> MakeStore(const std::string& endpoint, int attempts = 4) {
    S3Credentials credentials;
    credentials.key_id = kKeyId;
    credentials.secret = kSecret;
    credentials.session_token = kToken;
    credentials.endpoint = endpoint;
    S3Options options;
    options.retry.attempts = attempts;
    options.retry.first_delay = std::chrono::milliseconds(1);
    options.part_size = 1000;
    options.parallel_parts = 3;
    return std::make_unique<S3Store>(std::make_shared<HttpClient>(), credentials, options);
  }

  static void ExpectNothingSecret(const Error& error) {
    for (const std::string& text : {error.message(), error.detail(), error.hint()}) {
      for (const char* secret : {kKeyId, kSecret, kToken, "Signature=", "Credential="}) {
        EXPECT_THAT(text, Not(HasSubstr(secret)));
      }
    }
  }

  /// Region in the signature's scope, per request.
  std::vector<std::string> SignedRegions() {
    std::vector<std::string> regions;
    for (const FakeRequest& request : fake_.requests()) {
      std::string value = request.headers.at("authorization");
      for (int i = 0; i < 2; ++i) value = value.substr(value.find('/') + 1);
      regions.push_back(value.substr(0, value.find('/')));
    }
    return regions;
  }

  S3Fake fake_;
  std::unique_ptr<S3Store> store_;
};

TEST_F(S3StoreTest, RoundTripSignsEveryRequest) {
  auto put = store_->Put("s3://b/d/a b%20+\xc3\xa9", "hello world", {.content_type = "text/x"});
  ASSERT_TRUE(put.ok()) << put.error().message();
  EXPECT_EQ(put->location, "s3://b/d/a b%20+\xc3\xa9");
  EXPECT_EQ(put->size, 11u);
  EXPECT_EQ(fake_.objects().at("/b/d/a b%20+\xc3\xa9"), "hello world");
  EXPECT_EQ(*store_->Get("s3a://b/d/a b%20+\xc3\xa9"), "hello world");
  EXPECT_EQ(*store_->GetRange(put->location, 6, 3), "wor");
  EXPECT_EQ(*store_->GetRange(put->location, 6, 30), "world");
  EXPECT_EQ(*store_->GetRange(put->location, 11, 1), "");
  auto head = store_->Head(put->location);
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->size, 11u);
  EXPECT_EQ(head->modified_us, 1677672000000000);
  EXPECT_EQ(head->etag, put->etag);
  ASSERT_TRUE(store_->Remove(put->location).ok());
  EXPECT_TRUE(fake_.objects().empty());
  auto requests = fake_.requests();
  EXPECT_EQ(requests[0].target, "/b/d/a%20b%2520%2B%C3%A9");
  EXPECT_EQ(requests[0].headers.at("content-type"), "text/x");
  for (const FakeRequest& request : requests) {
    EXPECT_THAT(request.headers.at("authorization"), HasSubstr(std::string("AWS4-HMAC-SHA256 Credential=") + kKeyId));
    EXPECT_EQ(request.headers.at("x-amz-security-token"), kToken);
  }
}

TEST_F(S3StoreTest, RepeatsUntilStorageAnswers) {
  fake_.SetObject("/b/k", "x");
  for (int status : {500, 503, 502}) fake_.Script(S3Fake::Status(status));
  EXPECT_EQ(*store_->Get("s3://b/k"), "x");
  EXPECT_EQ(fake_.requests().size(), 4u);
  fake_.Script(S3Fake::Status(503, "SlowDown", "", {{"Retry-After", "0"}}));
  fake_.Script(S3Fake::Status(400, "RequestTimeout"));
  fake_.Script(S3Fake::Status(429));
  EXPECT_TRUE(store_->Put("s3://b/k", "y").ok());
}

TEST_F(S3StoreTest, GivesUpAfterTheLastAttempt) {
  fake_.ScriptAll(S3Fake::Status(503, "SlowDown", "please"));
  auto get = store_->Get("s3://b/k");
  ASSERT_FALSE(get.ok());
  EXPECT_EQ(get.error().kind(), ErrorKind::kUnavailable);
  EXPECT_THAT(get.error().message(), HasSubstr("s3://b/k"));
  EXPECT_THAT(get.error().message(), HasSubstr("SlowDown"));
  EXPECT_EQ(fake_.requests().size(), 4u);
  ExpectNothingSecret(get.error());
}

TEST_F(S3StoreTest, RetryAfterBeyondTheBudgetIsNotWaitedFor) {
  fake_.ScriptAll(S3Fake::Status(503, "SlowDown", "", {{"Retry-After", "3600"}}));
  EXPECT_EQ(store_->Get("s3://b/k").error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(fake_.requests().size(), 1u);
}

TEST_F(S3StoreTest, UnreachableIsUnavailable) {
  auto unreachable = MakeStore("http://127.0.0.1:1", 2);
  auto get = unreachable->Get("s3://b/k");
  ASSERT_FALSE(get.ok());
  EXPECT_EQ(get.error().kind(), ErrorKind::kUnavailable);
  // Nothing can have been written, so there is no doubt about a conditional write either.
  EXPECT_EQ(unreachable->Put("s3://b/k", "x", {.if_absent = true}).error().kind(), ErrorKind::kUnavailable);
}

TEST_F(S3StoreTest, TruncatedAnswersAreRepeatedNeverReturned) {
  fake_.SetObject("/b/k", "whole");
  fake_.Script(S3Fake::Truncated());
  EXPECT_EQ(*store_->Get("s3://b/k"), "whole");
  fake_.Script(S3Fake::Truncated());
  EXPECT_EQ(*store_->GetRange("s3://b/k", 1, 500), "hole");
  fake_.ScriptAll(S3Fake::Truncated());
  EXPECT_EQ(store_->Get("s3://b/k").error().kind(), ErrorKind::kUnavailable);
}

TEST_F(S3StoreTest, MoreThanAskedForIsRefused) {
  fake_.ScriptAll([](const httplib::Request& request, httplib::Response& response) {
    const_cast<httplib::Request&>(request).ranges.clear();
    response.status = 206;
    response.set_content(std::string(5000, 'x'), "text/plain");
  });
  EXPECT_EQ(store_->GetRange("s3://b/k", 0, 10).error().kind(), ErrorKind::kUnavailable);
}

TEST_F(S3StoreTest, ServersThatIgnoreRangesAreRefused) {
  fake_.SetObject("/b/k", "0123456789");
  fake_.IgnoreRange();
  EXPECT_EQ(store_->GetRange("s3://b/k", 5, 20).error().kind(), ErrorKind::kUnsupported);
  EXPECT_EQ(*store_->GetRange("s3://b/k", 0, 20), "0123456789");
}

TEST_F(S3StoreTest, CancelStopsAWaitingRequest) {
  struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool arrived = false, released = false;
  };
  // The server's thread still stands at the gate when the test is over.
  auto gate = std::make_shared<Gate>();
  fake_.ScriptAll([gate](const httplib::Request&, httplib::Response&) {
    std::unique_lock lock(gate->mutex);
    gate->arrived = true;
    gate->changed.notify_all();
    gate->changed.wait(lock, [&] { return gate->released; });
  });
  CancelFlag cancel = false;
  std::thread canceller([&] {
    std::unique_lock lock(gate->mutex);
    gate->changed.wait(lock, [&] { return gate->arrived; });
    cancel = true;
  });
  // The server holds its answer back until the call has returned: only the cancel can end it.
  EXPECT_EQ(store_->Get("s3://b/k", {&cancel}).error().kind(), ErrorKind::kCancelled);
  canceller.join();
  std::lock_guard lock(gate->mutex);
  gate->released = true;
  gate->changed.notify_all();
}

TEST_F(S3StoreTest, CancelStopsTheWaitBetweenAttempts) {
  CancelFlag cancel = false;
  fake_.ScriptAll([&](const httplib::Request&, httplib::Response& response) {
    response.status = 503;
    response.set_header("Retry-After", "15");
    cancel = true;
  });
  EXPECT_EQ(store_->Get("s3://b/k", {&cancel}).error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(fake_.requests().size(), 1u);
}

TEST_F(S3StoreTest, LearnsTheRegionOfABucketOnce) {
  fake_.SetObject("/b/k", "x");
  fake_.Script(S3Fake::Status(301, "PermanentRedirect", "", {{"x-amz-bucket-region", "eu-west-3"}}));
  EXPECT_EQ(*store_->Get("s3://b/k"), "x");
  EXPECT_EQ(*store_->Get("s3://b/k"), "x");
  EXPECT_THAT(SignedRegions(), ElementsAre("us-east-1", "eu-west-3", "eu-west-3"));
  fake_.Script(S3Fake::Document("<ListBucketResult/>"));
  ASSERT_TRUE(store_->List("s3://other/", [](const ObjectInfo&) { return true; }).ok());
  EXPECT_EQ(SignedRegions().back(), "us-east-1");
}

TEST_F(S3StoreTest, LearnsTheRegionFromTheErrorDocument) {
  fake_.Script([](const httplib::Request&, httplib::Response& response) {
    response.status = 400;
    response.set_content("<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-south-1</Region></Error>",
                         "application/xml");
  });
  ASSERT_TRUE(store_->Put("s3://b/k", "x").ok());
  EXPECT_THAT(SignedRegions(), ElementsAre("us-east-1", "ap-south-1"));
}

TEST_F(S3StoreTest, RegionPingPongEnds) {
  int calls = 0;
  fake_.ScriptAll([&](const httplib::Request& request, httplib::Response& response) {
    S3Fake::Status(301, "PermanentRedirect", "", {{"x-amz-bucket-region", ++calls % 2 ? "eu-a-1" : "eu-b-1"}})(
        request, response);
  });
  EXPECT_FALSE(store_->Get("s3://b/k").ok());
  EXPECT_LE(fake_.requests().size(), 5u);
}

TEST_F(S3StoreTest, HostileRegionIsNotBelieved) {
  fake_.ScriptAll(S3Fake::Status(301, "PermanentRedirect", "", {{"x-amz-bucket-region", "evil.example/x"}}));
  EXPECT_FALSE(store_->Get("s3://b/k").ok());
  EXPECT_THAT(SignedRegions(), ElementsAre("us-east-1"));
}

TEST_F(S3StoreTest, BelievesTheServersClockOnce) {
  fake_.SetObject("/b/k", "x");
  fake_.Script(S3Fake::Status(403, "RequestTimeTooSkewed", "", {{"Date", "Wed, 01 Mar 2023 12:00:00 GMT"}}));
  EXPECT_EQ(*store_->Get("s3://b/k"), "x");
  EXPECT_THAT(fake_.requests()[1].headers.at("x-amz-date"), HasSubstr("20230301T1200"));
  fake_.ScriptAll(S3Fake::Status(403, "RequestTimeTooSkewed", "", {{"Date", "Wed, 01 Mar 2023 12:00:00 GMT"}}));
  EXPECT_EQ(store_->Get("s3://b/k").error().kind(), ErrorKind::kPermissionDenied);
}

TEST_F(S3StoreTest, DeniedNamesCodeAndLocationButNoSecret) {
  for (const char* code : {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}) {
    fake_.Script(S3Fake::Status(403, code, fmt::format("the key {} of {} is not known", kKeyId, kSecret)));
    auto get = store_->Get("s3://b/k");
    ASSERT_FALSE(get.ok());
    EXPECT_EQ(get.error().kind(), ErrorKind::kPermissionDenied);
    EXPECT_EQ(get.error().message(), fmt::format("could not read \"s3://b/k\": permission denied ({})", code));
    ExpectNothingSecret(get.error());
  }
  fake_.Script(S3Fake::Status(403, kKeyId));
  ExpectNothingSecret(store_->Get("s3://b/k").error());
  fake_.Script(S3Fake::Status(403, "AccessDenied", "not yours"));
  EXPECT_EQ(store_->Put("s3://b/k", "x").error().detail(), "Storage says: not yours");
  EXPECT_EQ(fake_.requests().size(), 5u);  // none repeated
}

TEST_F(S3StoreTest, MissingBucketAndMissingKeyDiffer) {
  auto key = store_->Get("s3://b/none");
  EXPECT_EQ(key.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(key.error().message(), HasSubstr("the object does not exist"));
  fake_.Script(S3Fake::Status(404, "NoSuchBucket"));
  auto bucket = store_->Get("s3://b/none");
  EXPECT_EQ(bucket.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(bucket.error().message(), HasSubstr("the bucket does not exist"));
  EXPECT_EQ(store_->Get("s3://b/").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(store_->Get("file:///b/k").error().kind(), ErrorKind::kInvalidInput);
}

TEST_F(S3StoreTest, ConditionalPutConflicts) {
  ASSERT_TRUE(store_->Put("s3://b/k", "one", {.if_absent = true}).ok());
  EXPECT_EQ(fake_.requests()[0].headers.at("if-none-match"), "*");
  EXPECT_EQ(store_->Put("s3://b/k", "one", {.if_absent = true}).error().kind(), ErrorKind::kAlreadyExists);
  fake_.ScriptAll(S3Fake::Status(409, "ConditionalRequestConflict"));
  EXPECT_EQ(store_->Put("s3://b/k2", "one", {.if_absent = true}).error().kind(), ErrorKind::kAlreadyExists);
}

TEST_F(S3StoreTest, LostAnswerOfOurOwnWriteIsSuccess) {
  fake_.Script(fake_.LostAnswer());
  auto put = store_->Put("s3://b/k", "ours", {.if_absent = true});
  ASSERT_TRUE(put.ok()) << put.error().message();
  EXPECT_EQ(put->size, 4u);
  EXPECT_EQ(fake_.CountRequests("PUT"), 2u);
}

TEST_F(S3StoreTest, LostAnswerAndSomebodyElsesObjectIsAConflict) {
  fake_.Script(S3Fake::Truncated());  // not ours: nothing was written
  fake_.SetObject("/b/k", "them");
  EXPECT_EQ(store_->Put("s3://b/k", "ours", {.if_absent = true}).error().kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(fake_.objects().at("/b/k"), "them");
}

TEST_F(S3StoreTest, UnansweredConditionalWriteIsUnknown) {
  for (int status_of_look : {503, 403, 404}) {
    fake_.ScriptAll([=](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "PUT")
        S3Fake::Truncated()(request, response);
      else
        S3Fake::Status(status_of_look)(request, response);
    });
    auto put = store_->Put("s3://b/k", "ours", {.if_absent = true});
    ASSERT_FALSE(put.ok());
    EXPECT_EQ(put.error().kind(), ErrorKind::kUnknownOutcome) << status_of_look;
    ExpectNothingSecret(put.error());
  }
}

TEST_F(S3StoreTest, EndpointWithoutConditionsIsLookedAtFirst) {
  fake_.Script(S3Fake::Status(501, "NotImplemented"));
  ASSERT_TRUE(store_->Put("s3://b/k", "one", {.if_absent = true}).ok());
  EXPECT_EQ(store_->Put("s3://b/k", "two", {.if_absent = true}).error().kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(fake_.CountRequests("HEAD"), 2u);
  EXPECT_EQ(fake_.objects().at("/b/k"), "one");
}

TEST_F(S3StoreTest, ListsAllPagesAndDecodesKeys) {
  std::vector<std::string> expected;
  for (const char* key : {"d/a b", "d/a%20b", "d/a+b", "d/e\xc3\xa9", "d/f&<>", "d/g", "d/h"}) {
    fake_.SetObject(std::string("/b/") + key, "12");
    expected.push_back(std::string("s3a://b/") + key);
  }
  fake_.SetObject("/b/other", "");
  std::vector<std::string> names;
  uint64_t bytes = 0;
  ASSERT_TRUE(store_
                  ->List("s3a://b/d/",
                         [&](const ObjectInfo& info) {
                           names.push_back(info.location);
                           bytes += info.size;
                           EXPECT_EQ(info.modified_us, 1677672000000000);
                           EXPECT_EQ(info.etag, "e");
                           return true;
                         })
                  .ok());
  EXPECT_EQ(names, expected);
  EXPECT_EQ(bytes, 14u);
  EXPECT_EQ(fake_.CountRequests("GET", "list-type=2"), 3u);
  int visited = 0;
  ASSERT_TRUE(store_->List("s3://b", [&](const ObjectInfo&) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_F(S3StoreTest, HostileListsAreRefused) {
  auto list = [&] { return store_->List("s3://b/d/", [](const ObjectInfo&) { return true; }).error().kind(); };
  fake_.Script(S3Fake::Document("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
  EXPECT_EQ(list(), ErrorKind::kCorrupt);
  fake_.Script(S3Fake::Document("<ListBucketResult><Contents><Key>elsewhere</Key></Contents></ListBucketResult>"));
  EXPECT_EQ(list(), ErrorKind::kCorrupt);
  fake_.Script(
      S3Fake::Document("<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>d/%zz</Key>"
                       "</Contents></ListBucketResult>"));
  EXPECT_EQ(list(), ErrorKind::kCorrupt);
  fake_.Script(S3Fake::Document("<ListBucketResult>"));
  EXPECT_EQ(list(), ErrorKind::kCorrupt);
  fake_.ScriptAll(
      S3Fake::Document("<R><IsTruncated>true</IsTruncated>"
                       "<NextContinuationToken>same</NextContinuationToken></R>"));
  EXPECT_EQ(list(), ErrorKind::kCorrupt);
}

TEST_F(S3StoreTest, RemovesInBulk) {
  std::vector<std::string> locations;
  for (int i = 0; i < 5; ++i) {
    fake_.SetObject("/b/" + std::to_string(i), "");
    locations.push_back("s3://b/" + std::to_string(i));
  }
  ASSERT_TRUE(store_->RemoveMany(locations).ok());
  EXPECT_TRUE(fake_.objects().empty());
  EXPECT_EQ(fake_.requests().size(), 1u);
  fake_.Script(
      S3Fake::Document("<DeleteResult><Error><Key>0</Key><Code>NoSuchKey</Code></Error><Error><Key>3</Key>"
                       "<Code>AccessDenied</Code></Error></DeleteResult>"));
  auto denied = store_->RemoveMany(locations);
  EXPECT_EQ(denied.error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_THAT(denied.error().message(), HasSubstr("s3://b/3"));
  fake_.SetObject("/b/1", "");
  fake_.Script(S3Fake::Status(501, "NotImplemented"));
  ASSERT_TRUE(store_->RemoveMany(locations).ok());
  EXPECT_TRUE(fake_.objects().empty());
  EXPECT_EQ(fake_.CountRequests("DELETE"), 5u);
}

TEST_F(S3StoreTest, AnonymousRequestsAreNotSigned) {
  S3Credentials anonymous;
  anonymous.endpoint = fake_.endpoint();
  S3Store store(std::make_shared<HttpClient>(), anonymous);
  fake_.SetObject("/b/k", "x");
  EXPECT_EQ(*store.Get("s3://b/k"), "x");
  EXPECT_EQ(fake_.requests()[0].headers.count("authorization"), 0u);
  fake_.Script(S3Fake::Status(403, "AccessDenied"));
  EXPECT_THAT(store.Get("s3://b/k").error().hint(), HasSubstr("CREATE SECRET"));
}

TEST(S3UrlTest, StylesAndEndpoints) {
  auto url = [](S3Credentials credentials, const std::string& bucket, const std::string& region = "eu-west-1") {
    return S3Client(nullptr, std::move(credentials)).Url(bucket, "a b/c", region);
  };
  EXPECT_EQ(url({}, "lake"), "https://lake.s3.eu-west-1.amazonaws.com/a%20b/c");
  EXPECT_EQ(url({}, "lake", "cn-north-1"), "https://lake.s3.cn-north-1.amazonaws.com.cn/a%20b/c");
  EXPECT_EQ(url({}, "my.lake"), "https://s3.eu-west-1.amazonaws.com/my.lake/a%20b/c");
  EXPECT_EQ(url({}, "evil@host:1"), "https://s3.eu-west-1.amazonaws.com/evil%40host%3A1/a%20b/c");
  S3Credentials custom;
  custom.endpoint = "localhost:9000";
  EXPECT_EQ(url(custom, "lake"), "https://localhost:9000/lake/a%20b/c");
  custom.use_ssl = false;
  EXPECT_EQ(url(custom, "lake"), "http://localhost:9000/lake/a%20b/c");
  custom.url_style = UrlStyle::kVirtual;
  EXPECT_EQ(url(custom, "lake"), "http://lake.localhost:9000/a%20b/c");
  custom.endpoint = "https://minio/";
  EXPECT_EQ(url(custom, "lake"), "https://lake.minio/a%20b/c");
  S3Credentials global;
  global.endpoint = "s3.amazonaws.com";
  global.url_style = UrlStyle::kPath;
  EXPECT_EQ(url(global, "lake"), "https://s3.eu-west-1.amazonaws.com/lake/a%20b/c");
}

}  // namespace
}  // namespace lake::storage
