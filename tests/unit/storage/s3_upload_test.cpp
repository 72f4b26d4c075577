#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "s3_fake.h"
#include "storage/s3_store.h"

namespace lake::storage {
namespace {

using ::testing::HasSubstr;

/// Parts of 1000 bytes.
class S3UploadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    S3Credentials credentials;
    credentials.key_id = "id";
    credentials.secret = "secret";
    credentials.endpoint = fake_.endpoint();
    S3Options options;
    options.retry.attempts = 3;
    options.retry.first_delay = std::chrono::milliseconds(1);
    options.part_size = 1000;
    options.parallel_parts = 3;
    store_ = std::make_unique<S3Store>(std::make_shared<HttpClient>(), credentials, options);
  }

  std::unique_ptr<ObjectWriter> Open(const WriteOptions& options = {}) {
    auto writer = store_->OpenWriter("s3://b/k", options);
    EXPECT_TRUE(writer.ok());
    return std::move(*writer);
  }

  static std::string Bytes(size_t size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 31 + i / 256);
    return bytes;
  }

  S3Fake fake_;
  std::unique_ptr<S3Store> store_;
};

TEST_F(S3UploadTest, SmallWritesAreOnePut) {
  for (size_t size : {0, 1, 1000}) {
    auto writer = Open({.if_absent = true});
    ASSERT_TRUE(writer->Append(Bytes(size)).ok());
    auto info = writer->Finish();
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(info->size, size);
    EXPECT_EQ(fake_.objects().at("/b/k"), Bytes(size));
    ASSERT_TRUE(store_->Remove("s3://b/k").ok());
  }
  EXPECT_EQ(fake_.CountRequests("POST"), 0u);
  EXPECT_EQ(fake_.requests()[0].headers.at("if-none-match"), "*");
}

TEST_F(S3UploadTest, LargeWritesArriveWholeWhateverThePieces) {
  std::string bytes = Bytes(10500);
  for (size_t piece : {7, 999, 1000, 1001, 20000}) {
    auto writer = Open();
    for (size_t at = 0; at < bytes.size(); at += piece) ASSERT_TRUE(writer->Append(bytes.substr(at, piece)).ok());
    auto info = writer->Finish();
    ASSERT_TRUE(info.ok()) << info.error().message();
    EXPECT_EQ(info->size, bytes.size());
    EXPECT_EQ(info->etag, "done-1");
    EXPECT_TRUE(fake_.objects().at("/b/k") == bytes) << piece;
  }
  EXPECT_EQ(fake_.CountRequests("PUT", "partNumber=11&"), 5u);
  EXPECT_EQ(fake_.CountRequests("PUT", "partNumber=12&"), 0u);
  EXPECT_EQ(fake_.CountRequests("DELETE"), 0u);
}

TEST_F(S3UploadTest, PartsGrowLongBeforeTheLimitOfTenThousand) {
  auto writer = Open();
  std::string bytes = Bytes(1000 * 1000 + 3 * 2000);
  ASSERT_TRUE(writer->Append(bytes).ok());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_TRUE(fake_.objects().at("/b/k") == bytes);
  EXPECT_EQ(fake_.CountRequests("PUT", "partNumber=1003&"), 1u);
  EXPECT_EQ(fake_.CountRequests("PUT", "partNumber=1004&"), 0u);
}

TEST_F(S3UploadTest, SplitReadsComeTogether) {
  std::string bytes = Bytes(10500);
  fake_.SetObject("/b/k", bytes);
  EXPECT_TRUE(*store_->GetRange("s3://b/k", 100, 9000) == bytes.substr(100, 9000));
  EXPECT_TRUE(*store_->GetRange("s3://b/k", 100, UINT64_MAX) == bytes.substr(100));
  EXPECT_GE(fake_.CountRequests("GET"), 18u);
  auto reader = store_->OpenReader("s3://b/k");
  ASSERT_TRUE(reader.ok());
  store_.reset();  // a reader may outlive its store
  std::string read(20000, '\0');
  EXPECT_EQ(*(*reader)->ReadAt(500, read.data(), read.size()), 10000u);
  EXPECT_TRUE(read.substr(0, 10000) == bytes.substr(500));
  EXPECT_EQ(*(*reader)->ReadAt(10500, read.data(), 1), 0u);
  fake_.SetObject("/b/k", "short");
  EXPECT_EQ((*reader)->ReadAt(0, read.data(), 10500).error().kind(), ErrorKind::kCorrupt);
}

TEST_F(S3UploadTest, AbandonedUploadsAreGivenUp) {
  auto writer = Open();
  ASSERT_TRUE(writer->Append(Bytes(5000)).ok());
  writer.reset();
  EXPECT_EQ(fake_.CountRequests("DELETE", "uploadId="), 1u);
  auto aborted = Open();
  ASSERT_TRUE(aborted->Append(Bytes(5000)).ok());
  aborted->Abort();
  EXPECT_EQ(fake_.CountRequests("DELETE", "uploadId="), 2u);
  EXPECT_FALSE(aborted->Append("x").ok());
  EXPECT_FALSE(aborted->Finish().ok());
  EXPECT_TRUE(fake_.objects().empty());
}

