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
#include "server/lake/data_file_writer.h"
#include "server/lake/lake_instance.h"
#include "server/lake/last_written.h"
#include "storage/location.h"

namespace lake::server {

namespace {

constexpr int64_t kDefaultFileBytes = int64_t{512} << 20;

struct WriteSpec {
  std::string data_prefix;
  std::vector<StreamColumn> columns;
  int64_t target_file_size = kDefaultFileBytes;
  int64_t row_group_size = kDefaultRowGroupBytes;
  Compression compression = Compression::kSnappy;
};

Result<std::vector<StreamColumn>> ParseColumns(const Json& list, const iceberg::Schema& schema) {
  std::vector<StreamColumn> columns;
  std::set<std::string> seen;
  for (const Json& entry : list) {
    JsonObject object(entry, "column of lake_write");
    StreamColumn column;
    LAKE_ASSIGN_OR_RETURN(column.name, object.String("name"));
    LAKE_ASSIGN_OR_RETURN(column.wire, object.String("wire"));
    const iceberg::NestedField* field = nullptr;
    for (const auto& candidate : schema.fields()) {
      if (candidate.name == column.name) field = &candidate;
    }
    if (field == nullptr) return Conflict("column \"{}\" does not exist in the Iceberg table", column.name);
    if (!seen.insert(column.name).second) return InvalidInput("column \"{}\" is listed twice", column.name);
    column.field = *field;
    columns.push_back(std::move(column));
  }
  if (columns.empty()) return InvalidInput("lake_write needs at least one column");
  for (const auto& field : schema.fields()) {
    if (field.required && seen.count(field.name) == 0) {
      return Conflict("column \"{}\" is required by the Iceberg table but not written", field.name);
    }
  }
  return columns;
}

Result<WriteSpec> ParseSpec(const Json& json, const iceberg::TableMetadata& table) {
  JsonObject object(json, "argument of lake_write");
  WriteSpec spec;
  LAKE_ASSIGN_OR_RETURN(spec.data_prefix, object.String("data_prefix"));
  LAKE_RETURN_IF_ERROR([&]() -> Status {
    auto location = storage::ParseLocation(spec.data_prefix);
    return location.ok() ? Status() : Status(std::move(location).error());
  }());
  LAKE_ASSIGN_OR_RETURN(const Json* columns, object.Array("columns"));
  LAKE_ASSIGN_OR_RETURN(spec.columns, ParseColumns(*columns, table.current_schema()));
  LAKE_ASSIGN_OR_RETURN(auto file_bytes, object.OptionalInt64("target_file_size"));
  LAKE_ASSIGN_OR_RETURN(auto group_bytes, object.OptionalInt64("row_group_size"));
  if (file_bytes && *file_bytes > 0) spec.target_file_size = *file_bytes;
  if (group_bytes && *group_bytes > 0) spec.row_group_size = *group_bytes;
  LAKE_ASSIGN_OR_RETURN(auto compression, object.OptionalString("compression"));
  if (compression) {
    LAKE_ASSIGN_OR_RETURN(spec.compression, ParseCompression(*compression));
  }
  return spec;
}

/// Row groups in, data files out: rolls over to the next file. Used by one thread at a time.
class FileSequence {
 public:
  FileSequence(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, const WriteSpec& spec,
               const iceberg::TableMetadata& table)
      : context_(context), lake_(std::move(lake)), spec_(spec), table_(table) {
    for (const StreamColumn& column : spec.columns) fields_.push_back(column.field);
  }

  Status Write(duckdb::ColumnDataCollection& rows) {
    if (!file_) {
      std::string location = fmt::format("{}-{}.parquet", spec_.data_prefix, files_.size());
      LAKE_ASSIGN_OR_RETURN(
          file_, DataFileWriter::Create(context_, lake_->store(), location, fields_, table_, spec_.compression));
    }
    LAKE_RETURN_IF_ERROR(file_->Write(rows));
    return file_->size() >= static_cast<uint64_t>(spec_.target_file_size) ? CloseFile() : Status();
  }

  Status CloseFile() {
    if (!file_) return {};
    LAKE_ASSIGN_OR_RETURN(iceberg::DataFile file, file_->Finish());
    file.spec_id = table_.default_spec_id;
    file_.reset();
    files_.push_back(std::move(file));
    return {};
  }

  const std::vector<iceberg::DataFile>& files() const { return files_; }

  /// Removes what was finished: an aborted write leaves nothing. Failures are left to whoever cleans the location.
  void Discard() {
    file_.reset();
    for (const iceberg::DataFile& file : files_) (void)lake_->store().Remove(file.file_path.str());
  }

 private:
  duckdb::ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  const WriteSpec& spec_;
  const iceberg::TableMetadata& table_;
  std::vector<iceberg::NestedField> fields_;
  std::unique_ptr<DataFileWriter> file_;
  std::vector<iceberg::DataFile> files_;
};

class CopyRowWriter : public RowWriter {
 public:
  CopyRowWriter(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, WriteSpec spec,
                LakeInstance::MetadataPtr table, CopyDecoder decoder)
      : context_(context),
        spec_(std::move(spec)),
        table_(std::move(table)),
        decoder_(std::move(decoder)),
        reader_(spec_.columns.size()),
        files_(context, std::move(lake), spec_, *table_) {
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
    LAKE_RETURN_IF_ERROR(files_.CloseFile());
    Written written;
    for (const iceberg::DataFile& file : files_.files()) {
      written.rows += file.record_count;
      written.bytes += file.file_size_in_bytes;
      ++written.files;
    }
    LAKE_ASSIGN_OR_RETURN(written.change, ChangeText(files_.files()));
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
  LAKE_ASSIGN_OR_RETURN(std::string base, JsonObject(json, "argument of lake_write").String("base"));
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr table, lake->MetadataOfBase(base));
  if (!table->default_spec().is_unpartitioned()) {
    return Unsupported("table at \"{}\" is partitioned: rows cannot be written to it yet", table->location.str());
  }
  LAKE_ASSIGN_OR_RETURN(WriteSpec spec, ParseSpec(json, *table));
  LAKE_ASSIGN_OR_RETURN(CopyDecoder decoder, CopyDecoder::Create(spec.columns));
  std::unique_ptr<RowWriter> writer =
      std::make_unique<CopyRowWriter>(context, std::move(lake), std::move(spec), std::move(table), std::move(decoder));
  return writer;
}

void SetLastWritten(duckdb::ClientContext& context, Written written) {
  LastWritten::Of(context).written = std::move(written);
}

}  // namespace lake::server
