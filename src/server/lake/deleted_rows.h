// Rows of a data file that do not count: position deletes, deletion vectors, and rows behind a limit.
//
// Position delete file: Parquet with the columns file_path (field id 2147483546) and pos (2147483545), for one or many
// data files. Deletion vector: a blob in a Puffin file (iceberg-spec "Deletion Vectors"):
//   length:be32 of what follows but the CRC; D1 D3 39 64; bitmap; crc32:be32 over magic and bitmap
//   bitmap := count:le64 (key:le32 <portable 32-bit roaring bitmap>)*, keys ascending
#pragma once

#include <memory>
#include <vector>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "iceberg/manifest.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

class DeletedRows {
 public:
  /// `positions` ascending, without duplicates; rows from `row_limit` on do not count either.
  DeletedRows(std::vector<int64_t> positions, int64_t row_limit)
      : positions_(std::move(positions)), row_limit_(row_limit) {}

  /// Deleted positions lower than `position`.
  int64_t CountBelow(int64_t position) const;
  /// Of the rows start ... start + count - 1 those that count, as offsets from start into `live` (room for count).
  uint32_t Live(int64_t start, uint32_t count, uint32_t* live) const;

 private:
  std::vector<int64_t> positions_;
  int64_t row_limit_;
};

/// What the delete files and the limit hide in one data file; null when nothing is hidden.
Result<std::shared_ptr<const DeletedRows>> HiddenRowsOf(duckdb::ClientContext& context, LakeInstance& lake,
                                                        const iceberg::DataFile& file,
                                                        const std::vector<const iceberg::DataFile*>& deletes,
                                                        int64_t row_limit);

/// The positions in a deletion vector's blob, ascending; there must be `cardinality` of them, as its entry says: a few
/// bytes can stand for billions. kCorrupt names `location`.
Result<std::vector<int64_t>> ParseDeletionVector(std::string_view blob, int64_t cardinality,
                                                 const std::string& location);

/// Hands DuckDB's readers the rows that count.
class DeletedRowsFilter : public duckdb::DeleteFilter {
 public:
  explicit DeletedRowsFilter(std::shared_ptr<const DeletedRows> rows) : rows_(std::move(rows)) {}
  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count, duckdb::SelectionVector& result) override;

 private:
  std::shared_ptr<const DeletedRows> rows_;
};

}  // namespace lake::server
