// lake_scan: Iceberg tables as a DuckDB table function (docs/link.md, "Reading"), and the same read without a query.
#pragma once

#include <memory>

#include "server/lake/table_scan.h"

namespace duckdb {
class DataChunk;
class ExtensionLoader;
}  // namespace duckdb

namespace lake::server {

void RegisterLakeScan(duckdb::ExtensionLoader& loader);

/// All rows of a scan, all columns of its schema, read by the calling thread as a part of the query that `context`
/// runs: so what cancels the query ends the read. Throws what DuckDB and lake_scan throw.
class ScanCursor {
 public:
  struct Options {
    size_t workers = 1;        // threads that may call Next at the same time; with one, rows come in order
    bool row_numbers = false;  // one more column, the last: the row's number in its file, BIGINT
  };

  ScanCursor(duckdb::ClientContext& context, std::shared_ptr<TableScan> scan, Options options);
  ScanCursor(duckdb::ClientContext& context, std::shared_ptr<TableScan> scan)
      : ScanCursor(context, std::move(scan), Options{}) {}
  ~ScanCursor();

  const duckdb::vector<duckdb::LogicalType>& types() const;
  /// The next rows, into an initialised chunk of types(); false at the end.
  bool Next(duckdb::DataChunk& chunk, size_t worker = 0);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lake::server
