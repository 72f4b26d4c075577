#include "storage/revoking_store.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "storage/faulty_store.h"
#include "storage/memory_store.h"

namespace lake::storage {
namespace {

class RevokingStoreTest : public ::testing::Test {
 protected:
  std::shared_ptr<MemoryStore> inner_ = std::make_shared<MemoryStore>();
  RevokingStore store_{inner_};
};

TEST_F(RevokingStoreTest, NamesAndPrefixesAreNotWrittenAnyMore) {
  ASSERT_TRUE(store_.Revoke("s3://b/data/1", true).ok());
  ASSERT_TRUE(store_.Revoke("s3://b/metadata", false).ok());
  EXPECT_EQ(store_.Put("s3://b/data/1-0.parquet", "x").error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(store_.Put("s3://b/metadata", "x").error().kind(), ErrorKind::kCancelled);
  EXPECT_TRUE(store_.Put("s3://b/data/2-0.parquet", "x").ok());
  EXPECT_TRUE(store_.Put("s3://b/metadata-2", "x").ok());
  EXPECT_FALSE(inner_->Head("s3://b/data/1-0.parquet").ok());
}

TEST_F(RevokingStoreTest, AWriterThatHasBegunCannotFinish) {
  auto writer = store_.OpenWriter("s3://b/data/1-0.parquet");
  ASSERT_TRUE((*writer)->Append("x").ok());
  ASSERT_TRUE(store_.Revoke("s3://b/data/1", true).ok());
  EXPECT_EQ((*writer)->Finish().error().kind(), ErrorKind::kCancelled);
  EXPECT_FALSE(inner_->Head("s3://b/data/1-0.parquet").ok());
}

TEST_F(RevokingStoreTest, WaitsForAWriteThatIsUnderWay) {
  std::shared_ptr<FaultyStore> slow = std::move(FaultyStore::Create(inner_, "put:*:1:delay=300").value());
  RevokingStore store(slow);
  std::promise<void> begun;
  std::thread writer([&] {
    begun.set_value();
    EXPECT_TRUE(store.Put("s3://b/1", "x").ok());
  });
  begun.get_future().wait();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CancelFlag cancel = true;
  EXPECT_EQ(store.Revoke("s3://b/1", false, {&cancel}).error().kind(), ErrorKind::kCancelled);
  ASSERT_TRUE(store.Revoke("s3://b/1", false).ok());
  EXPECT_TRUE(inner_->Head("s3://b/1").ok()) << "what the caller now removes is there";
  writer.join();
}

TEST_F(RevokingStoreTest, ForgetsTheOldest) {
  ASSERT_TRUE(store_.Revoke("s3://b/first", false).ok());
  for (size_t i = 0; i < RevokingStore::kRemembered; ++i)
    ASSERT_TRUE(store_.Revoke(fmt::format("s3://b/{}", i), false).ok());
  EXPECT_TRUE(store_.Put("s3://b/first", "x").ok());
  EXPECT_FALSE(store_.Put("s3://b/0", "x").ok());
}

}  // namespace
}  // namespace lake::storage
