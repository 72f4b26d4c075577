// See the header.
#include "server/lake/position_delete_file.h"

#include <algorithm>

#include "parquet_reader.hpp"
#include "server/lake/data_file_writer.h"
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

/// Gathers rows by path: a file is sorted by path, so that most rows are of the path before.
class Gatherer {
 public:
  explicit Gatherer(PositionDeletes& result) : result_(result) {}

  void Add(std::string_view path, uint32_t row) {
    if (set_ == nullptr || path != path_) {
      Flush();
      path_ = path;
      set_ = &result_[path_];
    }
    rows_.push_back(row);
    if (rows_.size() == kBatchRows) Flush();
  }
  void Flush() {
    if (set_ != nullptr) set_->Add(rows_.data(), rows_.size());
    rows_.clear();
  }

 private:
  static constexpr size_t kBatchRows = 65536;

  PositionDeletes& result_;
  std::string path_;
  RowSet* set_ = nullptr;
  std::vector<uint32_t> rows_;
};

/// Rows into a Parquet file, a row group at a time.
class DeleteWriter {
 public:
  DeleteWriter(duckdb::ClientContext& context, ParquetFile& file)
      : context_(context),
        file_(file),
        types_{duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR),
               duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT)} {
    chunk_.Initialize(context, types_);
    NewRowGroup();
  }

  Status Write(const RowsOfFile& file) {
    const std::string& path = file.file->file_path.str();
    for (RowSet::Cursor row(*file.rows); !row.at_end();) {
      auto* rows = duckdb::FlatVector::GetData<int64_t>(chunk_.data[1]);
      duckdb::idx_t count = 0;
      for (; count < STANDARD_VECTOR_SIZE && !row.at_end(); row.Next()) rows[count++] = row.row();
      chunk_.data[0].Reference(duckdb::Value(path));
      chunk_.SetCardinality(count);
      group_->Append(append_, chunk_);
      chunk_.Reset();
      if (static_cast<int64_t>(group_->Count()) >= kMaxRowGroupRows) LAKE_RETURN_IF_ERROR(Flush());
    }
    return {};
  }

  Status Flush() {
    if (context_.interrupted) return Cancelled("writing delete files was cancelled");
    if (group_->Count() == 0) return {};
    LAKE_ASSIGN_OR_RETURN(ParquetFile::RowGroupPtr encoded, file_.Encode(*group_));
    LAKE_RETURN_IF_ERROR(file_.Append(*encoded));
    NewRowGroup();
    return {};
  }

 private:
  void NewRowGroup() {
    group_ = std::make_unique<duckdb::ColumnDataCollection>(context_, types_);
    group_->InitializeAppend(append_);
  }

  duckdb::ClientContext& context_;
  ParquetFile& file_;
  duckdb::vector<duckdb::LogicalType> types_;
  duckdb::DataChunk chunk_;
  std::unique_ptr<duckdb::ColumnDataCollection> group_;
  duckdb::ColumnDataAppendState append_;
};

}  // namespace

Status VisitPositionDeletes(duckdb::ClientContext& context, const duckdb::OpenFileInfo& info,
                            const PositionDeleteVisitor& visit) {
  duckdb::ParquetReader reader(context, info, duckdb::ParquetOptions(context));
  duckdb::optional_idx path_column = FindColumn(reader, iceberg::kDeleteFilePathId, "file_path");
  duckdb::optional_idx pos_column = FindColumn(reader, iceberg::kDeletePosId, "pos");
  if (!path_column.IsValid() || !pos_column.IsValid() ||
      reader.columns[path_column.GetIndex()].type.id() != duckdb::LogicalTypeId::VARCHAR ||
      reader.columns[pos_column.GetIndex()].type.id() != duckdb::LogicalTypeId::BIGINT) {
    return Corrupt("position delete file \"{}\" lacks the columns file_path (string) and pos (long)", info.path);
  }
  duckdb::vector<duckdb::LogicalType> types;
  for (duckdb::idx_t column : {path_column.GetIndex(), pos_column.GetIndex()}) {
    reader.column_ids.push_back(duckdb::MultiFileLocalColumnId(column));
    reader.column_indexes.emplace_back(column);
    types.push_back(reader.columns[column].type);
  }
  duckdb::vector<duckdb::idx_t> groups;
  for (duckdb::idx_t i = 0; i < reader.NumRowGroups(); ++i) groups.push_back(i);

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
        return Corrupt("position delete file \"{}\" has null values", info.path);
      }
      const auto& path = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(paths)[path_at];
      LAKE_RETURN_IF_ERROR(visit(std::string_view(path.GetData(), path.GetSize()),
                                 duckdb::UnifiedVectorFormat::GetData<int64_t>(rows)[row_at]));
    }
    if (step == duckdb::AsyncResultType::FINISHED) break;
  }
  return {};
}

