// Rows of a binary COPY stream into Parquet files of an Iceberg table: the server's side of
// `COPY lake_write('<json>') FROM STDIN (FORMAT binary)` (docs/link.md).
//
//   LAKE_ASSIGN_OR_RETURN(auto writer, OpenRowWriter(context, spec_json));
//   while (more) LAKE_RETURN_IF_ERROR(writer->Append(bytes));
//   LAKE_ASSIGN_OR_RETURN(Written written, writer->Finish());
//   SetLastWritten(context, std::move(written));
//
// Rows are written in the order they came. After an error from Append() the writer is of no use: destroy it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

struct Written {
  std::string change;  // opaque to everybody but lake_scan and lake_commit
  int64_t rows = 0;
  int64_t bytes = 0;  // of the files
  int32_t files = 0;
  std::string row_order;  // docs/link.md; empty: as they came
  // of COPY (query) TO .. (FORMAT lake), set_writer.h
  int64_t affected = 0;   // rows inserted, updated or deleted
  std::string deletes;    // the change that deletes the rows deleted or updated; empty: none
  int64_t deleted = 0;    // how many
  std::string row_ids;    // which, as row_ids.h has them
  bool violated = false;  // a row breaks a constraint or a range: nothing else is true

  void Count(const std::vector<iceberg::DataFile>& written);
};

class RowWriter {
 public:
  /// Destroying a writer without Finish() aborts it and leaves no file.
  virtual ~RowWriter() = default;
  /// A piece of PostgreSQL's binary COPY stream, cut anywhere.
  virtual Status Append(std::string_view copy_bytes) = 0;
  /// The stream is complete: closes the files. Zero rows write no file.
  virtual Result<Written> Finish() = 0;
};

/// `spec_json` is the argument of lake_write (docs/link.md): of an Iceberg table, or of a stage (stage_writer.h), whose
/// writer makes no files.
Result<std::unique_ptr<RowWriter>> OpenRowWriter(duckdb::ClientContext& context, const std::string& spec_json);

/// What lake_written() answers next on this connection.
void SetLastWritten(duckdb::ClientContext& context, Written written);

}  // namespace lake::server