TEST_F(S3UploadTest, AFailedPartFailsTheWriteAndGivesItUp) {
  fake_.ScriptAll([this](const httplib::Request& request, httplib::Response& response) {
    if (request.has_param("partNumber") && request.get_param_value("partNumber") == "3") {
      S3Fake::Status(403, "AccessDenied")(request, response);
    } else {
      fake_.Serve(request, response);
    }
  });
  auto writer = Open();
  Status append = writer->Append(Bytes(20000));
  auto finish = writer->Finish();
  ASSERT_FALSE(finish.ok());
  EXPECT_EQ((append.ok() ? finish.error() : append.error()).kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(fake_.CountRequests("DELETE", "uploadId="), 1u);
  EXPECT_TRUE(fake_.objects().empty());
}

TEST_F(S3UploadTest, FailingPartsAreRepeated) {
  std::atomic<int> failures = 0;
  fake_.ScriptAll([&](const httplib::Request& request, httplib::Response& response) {
    if (request.has_param("partNumber") && ++failures % 2 == 1)
      S3Fake::Status(500)(request, response);
    else
      fake_.Serve(request, response);
  });
  auto writer = Open();
  // One part at a time, so that each fails exactly once.
  ASSERT_TRUE(writer->Append(Bytes(1001)).ok());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_TRUE(fake_.objects().at("/b/k") == Bytes(1001));
}

TEST_F(S3UploadTest, ASuccessThatIsAnErrorIsAnError) {
  fake_.ScriptAll([this](const httplib::Request& request, httplib::Response& response) {
    if (request.method == "POST" && request.has_param("uploadId")) {
      S3Fake::Status(200, "InvalidPart")(request, response);
    } else {
      fake_.Serve(request, response);
    }
  });
  auto writer = Open();
  ASSERT_TRUE(writer->Append(Bytes(5000)).ok());
  auto finish = writer->Finish();
  ASSERT_FALSE(finish.ok());
  EXPECT_THAT(finish.error().message(), HasSubstr("InvalidPart"));
  EXPECT_EQ(fake_.CountRequests("DELETE", "uploadId="), 1u);
}

TEST_F(S3UploadTest, ConditionalUploadKeepsTheFirst) {
  fake_.SetObject("/b/k", "them");
  auto writer = Open({.if_absent = true});
  ASSERT_TRUE(writer->Append(Bytes(5000)).ok());
  EXPECT_EQ(writer->Finish().error().kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(fake_.objects().at("/b/k"), "them");
  EXPECT_EQ(fake_.CountRequests("DELETE", "uploadId="), 1u);
}

TEST_F(S3UploadTest, LostCompletionIsUnknownUnlessTheEtagProvesIt) {
  fake_.ScriptAll([this](const httplib::Request& request, httplib::Response& response) {
    if (request.method == "POST" && request.has_param("uploadId"))
      fake_.LostAnswer()(request, response);
    else
      fake_.Serve(request, response);
  });
  auto writer = Open({.if_absent = true});
  ASSERT_TRUE(writer->Append(Bytes(5000)).ok());
  EXPECT_EQ(writer->Finish().error().kind(), ErrorKind::kUnknownOutcome);
  // Nothing may be given up when the outcome is unknown.
  EXPECT_EQ(fake_.CountRequests("DELETE"), 0u);

  ASSERT_TRUE(store_->Remove("s3://b/k").ok());
  fake_.ScriptAll([this](const httplib::Request& request, httplib::Response& response) {
    if (request.method == "POST" && request.has_param("uploadId")) {
      fake_.LostAnswer()(request, response);
    } else if (request.method == "HEAD") {
      // MD5 of the MD5s of five parts, as Amazon has it.
      std::string digests;
      for (size_t i = 0; i < 5; ++i) {
        std::string hex = Md5Hex(Bytes(5000).substr(i * 1000, 1000));
        for (size_t at = 0; at < 32; at += 2) digests += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
      }
      response.set_header("ETag", '"' + Md5Hex(digests) + "-5\"");
      response.set_content(std::string(5000, ' '), "text/plain");
    } else {
      fake_.Serve(request, response);
    }
  });
  auto proven = Open({.if_absent = true});
  ASSERT_TRUE(proven->Append(Bytes(5000)).ok());
  auto info = proven->Finish();
  EXPECT_TRUE(info.ok()) << info.error().message();
}

TEST_F(S3UploadTest, CancelEndsAnUploadAndGivesItUp) {
  CancelFlag cancel = false;
  auto writer = Open({.cancel = &cancel});
  ASSERT_TRUE(writer->Append(Bytes(2500)).ok());
  cancel = true;
  EXPECT_EQ(writer->Finish().error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(fake_.CountRequests("DELETE", "uploadId="), 1u);
}

}  // namespace
}  // namespace lake::storage
