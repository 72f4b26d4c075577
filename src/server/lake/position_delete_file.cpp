// See the header.
#include "server/lake/position_delete_file.h"

#include "parquet_reader.hpp"
#include "server/lake/open_file.h"

namespace lake::server {

namespace {

/// The column with the field id or, in files without ids, the name.
duckdb::optional_idx FindColumn(const duckdb::ParquetReader& reader, iceberg::FieldId id, const char* name) {
  for (duckdb::idx_t i = 0; i < reader.columns.size(); ++i) {
    const auto& column = reader.columns[i];
    if (column.identifier.IsNull() ? column.name == name : column.GetIdentifierFieldId() == id.value) return i;
  }
  return {};
}

}  // namespace

Result<PositionDeletes> ReadPositionDeleteFile(duckdb::ClientContext& context, const iceberg::DataFile& file) {
  const std::string& location = file.file_path.str();
  if (file.file_format != iceberg::FileFormat::kParquet) {
    return Unsupported("position delete file \"{}\" has format {}, only parquet is supported", location,
                       iceberg::FileFormatName(file.file_format));
  }
  LAKE_ASSIGN_OR_RETURN(duckdb::OpenFileInfo info, OpenInfoOf(file));
  duckdb::ParquetReader reader(context, info, duckdb::ParquetOptions(context));
  duckdb::optional_idx path_column = FindColumn(reader, iceberg::kDeleteFilePathId, "file_path");
  duckdb::optional_idx pos_column = FindColumn(reader, iceberg::kDeletePosId, "pos");
  if (!path_column.IsValid() || !pos_column.IsValid() ||
      reader.columns[path_column.GetIndex()].type.id() != duckdb::LogicalTypeId::VARCHAR ||
      reader.columns[pos_column.GetIndex()].type.id() != duckdb::LogicalTypeId::BIGINT) {
    return Corrupt("position delete file \"{}\" lacks the columns file_path (string) and pos (long)", location);
  }
  duckdb::vector<duckdb::LogicalType> types;
  for (duckdb::idx_t column : {path_column.GetIndex(), pos_column.GetIndex()}) {
    reader.column_ids.push_back(duckdb::MultiFileLocalColumnId(column));
    reader.column_indexes.emplace_back(column);
    types.push_back(reader.columns[column].type);
  }
  duckdb::vector<duckdb::idx_t> groups;
  for (duckdb::idx_t i = 0; i < reader.NumRowGroups(); ++i) groups.push_back(i);

  PositionDeletes result;
  std::vector<int64_t>* positions = nullptr;  // of the path seen last: rows are sorted by path
  std::string last_path;
  duckdb::ParquetReaderScanState state;
  reader.InitializeScan(context, state, groups);
  duckdb::DataChunk chunk;
  chunk.Initialize(context, types);
  for (;;) {
    auto step = reader.Scan(context, state, chunk).GetResultType();
    if (step == duckdb::AsyncResultType::FINISHED && chunk.size() == 0) break;
    duckdb::UnifiedVectorFormat paths, rows;
    chunk.data[0].ToUnifiedFormat(chunk.size(), paths);
    chunk.data[1].ToUnifiedFormat(chunk.size(), rows);
    for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
      auto path_at = paths.sel->get_index(i), row_at = rows.sel->get_index(i);
      if (!paths.validity.RowIsValid(path_at) || !rows.validity.RowIsValid(row_at)) {
        return Corrupt("position delete file \"{}\" has null values", location);
      }
      const auto& path = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(paths)[path_at];
      std::string_view text(path.GetData(), path.GetSize());
      if (positions == nullptr || text != last_path) {
        last_path = text;
        positions = &result[last_path];
      }
      positions->push_back(duckdb::UnifiedVectorFormat::GetData<int64_t>(rows)[row_at]);
    }
    if (step == duckdb::AsyncResultType::FINISHED) break;
  }
  return result;
}

}  // namespace lake::server
