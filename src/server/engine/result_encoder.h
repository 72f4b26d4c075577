// Turns DuckDB chunks into the messages that carry rows: DataRow, or CopyData in one of COPY's formats.
//
//   encoder.Begin(chunk);
//   while (encoder.Next(out, kBatchBytes, rows_left)) socket.Send(out);
//
// CopyData messages of the binary format hold whole rows and about `batch_bytes`, those of the text formats one line.
// Memory beyond the chunk is one batch, or one row when that is larger.
#pragma once

#include <memory>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "server/engine/column_encoder.h"
#include "server/engine/copy_text.h"
#include "wire/out_buffer.h"

namespace lake::server {

enum class Framing {
  kDataRow,     // a DataRow message a row
  kCopyBinary,  // tuples of the binary COPY format; header and trailer are the caller's
  kCopyText,    // lines of COPY's text or csv format
};

class ResultEncoder {
 public:
  /// `formats`: one for each column (all text for kCopyText, all the same for kCopyBinary). `text` is only used by
  /// kCopyText.
  ResultEncoder(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                const std::vector<wire::Format>& formats, Framing framing, const CopyTextOptions& text = {});

  /// The chunk must live until its last row was given out.
  void Begin(duckdb::DataChunk& chunk);
  /// Appends at most `max_rows` rows (0: no limit) and about `batch_bytes`; returns how many, 0 when the chunk is used
  /// up.
  size_t Next(wire::OutBuffer& out, size_t batch_bytes, size_t max_rows);
  bool chunk_done() const { return row_ == count_; }

 private:
  void WriteRows(size_t end, char* at);
  size_t AppendLines(wire::OutBuffer& out, size_t batch_bytes, size_t max_rows);

  Framing framing_;
  CopyTextOptions text_;
  size_t row_header_;  // bytes before the fields of a row
  std::vector<std::unique_ptr<ColumnEncoder>> columns_;
  std::vector<size_t> sizes_;  // of the chunk's rows, headers included
  std::vector<char*> cursors_;
  size_t row_ = 0;  // the next row of the chunk
  size_t count_ = 0;
};

}  // namespace lake::server
