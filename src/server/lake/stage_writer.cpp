// See the header. The table is DuckDB's own: it is bounded by the memory limit, and spills.
#include "server/lake/stage_writer.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/query_result.hpp"
#include "duckdb/main/table_description.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "server/lake/copy_rows.h"

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

Status Parse(const Json& spec, std::string& table, std::vector<StreamColumn>& columns) {
  JsonObject object(spec, "specification of a stage");
  LAKE_ASSIGN_OR_RETURN(table, object.String("stage"));
  LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("columns"));
  LAKE_ASSIGN_OR_RETURN(columns, ParseColumns(*list));
  return {};
}

Status Run(duckdb::ClientContext& context, const std::string& sql) {
  auto result = context.Query(sql, false);
  if (result->HasError()) return Internal("making a stage: {}", result->GetErrorObject().RawMessage());
  return {};
}

class StageWriter : public RowWriter {
 public:
  StageWriter(duckdb::ClientContext& context, std::string table, CopyDecoder decoder)
      : context_(context), table_(std::move(table)), rows_(context, std::move(decoder)) {}

  Status Append(std::string_view bytes) override {
    return rows_.Append(bytes, [this] { return rows_.rows().Count() >= kBatchRows ? Flush() : Status(); });
  }

  Result<Written> Finish() override {
    LAKE_RETURN_IF_ERROR(rows_.Finish());
    LAKE_RETURN_IF_ERROR(Flush());
    Written written;
    written.rows = total_;
    return written;
  }

 private:
  Status Flush() {
    auto rows = rows_.Take();
    if (rows->Count() == 0) return {};
    total_ += static_cast<int64_t>(rows->Count());
    try {
      auto description = context_.TableInfo("temp", "main", table_);
      if (!description) return Internal("the stage \"{}\" is gone", table_);
      context_.Append(*description, *rows);
      return {};
    } catch (const duckdb::OutOfMemoryException& exception) {
      return OutOfMemory("{}", duckdb::ErrorData(exception).RawMessage());
    } catch (const std::exception& exception) {
      return Internal("staging rows: {}", duckdb::ErrorData(exception).RawMessage());
    }
  }

  duckdb::ClientContext& context_;
  std::string table_;
  CopyRows rows_;
  int64_t total_ = 0;
};

}  // namespace

Result<StageColumns> ParseStage(const Json& spec) {
  StageColumns result;
  std::vector<StreamColumn> columns;
  LAKE_RETURN_IF_ERROR(Parse(spec, result.table, columns));
  LAKE_ASSIGN_OR_RETURN(CopyDecoder decoder, CopyDecoder::Create(columns));
  for (const StreamColumn& column : columns) result.names.push_back(column.name);
  result.types = decoder.types();
  return result;
}

Result<std::unique_ptr<RowWriter>> OpenStageWriter(duckdb::ClientContext& context, const Json& spec) {
  std::string table;
  std::vector<StreamColumn> columns;
  LAKE_RETURN_IF_ERROR(Parse(spec, table, columns));
  LAKE_ASSIGN_OR_RETURN(CopyDecoder decoder, CopyDecoder::Create(columns));
  auto quoted = [](const std::string& name) { return duckdb::KeywordHelper::WriteQuoted(name, '"'); };
  std::string sql = "CREATE OR REPLACE TEMP TABLE " + quoted(table) + " (";
  for (size_t i = 0; i < columns.size(); ++i) {
    sql += (i > 0 ? ", " : "") + quoted(columns[i].name) + " " + decoder.types()[i].ToString();
  }
  LAKE_RETURN_IF_ERROR(Run(context, sql + ")"));
  std::unique_ptr<RowWriter> writer = std::make_unique<StageWriter>(context, std::move(table), std::move(decoder));
  return writer;
}

}  // namespace lake::server
