// One Parquet data or delete file being written: DuckDB's encoder on one side, an ObjectWriter on the other.
//
// What the file looks like is decided here (specification, "Parquet"): field ids on every level, integers without
// annotation, decimals as int32, int64 or fixed, UUIDs as fixed[16], times and timestamps in microseconds (those of
// Iceberg's nanoseconds in nanoseconds) with isAdjustedToUTC set, all columns optional; none for type unknown.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/client_context.hpp"
#include "iceberg/manifest.h"
#include "server/lake/bloom_filters.h"
#include "storage/object_store.h"

namespace duckdb {
class ParquetWriter;
}

namespace lake::server {

enum class Compression { kSnappy, kZstd, kGzip, kNone };

/// "snappy", "zstd", "gzip", "none"; kInvalidInput otherwise.
Result<Compression> ParseCompression(std::string_view name);

/// The table's write.parquet.compression-codec where it is one of those, else snappy.
Compression CompressionOf(const iceberg::TableMetadata& table);

class ParquetFile {
 public:
  /// Opens the object; nothing is visible before Finish(), and destroying the file leaves no trace. `fields` are the
  /// table's columns in the order of the row groups' columns. `name_later` as in storage::WriteOptions.
  static Result<std::unique_ptr<ParquetFile>> Create(duckdb::ClientContext& context, storage::ObjectStore& store,
                                                     const std::string& location,
                                                     const std::vector<iceberg::NestedField>& fields,
                                                     Compression compression, BloomFilters filters = {},
                                                     bool name_later = false);
  ~ParquetFile();

  struct RowGroup;  // encoded, not yet in the file
  struct RowGroupDeleter {
    void operator()(RowGroup* group) const;
  };
  using RowGroupPtr = std::unique_ptr<RowGroup, RowGroupDeleter>;

  /// Encodes one row group; `rows` is empty afterwards. Several threads may do so at once.
  Result<RowGroupPtr> Encode(duckdb::ColumnDataCollection& rows) const;
  /// Writes it. One thread at a time.
  Status Append(RowGroup& group);
  /// Bytes written so far.
  uint64_t size() const;
  /// Writes the footer, makes the object durable, and says in `file` where it is, its size, split offsets and the sizes
  /// of the columns; what it holds (content) is the caller's to set before.
  Status Finish(iceberg::DataFile& file);

 private:
  struct State;
  duckdb::ParquetWriter& WriterWithoutDictionaries() const;
  Result<duckdb::unique_ptr<duckdb::ColumnDataCollection>> Convert(duckdb::ColumnDataCollection& rows) const;
  explicit ParquetFile(std::unique_ptr<State> state);
  /// Runs DuckDB's code: the storage's own error if that is what stopped it, else DuckDB's.
  Status Run(const std::function<void()>& work) const;

  std::unique_ptr<State> state_;
};

}  // namespace lake::server
