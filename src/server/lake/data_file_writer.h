// One data file of a table being written: Parquet by parquet_file.h, statistics by column_metrics.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/lake/column_metrics.h"
#include "server/lake/parquet_file.h"

namespace lake::server {

inline constexpr int64_t kMaxRowGroupRows = 122880;  // DuckDB's: what one thread scans at a time

/// So many rows that they make a row group of at most about `most_bytes`.
inline bool MakeRowGroup(const duckdb::ColumnDataCollection& rows, int64_t most_bytes) {
  return static_cast<int64_t>(rows.Count()) >= kMaxRowGroupRows ||
         static_cast<int64_t>(rows.SizeInBytes()) >= most_bytes;
}
inline constexpr int64_t kDefaultRowGroupBytes = int64_t{128} << 20;

class DataFileWriter {
 public:
  /// Opens the object; nothing is visible before Finish(), and destroying the writer leaves no trace. `fields` are
  /// columns of the table, in the order of the row groups' columns. `name_later` as in storage::WriteOptions.
  static Result<std::unique_ptr<DataFileWriter>> Create(duckdb::ClientContext& context, storage::ObjectStore& store,
                                                        const std::string& location,
                                                        const std::vector<iceberg::NestedField>& fields,
                                                        const iceberg::TableMetadata& table, Compression compression,
                                                        bool name_later = false);

  /// A row group that is encoded, not yet in the file.
  struct RowGroup {
    ParquetFile::RowGroupPtr encoded;
    std::vector<ColumnMetrics> metrics;
    int64_t rows = 0;
  };

  /// Several threads may encode at once; `rows` is empty afterwards.
  Result<RowGroup> Encode(duckdb::ColumnDataCollection& rows) const;
  /// One thread at a time.
  Status Append(RowGroup group);
  /// Both.
  Status Write(duckdb::ColumnDataCollection& rows);
  /// Bytes written so far.
  uint64_t size() const { return file_->size(); }
  /// Makes the object durable. The partition is the caller's to set.
  Result<iceberg::DataFile> Finish();

 private:
  DataFileWriter() = default;

  std::unique_ptr<ParquetFile> file_;
  std::vector<ColumnMetrics> empty_metrics_;  // what a row group starts with
  std::vector<ColumnMetrics> metrics_;
  int64_t rows_ = 0;
};

}  // namespace lake::server
