// Deletion vectors against their entries: no engine of ours writes them, so that the end-to-end tests have none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <roaring/roaring.hh>

#include "duckdb.hpp"
#include "server/lake/verify_file.h"
#include "storage/memory_store.h"
#include "storage/revoking_store.h"
#include "wire/byte_order.h"

namespace lake::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kVector = "s3://b/v.puffin";

std::string Blob(const Roaring& rows) {
  std::string body("\xD1\xD3\x39\x64\1\0\0\0\0\0\0\0\0\0\0\0", 16);  // one bitmap, of key 0
  std::string bytes(rows.getSizeInBytes(), '\0');
  rows.write(bytes.data());
  body += bytes;
  std::string blob(4, '\0');
  wire::StoreBig32(blob.data(), static_cast<uint32_t>(body.size()));
  blob += body;
  blob += std::string(4, '\0');
  uLong crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  wire::StoreBig32(blob.data() + blob.size() - 4, static_cast<uint32_t>(crc));
  return blob;
}

/// A vector of these rows of a data file of 10 rows, its entry, and what is found wrong.
class VectorTest : public testing::Test {
 protected:
  VectorTest() : connection_(db_) {
    data_.file_path = iceberg::Location("s3://b/a.parquet");
    data_.record_count = 10;
    entry_.content = iceberg::FileContent::kPositionDeletes;
    entry_.file_format = iceberg::FileFormat::kPuffin;
    entry_.file_path = iceberg::Location(kVector);
    entry_.referenced_data_file = data_.file_path;
  }

  void Write(const std::vector<uint32_t>& rows) {
    std::string blob = Blob(Roaring(rows.size(), rows.data())), file = "PFA1" + blob;
    ASSERT_TRUE(store_->Put(kVector, file).ok());
    entry_.record_count = static_cast<int64_t>(rows.size());
    entry_.content_offset = 4;
    entry_.content_size_in_bytes = static_cast<int64_t>(blob.size());
    entry_.file_size_in_bytes = static_cast<int64_t>(file.size());
  }

  std::vector<std::string> Verify() {
    LakeInstance lake(std::make_shared<storage::RevokingStore>(store_));
    iceberg::Problems problems;
    auto deletes =
        VerifyPositionDeletes(*connection_.context, lake, entry_, {{data_.file_path.str(), &data_}}, problems);
    EXPECT_TRUE(deletes.ok());
    if (deletes.ok()) deletes_ = *deletes;
    std::vector<std::string> texts;
    for (const auto& problem : problems.found()) texts.push_back(problem.object + ": " + problem.text);
    return texts;
  }

  duckdb::DuckDB db_;
  duckdb::Connection connection_;
  std::shared_ptr<storage::MemoryStore> store_ = std::make_shared<storage::MemoryStore>();
  iceberg::DataFile data_, entry_;
  PositionDeletes deletes_;
};

TEST_F(VectorTest, AGoodOne) {
  Write({0, 3, 9});
  EXPECT_THAT(Verify(), IsEmpty());
  EXPECT_EQ(deletes_["s3://b/a.parquet"].count(), 3);
}

TEST_F(VectorTest, RowsThatTheDataFileDoesNotHave) {
  Write({3, 10, 11});
  EXPECT_THAT(Verify(), ElementsAre("s3://b/v.puffin: It deletes row 10 of \"s3://b/a.parquet\", which has 10 rows."));
}

TEST_F(VectorTest, AnotherCardinality) {
  Write({1, 2});
  entry_.record_count = 3;
  EXPECT_THAT(Verify(), ElementsAre(HasSubstr("it has fewer rows than its entry says")));
}

TEST_F(VectorTest, AnotherPlace) {
  Write({1, 2});
  entry_.content_offset = 5;
  EXPECT_THAT(Verify(), ElementsAre(HasSubstr("its deletion vector has offset 5 and size")));
  entry_.content_offset = 3;
  EXPECT_THAT(Verify(), ElementsAre(HasSubstr("It cannot be read: deletion vector in \"s3://b/v.puffin\": ")));
}

TEST_F(VectorTest, AMissingFile) {
  Write({1, 2});
  ASSERT_TRUE(store_->Remove(kVector).ok());
  EXPECT_THAT(Verify(), ElementsAre(HasSubstr("It cannot be read: ")));
}

}  // namespace
}  // namespace lake::server
