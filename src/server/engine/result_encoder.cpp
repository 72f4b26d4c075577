#include "server/engine/result_encoder.h"

#include "duckdb/common/exception.hpp"
#include "server/engine/nested_encoder.h"
#include "wire/backend.h"

namespace lake::server {

namespace {
constexpr size_t kMaxRowBytes = (size_t{1} << 30) - 1;  // as PostgreSQL: what a client can be expected to take
constexpr size_t kTupleHeader = 2;                      // field count
}  // namespace

ResultEncoder::ResultEncoder(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                             const std::vector<wire::Format>& formats, Framing framing, const CopyTextOptions& text)
    : framing_(framing), text_(text), row_header_(framing == Framing::kDataRow ? wire::kDataRowHeader : kTupleHeader) {
  for (size_t i = 0; i < types.size(); ++i) {
    bool is_nested_binary = framing == Framing::kCopyBinary && formats[i] == wire::Format::kBinary;
    columns_.push_back(is_nested_binary ? MakeNestedEncoder(context, types[i])
                                        : MakeColumnEncoder(context, types[i], formats[i]));
  }
}

void ResultEncoder::Begin(duckdb::DataChunk& chunk) {
  row_ = 0;
  count_ = chunk.size();
  sizes_.assign(count_, row_header_);
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i]->Measure(chunk.data[i], count_, sizes_.data());
}

size_t ResultEncoder::Next(wire::OutBuffer& out, size_t batch_bytes, size_t max_rows) {
  if (row_ == count_) return 0;
  if (framing_ == Framing::kCopyText) return AppendLines(out, batch_bytes, max_rows);
  size_t limit = max_rows == 0 ? count_ : std::min(count_, row_ + max_rows);
  size_t end = row_;
  size_t bytes = 0;
  do {
    if (sizes_[end] > kMaxRowBytes) {
      throw duckdb::OutOfRangeException("a result row has %llu bytes, at most %llu can be sent", sizes_[end],
                                        kMaxRowBytes);
    }
    bytes += sizes_[end++];
  } while (end < limit && bytes + sizes_[end] <= batch_bytes);
  size_t before = out.size();
  if (framing_ == Framing::kCopyBinary) wire::WriteCopyDataHeader(out.Extend(wire::kCopyDataHeader), bytes);
  try {
    WriteRows(end, out.Extend(bytes));
  } catch (...) {
    out.Truncate(before);  // a value that cannot be sent: no half message may stay in front of the error
    throw;
  }
  size_t rows = end - row_;
  row_ = end;
  return rows;
}

void ResultEncoder::WriteRows(size_t end, char* at) {
  cursors_.resize(end - row_);
  auto columns = static_cast<uint16_t>(columns_.size());
  for (size_t row = row_; row < end; ++row) {
    if (framing_ == Framing::kDataRow) {
      wire::WriteDataRowHeader(at, sizes_[row] - row_header_, columns);
    } else {
      wire::StoreBig16(at, columns);
    }
    cursors_[row - row_] = at + row_header_;
    at += sizes_[row];
  }
  for (auto& column : columns_) column->Write(row_, end, cursors_.data());
}

/// A message a line, as PostgreSQL sends them: clients rely on it.
size_t ResultEncoder::AppendLines(wire::OutBuffer& out, size_t batch_bytes, size_t max_rows) {
  size_t limit = max_rows == 0 ? count_ : std::min(count_, row_ + max_rows);
  size_t batch_start = out.size();
  size_t first = row_;
  do {
    size_t start = out.size();
    out.Extend(wire::kCopyDataHeader);
    for (size_t i = 0; i < columns_.size(); ++i) {
      bool is_null = false;
      std::string_view text = columns_[i]->Text(row_, is_null);
      if (i > 0) out.AppendByte(text_.delimiter);
      AppendCopyField(out, text_, text, is_null, columns_.size() == 1);
    }
    out.AppendByte('\n');
    wire::WriteCopyDataHeader(out.data() + start, out.size() - start - wire::kCopyDataHeader);
    ++row_;
  } while (row_ < limit && out.size() - batch_start < batch_bytes);
  return row_ - first;
}

}  // namespace lake::server
