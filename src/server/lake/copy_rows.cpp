// See the header.
#include "server/lake/copy_rows.h"

#include "duckdb/common/error_data.hpp"

namespace lake::server {

CopyRows::CopyRows(duckdb::ClientContext& context, CopyDecoder decoder)
    : context_(context), decoder_(std::move(decoder)), reader_(decoder_.types().size()) {
  chunk_.Initialize(context, decoder_.types());
  decoder_.SetTarget(chunk_);
  Begin();
}

void CopyRows::Begin() {
  rows_ = std::make_unique<duckdb::ColumnDataCollection>(context_, decoder_.types());
  rows_->InitializeAppend(append_);
}

Status CopyRows::Append(std::string_view bytes, const std::function<Status()>& grown) {
  reader_.Feed(bytes);
  for (;;) {
    auto step = reader_.Next();
    // A bad stream is the sender's mistake, not a broken file.
    if (!step.ok()) return Error(ErrorKind::kInvalidInput, step.error().message());
    if (*step != wire::CopyReader::Step::kTuple) return {};
    LAKE_RETURN_IF_ERROR(decoder_.Decode(reader_.fields(), row_));
    if (++row_ < STANDARD_VECTOR_SIZE) continue;
    LAKE_RETURN_IF_ERROR(Join());
    LAKE_RETURN_IF_ERROR(grown());
  }
}

Status CopyRows::Join() {
  if (row_ == 0) return {};
  chunk_.SetCardinality(row_);
  try {
    rows_->Append(append_, chunk_);
  } catch (const duckdb::OutOfMemoryException& exception) {
    return OutOfMemory("{}", duckdb::ErrorData(exception).RawMessage());
  } catch (const std::exception& exception) {
    return Internal("buffering rows: {}", duckdb::ErrorData(exception).RawMessage());
  }
  chunk_.Reset();
  decoder_.SetTarget(chunk_);
  row_ = 0;
  return {};
}

Status CopyRows::Finish() {
  if (!reader_.at_end()) return InvalidInput("binary COPY stream ends without its trailer");
  return Join();
}

std::unique_ptr<duckdb::ColumnDataCollection> CopyRows::Take() {
  auto taken = std::move(rows_);
  Begin();
  return taken;
}

}  // namespace lake::server
