// See the header. Rows go  COPY bytes -> vectors -> a buffered row group -> Parquet -> object store.
//
// Memory is bounded by two row groups: while one is encoded on a thread of its own, the next is decoded. A stream that
// ends within its first row group never starts a thread. Order of rows and of files is the stream's.
#include "server/lake/row_writer.h"

#include <future>

#include "base/json.h"
#include "duckdb/main/client_context.hpp"
#include "server/lake/change.h"
#include "server/lake/copy_rows.h"
#include "server/lake/lake_instance.h"
#include "server/lake/last_written.h"
#include "server/lake/row_lineage.h"
#include "server/lake/stage_writer.h"
#include "server/lake/write_spec.h"

namespace lake::server {

namespace {

/// "<position of a row in the files> <how many rows lie there one behind the other>,...".
std::string PositionsOf(const DataFiles::Order& order, const std::vector<iceberg::DataFile>& files) {
  std::vector<int64_t> next;
  int64_t position = 0;
  for (const iceberg::DataFile& file : files) {
    next.push_back(position);
    position += file.record_count;
  }
  std::string text;
  for (auto [file, rows] : order) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ",", next[file], rows);
    next[file] += rows;
  }
  return text;
}

class CopyRowWriter : public RowWriter {
 public:
  CopyRowWriter(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, WriteSpec spec,
                LakeInstance::MetadataPtr table, CopyDecoder decoder)
      : context_(context),
        lake_(std::move(lake)),
        spec_(std::move(spec)),
        table_(std::move(table)),
        rows_(context, std::move(decoder)) {}

  Status Open() {
    LAKE_ASSIGN_OR_RETURN(files_, DataFiles::Open(context_, lake_, spec_.files, FieldsOf(spec_.columns), *table_));
    return {};
  }

  ~CopyRowWriter() override {
    if (encoding_.valid()) (void)encoding_.get();
    if (!finished_ && files_) files_->Discard();
  }

  Status Append(std::string_view bytes) override {
    return rows_.Append(bytes, [this] { return spec_.IsFull(rows_.rows()) ? WriteRowGroup() : Status(); });
  }

  Result<Written> Finish() override {
    LAKE_RETURN_IF_ERROR(rows_.Finish());
    LAKE_RETURN_IF_ERROR(AwaitEncoding());
    if (rows_.rows().Count() > 0) LAKE_RETURN_IF_ERROR(WriteRows(*rows_.Take()));
    LAKE_RETURN_IF_ERROR(files_->Close());
    Written written;
    std::vector<iceberg::DataFile> files = files_->files();
    written.Count(files);
    DataFiles::Order order = files_->order();
    written.row_order = PositionsOf(order, files);
    LAKE_ASSIGN_OR_RETURN(written.change, ChangeText(files, {}, order));
    finished_ = true;
    return written;
  }

 private:
  Status WriteRowGroup() {
    LAKE_RETURN_IF_ERROR(AwaitEncoding());
    std::shared_ptr<duckdb::ColumnDataCollection> group = rows_.Take();
    encoding_ = std::async(std::launch::async, [this, group] { return WriteRows(*group); });
    return {};
  }

  Status WriteRows(duckdb::ColumnDataCollection& rows) {
    if (!spec_.lineage || !HasRowIds(rows)) return files_->Write(rows);
    if (!lineage_) {
      LAKE_ASSIGN_OR_RETURN(lineage_, RowLineage::Open(context_, spec_.lineage_base, spec_.lineage_changes));
    }
    LAKE_ASSIGN_OR_RETURN(auto translated, lineage_->Translate(rows));
    return files_->Write(*translated);
  }

  Status AwaitEncoding() { return encoding_.valid() ? encoding_.get() : Status(); }

  /// Whether any row is an updated one.
  static bool HasRowIds(duckdb::ColumnDataCollection& rows) {
    for (duckdb::DataChunk& chunk : rows.Chunks()) {
      chunk.data.back().Flatten(chunk.size());
      const auto& validity = duckdb::FlatVector::Validity(chunk.data.back());
      if (validity.CountValid(chunk.size()) > 0) return true;
    }
    return false;
  }

  duckdb::ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  WriteSpec spec_;
  LakeInstance::MetadataPtr table_;
  std::shared_ptr<RowLineage> lineage_;  // null: no row was updated yet
  CopyRows rows_;
  std::unique_ptr<DataFiles> files_;
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
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr table, lake->MetadataToWrite(base));
  LAKE_ASSIGN_OR_RETURN(WriteSpec spec, ParseWriteSpec(json, *table));
  LAKE_ASSIGN_OR_RETURN(spec.files.ordered_rows,
                        JsonObject(json, "argument of lake_write").OptionalInt64("ordered_rows"));
  if (spec.columns.empty()) return InvalidInput("lake_write needs at least one column");
  LAKE_ASSIGN_OR_RETURN(CopyDecoder decoder, CopyDecoder::Create(spec.columns));
  auto writer =
      std::make_unique<CopyRowWriter>(context, std::move(lake), std::move(spec), std::move(table), std::move(decoder));
  LAKE_RETURN_IF_ERROR(writer->Open());
  return std::unique_ptr<RowWriter>(std::move(writer));
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
