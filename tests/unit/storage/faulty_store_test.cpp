#include "storage/faulty_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "storage/memory_store.h"

namespace lake::storage {
namespace {

class FaultyStoreTest : public ::testing::Test {
 protected:
  void Use(const std::string& spec) {
    auto store = FaultyStore::Create(inner_, spec);
    ASSERT_TRUE(store.ok()) << store.error().message();
    store_ = std::move(*store);
  }

  std::shared_ptr<MemoryStore> inner_ = std::make_shared<MemoryStore>();
  std::unique_ptr<FaultyStore> store_;
};

TEST_F(FaultyStoreTest, NoRulesChangeNothing) {
  Use("");
  ASSERT_TRUE(store_->Put("s3://b/k", "x").ok());
  EXPECT_EQ(*store_->Get("s3://b/k"), "x");
  auto writer = store_->OpenWriter("s3://b/w");
  ASSERT_TRUE((*writer)->Append("y").ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  int count = 0;
  ASSERT_TRUE(store_->List("s3://b/", [&](const ObjectInfo&) { return ++count > 0; }).ok());
  EXPECT_EQ(count, 2);
  ASSERT_TRUE(store_->Remove("s3://b/k").ok());
  EXPECT_EQ(store_->Head("s3://b/k").error().kind(), ErrorKind::kNotFound);
}

TEST_F(FaultyStoreTest, FailsTheNthMatchingCall) {
  Use("put:s3://b/*.avro:2:fail;get:*:2+:deny;head:*:*:missing;remove:*:1:full");
  EXPECT_TRUE(store_->Put("s3://b/1.avro", "x").ok());
  EXPECT_TRUE(store_->Put("s3://b/1.json", "x").ok());
  EXPECT_EQ(store_->Put("s3://b/2.avro", "x").error().kind(), ErrorKind::kUnavailable);
  EXPECT_FALSE(inner_->Head("s3://b/2.avro").ok());
  EXPECT_TRUE(store_->Put("s3://b/2.avro", "x").ok());
  EXPECT_TRUE(store_->Get("s3://b/1.avro").ok());
  EXPECT_EQ(store_->Get("s3://b/1.avro").error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->GetRange("s3://b/1.avro", 0, 1).error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->Head("s3://b/1.avro").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->Head("s3://b/1.avro").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->Remove("s3://b/1.avro").error().kind(), ErrorKind::kDiskFull);
  EXPECT_TRUE(store_->Remove("s3://b/1.avro").ok());
}

TEST_F(FaultyStoreTest, LosesTheAnswerAfterTheDeed) {
  Use("put:*:1:lose;finish:*:1:lose;sync:*:1:lose;remove:*:1:lose");
  EXPECT_EQ(store_->Put("s3://b/k", "x").error().kind(), ErrorKind::kUnknownOutcome);
  EXPECT_EQ(*inner_->Get("s3://b/k"), "x");
  auto writer = store_->OpenWriter("s3://b/w");
  EXPECT_EQ((*writer)->Finish().error().kind(), ErrorKind::kUnknownOutcome);
  EXPECT_TRUE(inner_->Head("s3://b/w").ok());
  EXPECT_EQ(store_->SyncNames("s3://b/w").error().kind(), ErrorKind::kUnknownOutcome);
  EXPECT_TRUE(store_->SyncNames("s3://b/w").ok());
  EXPECT_EQ(store_->Remove("s3://b/k").error().kind(), ErrorKind::kUnavailable);
  EXPECT_FALSE(inner_->Head("s3://b/k").ok());
}

TEST_F(FaultyStoreTest, Truncates) {
  Use("get:*:*:truncate=3;put:*:1:truncate=5;append:*:2:truncate=1");
  ASSERT_TRUE(store_->Put("s3://b/k", "0123456789").ok());
  EXPECT_EQ(*inner_->Get("s3://b/k"), "01234");
  EXPECT_EQ(*store_->Get("s3://b/k"), "012");
  auto reader = store_->OpenReader("s3://b/k");
  char buffer[10];
  EXPECT_EQ(*(*reader)->ReadAt(0, buffer, 10), 3u);
  auto writer = store_->OpenWriter("s3://b/w");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE((*writer)->Append("ab").ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  EXPECT_EQ(*inner_->Get("s3://b/w"), "abaab");
}

TEST_F(FaultyStoreTest, DelaysCanBeCancelled) {
  Use("get:*:1:delay=600000;list:*:*:delay=1");
  ASSERT_TRUE(store_->Put("s3://b/k", "x").ok());
  CancelFlag cancel = true;
  EXPECT_EQ(store_->Get("s3://b/k", {&cancel}).error().kind(), ErrorKind::kCancelled);
  EXPECT_TRUE(store_->List("s3://b/", [](const ObjectInfo&) { return true; }).ok());
}

TEST_F(FaultyStoreTest, LingersBehindTheDeed) {
  Use("put:*:1:linger=600000;put:*:2:linger=1");
  CancelFlag cancel = false;
  WriteOptions options;
  options.cancel = &cancel;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    cancel = true;
  });
  EXPECT_EQ(store_->Put("s3://b/1", "x", options).error().kind(), ErrorKind::kCancelled);
  canceller.join();
  EXPECT_EQ(*inner_->Get("s3://b/1"), "x");
  EXPECT_TRUE(store_->Put("s3://b/2", "x").ok());
}

TEST_F(FaultyStoreTest, ReadsRulesFromAFileThatIsReplaced) {
  std::filesystem::path directory = std::filesystem::temp_directory_path() / "faulty_store_test";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  auto replace = [&](const std::string& rules) {
    std::ofstream(directory / "new") << rules << "\n";
    std::filesystem::rename(directory / "new", directory / "rules");
  };
  Use("@" + directory.string());
  EXPECT_TRUE(store_->Put("s3://b/1", "x").ok()) << "no file: no rules";
  replace("put:*:2:fail;get:*:*:delay=1");
  EXPECT_TRUE(store_->Put("s3://b/2", "x").ok());
  EXPECT_EQ(store_->Put("s3://b/3", "x").error().kind(), ErrorKind::kUnavailable);
  EXPECT_TRUE(store_->Get("s3://b/1").ok());
  replace("put:*:1:deny");
  EXPECT_EQ(store_->Put("s3://b/3", "x").error().kind(), ErrorKind::kPermissionDenied) << "counted anew";
  replace("nonsense");
  EXPECT_EQ(store_->Put("s3://b/3", "x").error().kind(), ErrorKind::kInvalidInput);
  replace("");
  EXPECT_TRUE(store_->Put("s3://b/3", "x").ok());
  std::stringstream calls;
  calls << std::ifstream(directory / "calls").rdbuf();
  EXPECT_THAT(calls.str(),
              testing::StartsWith("put s3://b/1\nput s3://b/2\nput s3://b/3\nget s3://b/1\nheld get s3://b/1\n"));
  std::filesystem::remove_all(directory);
}

TEST_F(FaultyStoreTest, Kills) {
  for (const char* action : {"kill", "kill_after"}) {
    pid_t child = ::fork();
    if (child == 0) {
      auto store = FaultyStore::Create(inner_, std::string("put:*:2:") + action);
      static_cast<void>((*store)->Put("s3://b/1", "x"));
      static_cast<void>((*store)->Put("s3://b/2", "x"));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << action;
  }
}

TEST_F(FaultyStoreTest, WrongRulesAreNamed) {
  for (const char* spec :
       {"put", "put:*", "put:*:1", "putt:*:1:fail", "put:*:0:fail", "put:*:x:fail", "put:*:+:fail", "put:*:1:explode",
        "put:*:1:delay", "put:*:1:delay=x", "put:*:1:fail=1", "put:1:fail", "put:*:1:fail;nonsense"}) {
    auto store = FaultyStore::Create(inner_, spec);
    ASSERT_FALSE(store.ok()) << spec;
    EXPECT_EQ(store.error().kind(), ErrorKind::kInvalidInput);
  }
}

}  // namespace
}  // namespace lake::storage
