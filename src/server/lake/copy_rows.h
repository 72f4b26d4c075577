// Rows of a binary COPY stream, decoded and collected: what all who take such a stream do first.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/client_context.hpp"
#include "server/lake/copy_decoder.h"

namespace lake::server {

class CopyRows {
 public:
  /// `context` must outlive it.
  CopyRows(duckdb::ClientContext& context, CopyDecoder decoder);

  /// A piece of the stream, cut anywhere. `grown` runs whenever a vector's worth of rows has joined rows().
  Status Append(std::string_view copy_bytes, const std::function<Status()>& grown);
  /// The stream is complete: its last rows join. kInvalidInput when it is not.
  Status Finish();

  const duckdb::ColumnDataCollection& rows() const { return *rows_; }
  /// Hands them over and begins with none.
  std::unique_ptr<duckdb::ColumnDataCollection> Take();

 private:
  Status Join();
  void Begin();

  duckdb::ClientContext& context_;
  CopyDecoder decoder_;
  wire::CopyReader reader_;
  duckdb::DataChunk chunk_;
  duckdb::idx_t row_ = 0;  // of chunk_
  std::unique_ptr<duckdb::ColumnDataCollection> rows_;
  duckdb::ColumnDataAppendState append_;
};

}  // namespace lake::server
