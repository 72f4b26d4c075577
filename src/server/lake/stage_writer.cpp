// See the header. The table is DuckDB's own: it is bounded by the memory limit, and spills.
#include "server/lake/stage_writer.h"

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/query_result.hpp"
#include "duckdb/main/table_description.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "server/lake/copy_decoder.h"

namespace lake::server {

namespace {

constexpr duckdb::idx_t kBatchRows = 122880;  // a row group of DuckDB's

Result<std::vector<StreamColumn>> ParseColumns(const Json& list) {
  std::vector<StreamColumn> columns;
  for (const Json& entry : list) {
    JsonObject object(entry, "column of a stage");
    StreamColumn column;
    column.allows_infinite = true;
    LAKE_ASSIGN_OR_RETURN(column.name, object.String("name"));
    LAKE_ASSIGN_OR_RETURN(column.wire, object.String("wire"));
    LAKE_ASSIGN_OR_RETURN(const Json* type, object.Get("type"));
    LAKE_ASSIGN_OR_RETURN(column.field.type, iceberg::ParseType(*type));
    columns.push_back(std::move(column));
  }
  if (columns.empty()) return InvalidInput("a stage needs at least one column");
  return columns;
}

Status Run(duckdb::ClientContext& context, const std::string& sql) {
  auto result = context.Query(sql, false);
  if (result->HasError()) return Internal("making a stage: {}", result->GetErrorObject().RawMessage());
  return {};
}

class StageWriter : public RowWriter {
 public:
  StageWriter(duckdb::ClientContext& context, std::string table, CopyDecoder decoder, size_t columns)
      : context_(context), table_(std::move(table)), decoder_(std::move(decoder)), reader_(columns) {
    chunk_.Initialize(context, decoder_.types());
    decoder_.SetTarget(chunk_);
    NewRows();
  }

  Status Append(std::string_view bytes) override {
    reader_.Feed(bytes);
    for (;;) {
      auto step = reader_.Next();
      if (!step.ok()) return Error(ErrorKind::kInvalidInput, step.error().message());
      if (*step != wire::CopyReader::Step::kTuple) return {};
      LAKE_RETURN_IF_ERROR(decoder_.Decode(reader_.fields(), row_));
      if (++row_ == STANDARD_VECTOR_SIZE) LAKE_RETURN_IF_ERROR(Buffer());
    }
  }

  Result<Written> Finish() override {
    if (!reader_.at_end()) return InvalidInput("binary COPY stream ends without its trailer");
    LAKE_RETURN_IF_ERROR(Buffer());
    LAKE_RETURN_IF_ERROR(Flush());
    Written written;
    written.rows = total_;
    return written;
  }

 private:
  void NewRows() {
    rows_ = std::make_unique<duckdb::ColumnDataCollection>(context_, decoder_.types());
    rows_->InitializeAppend(append_);
  }

  Status Buffer() {
    if (row_ == 0) return {};
    chunk_.SetCardinality(row_);
    LAKE_RETURN_IF_ERROR(Guard([&] { rows_->Append(append_, chunk_); }));
    total_ += static_cast<int64_t>(row_);
    chunk_.Reset();
    decoder_.SetTarget(chunk_);
    row_ = 0;
    return rows_->Count() >= kBatchRows ? Flush() : Status();
  }

  Status Flush() {
    if (rows_->Count() == 0) return {};
    LAKE_RETURN_IF_ERROR(Guard([&] {
      auto description = context_.TableInfo("temp", "main", table_);
      if (!description) throw duckdb::InvalidInputException("the stage is gone");
      context_.Append(*description, *rows_);
    }));
    NewRows();
    return {};
  }

  template <typename Work>
  Status Guard(Work&& work) {
    try {
      work();
      return {};
    } catch (const duckdb::OutOfMemoryException& exception) {
      return OutOfMemory("{}", duckdb::ErrorData(exception).RawMessage());
    } catch (const std::exception& exception) {
      return Internal("staging rows: {}", duckdb::ErrorData(exception).RawMessage());
    }
  }

  duckdb::ClientContext& context_;
  std::string table_;
  CopyDecoder decoder_;
  wire::CopyReader reader_;
  duckdb::DataChunk chunk_;
  duckdb::idx_t row_ = 0;  // of chunk_
  int64_t total_ = 0;
  std::unique_ptr<duckdb::ColumnDataCollection> rows_;
  duckdb::ColumnDataAppendState append_;
};

}  // namespace

Result<std::unique_ptr<RowWriter>> OpenStageWriter(duckdb::ClientContext& context, const Json& spec) {
  JsonObject object(spec, "specification of a stage");
  LAKE_ASSIGN_OR_RETURN(std::string table, object.String("stage"));
  LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("columns"));
  LAKE_ASSIGN_OR_RETURN(std::vector<StreamColumn> columns, ParseColumns(*list));
  LAKE_ASSIGN_OR_RETURN(CopyDecoder decoder, CopyDecoder::Create(columns));
  auto quoted = [](const std::string& name) { return duckdb::KeywordHelper::WriteQuoted(name, '"'); };
  std::string sql = "CREATE OR REPLACE TEMP TABLE " + quoted(table) + " (";
  for (size_t i = 0; i < columns.size(); ++i) {
    sql += (i > 0 ? ", " : "") + quoted(columns[i].name) + " " + decoder.types()[i].ToString();
  }
  LAKE_RETURN_IF_ERROR(Run(context, sql + ")"));
  std::unique_ptr<RowWriter> writer =
      std::make_unique<StageWriter>(context, std::move(table), std::move(decoder), columns.size());
  return writer;
}

}  // namespace lake::server