Result<PositionDeletes> ReadPositionDeleteFile(duckdb::ClientContext& context, const iceberg::DataFile& file) {
  const std::string& location = file.file_path.str();
  if (file.file_format != iceberg::FileFormat::kParquet) {
    return Unsupported("position delete file \"{}\" has format {}, only parquet is supported", location,
                       iceberg::FileFormatName(file.file_format));
  }
  LAKE_ASSIGN_OR_RETURN(duckdb::OpenFileInfo info, OpenInfoOf(file));
  PositionDeletes result;
  Gatherer gatherer(result);
  LAKE_RETURN_IF_ERROR(VisitPositionDeletes(context, info, [&](std::string_view path, int64_t row) -> Status {
    if (row < 0 || row > RowSet::kMaxRow) return Corrupt("position delete file \"{}\" names row {}", location, row);
    gatherer.Add(path, static_cast<uint32_t>(row));
    return {};
  }));
  gatherer.Flush();
  return result;
}

Result<iceberg::DataFile> WritePositionDeleteFile(duckdb::ClientContext& context, storage::ObjectStore& store,
                                                  const std::string& location, std::vector<RowsOfFile> files,
                                                  Compression compression) {
  std::sort(files.begin(), files.end(),
            [](const RowsOfFile& a, const RowsOfFile& b) { return a.file->file_path < b.file->file_path; });
  const std::vector<iceberg::NestedField> fields = {
      {iceberg::kDeleteFilePathId, "file_path", true, iceberg::TypeId::kString, std::nullopt},
      {iceberg::kDeletePosId, "pos", true, iceberg::TypeId::kLong, std::nullopt}};
  LAKE_ASSIGN_OR_RETURN(auto parquet, ParquetFile::Create(context, store, location, fields, compression));
  DeleteWriter writer(context, *parquet);
  for (const RowsOfFile& rows : files) LAKE_RETURN_IF_ERROR(writer.Write(rows));
  LAKE_RETURN_IF_ERROR(writer.Flush());

  iceberg::DataFile file;
  file.content = iceberg::FileContent::kPositionDeletes;
  file.spec_id = files.front().file->spec_id;
  file.partition = files.front().file->partition;
  int64_t lowest = RowSet::kMaxRow, highest = 0;
  for (const RowsOfFile& rows : files) {
    file.record_count += rows.rows->count();
    lowest = std::min(lowest, rows.rows->lowest());
    highest = std::max(highest, rows.rows->highest());
  }
  for (iceberg::FieldId column : {iceberg::kDeleteFilePathId, iceberg::kDeletePosId}) {
    file.value_counts.Set(column, file.record_count);
    file.null_value_counts.Set(column, 0);
  }
  // Whole paths, never cut: equal bounds say which data file the deletes are about.
  file.lower_bounds.Set(iceberg::kDeleteFilePathId, files.front().file->file_path.str());
  file.upper_bounds.Set(iceberg::kDeleteFilePathId, files.back().file->file_path.str());
  file.lower_bounds.Set(iceberg::kDeletePosId, iceberg::Literal::Long(lowest).ToBinary());
  file.upper_bounds.Set(iceberg::kDeletePosId, iceberg::Literal::Long(highest).ToBinary());
  if (files.size() == 1) file.referenced_data_file = files.front().file->file_path;
  LAKE_RETURN_IF_ERROR(parquet->Finish(file));
  return file;
}

}  // namespace lake::server
