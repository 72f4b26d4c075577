// See the header. Rows go  COPY bytes -> vectors -> a buffered row group -> Parquet -> object store.
//
// Memory is bounded by two row groups: while one is encoded on a thread of its own, the next is decoded. A stream that
// ends within its first row group never starts a thread. Order of rows and of files is the stream's.
#include "server/lake/row_writer.h"

#include <future>

#include "base/json.h"
#include "duckdb/main/client_context.hpp"
#include "server/lake/change.h"
#include "server/lake/copy_decoder.h"
#include "server/lake/lake_instance.h"
#include "server/lake/last_written.h"
#include "server/lake/stage_writer.h"
#include "server/lake/write_spec.h"

namespace lake::server {

namespace {

class CopyRowWriter : public RowWriter {
 public:
  CopyRowWriter(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, WriteSpec spec,
                LakeInstance::MetadataPtr table, CopyDecoder decoder)
      : context_(context),
        spec_(std::move(spec)),
        table_(std::move(table)),
        decoder_(std::move(decoder)),
        reader_(spec_.columns.size()),
        files_(context, std::move(lake), spec_.files, FieldsOf(spec_.columns), *table_) {
    chunk_.Initialize(context, decoder_.types());
    decoder_.SetTarget(chunk_);
    NewRowGroup();
  }

  ~CopyRowWriter() override {
    if (encoding_.valid()) (void)encoding_.get();
    if (!finished_) files_.Discard();
  }

  Status Append(std::string_view bytes) override {
    reader_.Feed(bytes);
    for (;;) {
      LAKE_ASSIGN_OR_RETURN(wire::CopyReader::Step step, ReadStep());
      if (step != wire::CopyReader::Step::kTuple) return {};
      LAKE_RETURN_IF_ERROR(decoder_.Decode(reader_.fields(), row_));
      if (++row_ == STANDARD_VECTOR_SIZE) LAKE_RETURN_IF_ERROR(FlushChunk());
    }
  }

  Result<Written> Finish() override {
    if (!reader_.at_end()) return InvalidInput("binary COPY stream ends without its trailer");
    LAKE_RETURN_IF_ERROR(Buffer());
    LAKE_RETURN_IF_ERROR(AwaitEncoding());
    if (rows_->Count() > 0) LAKE_RETURN_IF_ERROR(files_.Write(*rows_));
    LAKE_RETURN_IF_ERROR(files_.Close());
    Written written;
    std::vector<iceberg::DataFile> files = files_.files();
    written.Count(files);
    LAKE_ASSIGN_OR_RETURN(written.change, ChangeText(files));
    finished_ = true;
    return written;
  }

 private:
  Result<wire::CopyReader::Step> ReadStep() {
    auto step = reader_.Next();
    // A bad stream is the sender's mistake, not a broken file.
    if (!step.ok()) return Error(ErrorKind::kInvalidInput, step.error().message());
    return step;
  }

  void NewRowGroup() {
    rows_ = std::make_unique<duckdb::ColumnDataCollection>(context_, decoder_.types());
    rows_->InitializeAppend(append_);
  }

  /// The decoded rows join the row group.
  Status Buffer() {
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

  Status FlushChunk() {
    LAKE_RETURN_IF_ERROR(Buffer());
    bool full = static_cast<int64_t>(rows_->Count()) >= kMaxRowGroupRows ||
                static_cast<int64_t>(rows_->SizeInBytes()) >= spec_.row_group_size;
    if (!full) return {};
    LAKE_RETURN_IF_ERROR(AwaitEncoding());
    std::shared_ptr<duckdb::ColumnDataCollection> group = std::move(rows_);
    encoding_ = std::async(std::launch::async, [this, group] { return files_.Write(*group); });
    NewRowGroup();
    return {};
  }

  Status AwaitEncoding() { return encoding_.valid() ? encoding_.get() : Status(); }

  duckdb::ClientContext& context_;
  WriteSpec spec_;
  LakeInstance::MetadataPtr table_;
  CopyDecoder decoder_;
  wire::CopyReader reader_;
  FileSequence files_;
  duckdb::DataChunk chunk_;
  duckdb::idx_t row_ = 0;  // of chunk_
  std::unique_ptr<duckdb::ColumnDataCollection> rows_;
  duckdb::ColumnDataAppendState append_;
  std::future<Status> encoding_;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<RowWriter>> OpenRowWriter(duckdb::ClientContext& context, const std::string& spec_json) {
  auto lake = LakeInstance::Of(context);
  if (!lake) return Internal("the DuckDB instance is not a lake");
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(spec_json, "argument of lake_write"));
  if (json.is_object() && json.contains("stage")) return OpenStageWriter(context, json);
  LAKE_ASSIGN_OR_RETURN(std::string base, JsonObject(json, "argument of lake_write").String("base"));
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr table, lake->MetadataOfBase(base));
  LAKE_ASSIGN_OR_RETURN(WriteSpec spec, ParseWriteSpec(json, *table));
  if (spec.columns.empty()) return InvalidInput("lake_write needs at least one column");
  LAKE_ASSIGN_OR_RETURN(CopyDecoder decoder, CopyDecoder::Create(spec.columns));
  std::unique_ptr<RowWriter> writer =
      std::make_unique<CopyRowWriter>(context, std::move(lake), std::move(spec), std::move(table), std::move(decoder));
  return writer;
}

void Written::Count(const std::vector<iceberg::DataFile>& written) {
  for (const iceberg::DataFile& file : written) {
    rows += file.record_count;
    bytes += file.file_size_in_bytes;
    ++files;
  }
}

void SetLastWritten(duckdb::ClientContext& context, Written written) {
  LastWritten::Of(context).written = std::move(written);
}

}  // namespace lake::server
