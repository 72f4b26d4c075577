// See the header.
#include "server/lake/verify_file.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/storage/object_cache.hpp"
#include "parquet_file_metadata_cache.hpp"
#include "parquet_reader.hpp"
#include "server/engine/lake_exception.h"
#include "server/lake/deleted_rows.h"
#include "server/lake/deletion_vector.h"
#include "server/lake/duck_types.h"
#include "server/lake/lake_scan.h"
#include "server/lake/open_file.h"
#include "server/lake/partition_router.h"
#include "server/lake/struct_path.h"

namespace lake::server {

using iceberg::DataFile;
using iceberg::Literal;
using iceberg::Problems;
using iceberg::TypeId;

namespace {

/// What DuckDB throws about a file's bytes becomes kCorrupt; what is about the way to them goes on.
template <typename Function>
Status Attempt(Function&& function) {
  try {
    return function();
  } catch (const std::exception& exception) {
    duckdb::ErrorData error(exception);
    Report report = ReportOf(error);
    for (ErrorKind kind :
         {ErrorKind::kPermissionDenied, ErrorKind::kOutOfMemory, ErrorKind::kDiskFull, ErrorKind::kCancelled}) {
      if (report.sqlstate == SqlState(kind)) throw;
    }
    // DuckDB's own I/O errors tell of a file that ends too early; those of the store come without DuckDB's prefix.
    if (report.sqlstate == SqlState(ErrorKind::kUnavailable) && report.message != error.Message()) throw;
    return Corrupt("{}", report.message);
  }
}

/// How DuckDB opens a file to look for itself: not told its size, and not with a footer from its cache, where a scan
/// has put it for good, as file names are never reused.
duckdb::OpenFileInfo OpenAfresh(duckdb::ClientContext& context, const DataFile& file) {
  const std::string& path = file.file_path.str();
  duckdb::ObjectCache::GetObjectCache(context).DeleteWithTypePrefix<duckdb::ParquetFileMetadataCache>(path);
  return duckdb::OpenFileInfo(path);
}

/// Turns what is wrong with the file into a problem.
Status Note(Status status, const DataFile& file, Problems& problems) {
  if (status.ok()) return {};
  if (!IsAboutObject(status.error())) return status;
  problems.Error(file.file_path.str(), "It cannot be read: {}.", status.error().message());
  return {};
}

// -- data files ---------------------------------------------------------------------------------------------------

/// A column of the file, or a field of a struct, that its entry says something about.
struct CheckedColumn {
  const iceberg::NestedField* field;
  std::string expression;  // over columns c0, c1 ... of the file
  bool is_inside;          // of a struct

  bool is_float() const { return field->type.id() == TypeId::kFloat || field->type.id() == TypeId::kDouble; }
};

/// Not within lists and maps.
const iceberg::NestedField* FindField(const iceberg::TableMetadata& metadata, iceberg::FieldId id) {
  if (const auto* field = metadata.current_schema().Find(id)) {
    return metadata.current_schema().IsRepeated(id) ? nullptr : field;
  }
  for (const iceberg::Schema& schema : metadata.schemas) {  // a dropped column is in its files still
    if (const auto* field = schema.Find(id)) return schema.IsRepeated(id) ? nullptr : field;
  }
  return nullptr;
}

class DataFileCheck {
 public:
  DataFileCheck(duckdb::ClientContext& context, const iceberg::TableMetadata& metadata, const DataFile& file,
                Problems& problems)
      : context_(context), metadata_(metadata), file_(file), path_(file.file_path.str()), problems_(problems) {}

  Status Run() {
    duckdb::ParquetReader reader(context_, OpenAfresh(context_, file_), duckdb::ParquetOptions(context_));
    auto rows = static_cast<int64_t>(reader.NumRows());
    if (rows != file_.record_count) {
      problems_.Error(path_, "It has {} rows, its entry says {}.", rows, file_.record_count);
    }
    if (file_.content == iceberg::FileContent::kEqualityDeletes) CheckKeys(reader);
    for (duckdb::idx_t i = 0; i < reader.columns.size(); ++i)
      FindColumns(reader.columns[i], fmt::format("c{}", i), false);
    if (columns_.empty()) return {};
    if (duckdb::FileSystem::HasGlob(path_)) {
      problems_.Warning(path_, "Its values were not checked, because its name has wildcards.");
      return {};
    }
    LAKE_ASSIGN_OR_RETURN(auto row, Aggregate(reader.columns.size()));
    duckdb::idx_t at = 0;
    for (const CheckedColumn& column : columns_) {
      auto count = [&] { return row->GetValue(at++, 0).GetValue<int64_t>(); };
      int64_t values = count();
      int64_t nulls = count();
      if (!HasNullsOfStructsLeftOut(column, values - nulls)) {
        CheckCount(column, "values", file_.value_counts, values);
        CheckCount(column, "nulls", file_.null_value_counts, nulls);
      }
      int64_t nans = count();
      if (column.is_float()) CheckCount(column, "NaNs", file_.nan_value_counts, nans);
      CheckBound(column, file_.lower_bounds, row->GetValue(at++, 0), false);
      CheckBound(column, file_.upper_bounds, row->GetValue(at++, 0), true);
    }
    return {};
  }

 private:
  bool HasMetrics(iceberg::FieldId id) const {
    return file_.value_counts.Find(id) || file_.null_value_counts.Find(id) || file_.nan_value_counts.Find(id) ||
           file_.lower_bounds.Find(id) || file_.upper_bounds.Find(id);
  }

  static bool HasField(const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns, iceberg::FieldId id) {
    return std::any_of(columns.begin(), columns.end(), [&](const duckdb::MultiFileColumnDefinition& column) {
      bool is_it = !column.identifier.IsNull() && column.GetIdentifierFieldId() == id.value;
      return is_it || HasField(column.children, id);
    });
  }

  void CheckKeys(const duckdb::ParquetReader& reader) {
    if (file_.equality_ids.empty()) problems_.Error(path_, "Its entry names no columns by which it deletes.");
    for (iceberg::FieldId id : file_.equality_ids) {
      const iceberg::NestedField* field = nullptr;
      bool repeated = false;
      for (const iceberg::Schema& schema : metadata_.schemas) {
        if (schema.Find(id) == nullptr) continue;
        field = schema.Find(id);
        repeated = schema.IsRepeated(id);
      }
      if (field == nullptr) {
        problems_.Error(path_, "It deletes by field {}, which no schema of the table has.", id);
      } else if (!field->type.is_primitive() || repeated || field->type.id() == TypeId::kFloat ||
                 field->type.id() == TypeId::kDouble) {
        problems_.Error(path_, "It deletes by column \"{}\" of type {}, which cannot be a key.", field->name,
                        field->type.ToString());
      } else if (!HasField(reader.columns, id)) {
        problems_.Error(path_, "It lacks column \"{}\" (field {}), by which it deletes.", field->name, id);
      }
    }
  }

  void FindColumns(const duckdb::MultiFileColumnDefinition& column, const std::string& expression, bool is_inside) {
    if (column.type.id() == duckdb::LogicalTypeId::STRUCT) {
      for (size_t i = 0; i < column.children.size(); ++i) {
        FindColumns(column.children[i], fmt::format("struct_extract_at({}, {})", expression, i + 1), true);
      }
    }
    if (column.identifier.IsNull()) return;  // a file of before the table, read by name mapping
    const iceberg::NestedField* field = FindField(metadata_, iceberg::FieldId{column.GetIdentifierFieldId()});
    if (field == nullptr || !field->type.has_order() || !HasMetrics(field->id)) return;
    columns_.push_back({field, expression, is_inside});
  }

  /// One row; of each column: values, nulls, NaNs, lowest, highest. Columns are named by their position, because DuckDB
  /// does not tell names apart by case.
  Result<duckdb::unique_ptr<duckdb::MaterializedQueryResult>> Aggregate(size_t file_columns) {
    std::string sql = "SELECT ";
    for (const CheckedColumn& column : columns_) {
      const std::string& name = column.expression;
      std::string no_nans = column.is_float() ? fmt::format(" FILTER (NOT isnan({}))", name) : "";
      sql += fmt::format("count(*), count(*) - count({0}), {1}, min({0}){2}, max({0}){2}, ", name,
                         column.is_float() ? fmt::format("count(*) FILTER (isnan({}))", name) : "0", no_nans);
    }
    std::string names;
    for (size_t i = 0; i < file_columns; ++i) names += fmt::format("{}c{}", i == 0 ? "" : ", ", i);
    sql += fmt::format("FROM read_parquet({}, hive_partitioning = false) AS t({})",
                       duckdb::KeywordHelper::WriteQuoted(path_, '\''), names);

    duckdb::Connection connection(*context_.db);
    auto pending = connection.PendingQuery(sql);
    while (!pending->HasError()) {
      // The query is not that of the client's connection: what cancels that one is passed on.
      if (context_.interrupted) return Cancelled("checking \"{}\" was cancelled", path_);
      auto state = pending->ExecuteTask();
      if (duckdb::PendingQueryResult::IsResultReady(state)) break;
      if (state == duckdb::PendingExecutionResult::BLOCKED ||
          state == duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE) {
        pending->WaitForTask();
      }
    }
    if (pending->HasError()) pending->GetErrorObject().Throw();
    auto result = pending->Execute();
    if (result->HasError()) result->GetErrorObject().Throw();
    return duckdb::unique_ptr_cast<duckdb::QueryResult, duckdb::MaterializedQueryResult>(std::move(result));
  }

  /// Java's writers count neither a value nor a null of a field where the struct around it is null.
  bool HasNullsOfStructsLeftOut(const CheckedColumn& column, int64_t counted) {
    const int64_t* values = file_.value_counts.Find(column.field->id);
    const int64_t* nulls = file_.null_value_counts.Find(column.field->id);
    return column.is_inside && values != nullptr && nulls != nullptr && *values - *nulls == counted;
  }

  void CheckCount(const CheckedColumn& column, const char* what, const iceberg::FieldMap<int64_t>& stored,
                  int64_t counted) {
    const int64_t* said = stored.Find(column.field->id);
    if (said != nullptr && *said != counted) {
      problems_.Error(path_, "Column \"{}\" has {} {}, its entry says {}.", column.field->name, counted, what, *said);
    }
  }

  /// `extreme` is the lowest (highest) value in the file, null when there is none.
  void CheckBound(const CheckedColumn& column, const iceberg::FieldMap<std::string>& bounds,
                  const duckdb::Value& extreme, bool upper) {
    const std::string* bytes = bounds.Find(column.field->id);
    auto value = LiteralOf(extreme);
    if (bytes == nullptr || !value) return;
    value = value->CastTo(column.field->type);
    auto bound = Literal::FromBinary(column.field->type, *bytes);
    if (!value || !bound.ok()) return;  // VerifySnapshot has told of bounds that cannot be read
    if (column.field->type.id() == TypeId::kTimestampTzNs) {
      // DuckDB has read it as microseconds, towards zero.
      int64_t nearest = 0;
      if (__builtin_add_overflow(value->AsInt64(), int64_t{upper ? -999 : 999}, &nearest)) return;
      value = Literal(column.field->type, nearest);
    }
    if (Contains(*bound, *value, upper)) return;
    problems_.Error(path_, "Column \"{}\" has value {}, {} its {} bound {}.", column.field->name, value->ToString(),
                    upper ? "above" : "below", upper ? "upper" : "lower", bound->ToString());
  }

  static bool Contains(const Literal& bound, const Literal& value, bool upper) {
    int order = Literal::Compare(value, bound);
    // DuckDB holds the two zeros for equal, and gives either of them.
    if (value.type().id() == TypeId::kFloat && value.as<float>() == bound.as<float>()) order = 0;
    if (value.type().id() == TypeId::kDouble && value.as<double>() == bound.as<double>()) order = 0;
    return upper ? order <= 0 : order >= 0;
  }

  duckdb::ClientContext& context_;
  const iceberg::TableMetadata& metadata_;
  const DataFile& file_;
  const std::string& path_;
  Problems& problems_;
  std::vector<CheckedColumn> columns_;
};

// -- partitions ---------------------------------------------------------------------------------------------------

/// Whether a partition is that of an entry, which may have been written before columns were promoted.
bool IsSamePartition(const iceberg::PartitionSpec& spec, const iceberg::PartitionTuple& found,
                     const iceberg::PartitionTuple& said) {
  for (size_t i = 0; i < spec.fields.size() && i < said.size(); ++i) {
    if (spec.fields[i].transform.kind() == iceberg::Transform::Kind::kVoid) continue;
    auto value = said[i];
    if (value && found[i]) value = value->CastTo(found[i]->type());
    if (value != found[i]) return false;
  }
  return true;
}

Status CheckPartition(duckdb::ClientContext& context, const LakeInstance::MetadataPtr& table,
                      const iceberg::PartitionSpec& spec, const DataFile& file, Problems& problems) {
  std::vector<iceberg::NestedField> fields;
  for (const iceberg::NestedField& field : table->current_schema().fields()) {
    bool is_source = std::any_of(spec.fields.begin(), spec.fields.end(), [&](const auto& partition) {
      return StructPath::To(partition.source_id(), {field}).has_value();
    });
    if (is_source) fields.push_back(field);
  }
  PartitionNumbers numbers;
  LAKE_ASSIGN_OR_RETURN(auto router, PartitionRouter::Create(spec, fields, table->current_schema(), numbers));
  LAKE_ASSIGN_OR_RETURN(auto scan, TableScan::OfFile(context, table, file, iceberg::Schema({}, fields)));
  ScanCursor cursor(context, std::move(scan));
  duckdb::DataChunk chunk;
  chunk.Initialize(context, cursor.types());
  std::vector<uint32_t> routed(STANDARD_VECTOR_SIZE);
  uint32_t checked = 0;  // numbers are given in the order in which partitions are met
  while (cursor.Next(chunk)) {
    LAKE_RETURN_IF_ERROR(router->Route(chunk, routed.data()));
    uint32_t highest = *std::max_element(routed.begin(), routed.begin() + static_cast<int64_t>(chunk.size()));
    for (; checked <= highest; ++checked) {
      iceberg::PartitionTuple found = numbers.Tuple(checked);
      if (IsSamePartition(spec, found, file.partition)) continue;
      problems.Error(file.file_path.str(), "It has rows of partition \"{}\", its entry says \"{}\".",
                     iceberg::PartitionPath(spec, found), iceberg::PartitionPath(spec, file.partition));
      return {};
    }
  }
  return {};
}

// -- deletes ------------------------------------------------------------------------------------------------------

/// Lines of a delete file, one after the other. Of each kind of problem a file has it tells the first only.
class DeletesCheck {
 public:
  DeletesCheck(const DataFile& file, const DataFiles& data_files, Problems& problems)
      : file_(file), path_(file.file_path.str()), data_files_(data_files), problems_(problems) {}

  void Add(std::string_view path, int64_t row) {
    if (lines_ > 0 && path == target_) {
      if (row == row_ && !told_twice_) {
        told_twice_ = true;
        problems_.Warning(path_, "It names row {} of \"{}\" twice.", row, target_);
      }
      if (row < row_) TellOrder(fmt::format("row {} comes after row {}", row, row_));
    } else {
      if (lines_ > 0 && path < target_) TellOrder(fmt::format("\"{}\" comes after \"{}\"", path, target_));
      Begin(path);
    }
    lowest_ = lines_ == 0 ? row : std::min(lowest_, row);
    highest_ = lines_ == 0 ? row : std::max(highest_, row);
    ++lines_;
    row_ = row;
    if (row < 0 || row >= rows_of_target_) {
      if (!told_row_) {
        problems_.Error(path_, "It deletes row {} of \"{}\", which has {} rows.", row, target_, rows_of_target_);
      }
      told_row_ = true;
      return;
    }
    batch_.push_back(static_cast<uint32_t>(row));
    if (batch_.size() == kBatchRows) Flush();
  }

  /// After the last line.
  PositionDeletes Finish() {
    Flush();
    if (lines_ != file_.record_count) {
      problems_.Error(path_, "It has {} deletes, its entry says {}.", lines_, file_.record_count);
    }
    CheckRowBound(file_.lower_bounds, lowest_, false);
    CheckRowBound(file_.upper_bounds, highest_, true);
    return std::move(deletes_);
  }

 private:
  static constexpr size_t kBatchRows = 65536;

  void TellOrder(const std::string& what) {
    if (!told_order_) problems_.Error(path_, "It is not sorted by file and row: {}.", what);
    told_order_ = true;
  }

  void CheckRowBound(const iceberg::FieldMap<std::string>& bounds, int64_t row, bool upper) {
    const std::string* bytes = bounds.Find(iceberg::kDeletePosId);
    if (bytes == nullptr || lines_ == 0) return;
    auto bound = Literal::FromBinary(TypeId::kLong, *bytes);
    if (bound.ok() && (upper ? row <= bound->AsInt64() : row >= bound->AsInt64())) return;
    problems_.Error(path_, "It deletes row {}, which the bounds of pos in its entry exclude.", row);
  }

  /// Lines about another data file than before.
  void Begin(std::string_view path) {
    Flush();
    target_ = path;
    set_ = &deletes_[target_];
    auto outside = [&](const iceberg::FieldMap<std::string>& bounds, bool upper) {
      const std::string* bound = bounds.Find(iceberg::kDeleteFilePathId);
      return bound != nullptr && (upper ? *bound < target_ : target_ < *bound);
    };
    if (outside(file_.lower_bounds, false) || outside(file_.upper_bounds, true) ||
        (file_.referenced_data_file && file_.referenced_data_file->str() != target_)) {
      problems_.Error(path_, "It deletes rows of \"{}\", which the bounds of file_path in its entry exclude.", target_);
    }
    auto at = data_files_.find(target_);
    rows_of_target_ = RowSet::kMaxRow;
    if (at == data_files_.end()) {
      // One that the entry names has been told of already.
      if (!file_.referenced_data_file) {
        problems_.Warning(path_, "It deletes rows of \"{}\", which is no live data file.", target_);
      }
      return;
    }
    rows_of_target_ = std::min(at->second->record_count, RowSet::kMaxRow);
    if (iceberg::PartitionKey(*at->second) != iceberg::PartitionKey(file_)) {
      problems_.Error(path_, "It deletes rows of \"{}\", which lies in another partition.", target_);
    }
  }

  void Flush() {
    if (set_ != nullptr) set_->Add(batch_.data(), batch_.size());
    batch_.clear();
  }

  const DataFile& file_;
  const std::string& path_;
  const DataFiles& data_files_;
  Problems& problems_;
  PositionDeletes deletes_;
  std::string target_;
  RowSet* set_ = nullptr;
  int64_t rows_of_target_ = 0;
  int64_t row_ = 0, lowest_ = 0, highest_ = 0;
  int64_t lines_ = 0;
  std::vector<uint32_t> batch_;
  bool told_order_ = false, told_twice_ = false, told_row_ = false;
};

Status ReadVector(duckdb::ClientContext& context, LakeInstance& lake, const DataFile& file, DeletesCheck& check) {
  int64_t offset = file.content_offset.value_or(-1), size = file.content_size_in_bytes.value_or(-1);
  if (!file.referenced_data_file || offset < 0 || size < 0 || offset > file.file_size_in_bytes - size) {
    return Corrupt("its deletion vector has offset {} and size {}, the file has {} bytes", offset, size,
                   file.file_size_in_bytes);
  }
  const std::string& path = file.file_path.str();
  LAKE_ASSIGN_OR_RETURN(std::string blob, lake.store().GetRange(path, static_cast<uint64_t>(offset),
                                                                static_cast<uint64_t>(size), Cancellable(context)));
  LAKE_ASSIGN_OR_RETURN(std::vector<int64_t> rows, ParseDeletionVector(blob, file.record_count, path));
  for (int64_t row : rows) check.Add(file.referenced_data_file->str(), row);
  return {};
}

}  // namespace

bool IsAboutObject(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kNotFound:
    case ErrorKind::kCorrupt:
    case ErrorKind::kUnsupported:
    case ErrorKind::kInvalidInput: return true;
    default: return false;
  }
}

Status VerifyDataFile(duckdb::ClientContext& context, const iceberg::TableMetadata& metadata, const DataFile& file,
                      Problems& problems) {
  Status status = Attempt([&]() -> Status {
    if (file.file_format != iceberg::FileFormat::kParquet) {
      return Unsupported("its format is {}, only parquet is supported", iceberg::FileFormatName(file.file_format));
    }
    if (auto known = OpenInfoOf(file); !known.ok()) return std::move(known).error();
    return DataFileCheck(context, metadata, file, problems).Run();
  });
  return Note(std::move(status), file, problems);
}

Status VerifyPartition(duckdb::ClientContext& context, const LakeInstance::MetadataPtr& table, const DataFile& file,
                       Problems& problems) {
  const iceberg::PartitionSpec* spec = table->FindSpec(file.spec_id);
  if (spec == nullptr || spec->is_unpartitioned() || !iceberg::CheckSpec(*spec, table->current_schema()).ok() ||
      file.file_format != iceberg::FileFormat::kParquet) {
    return {};
  }
  Status status = Attempt([&] { return CheckPartition(context, table, *spec, file, problems); });
  return Note(std::move(status), file, problems);
}

Result<std::shared_ptr<const RowSet>> VerifyEqualityDeletes(duckdb::ClientContext& context, EqualityDeletes& deletes,
                                                            const iceberg::ScanTask& task, Problems& problems) {
  std::shared_ptr<const RowSet> rows;
  Status status = Attempt([&]() -> Status {
    LAKE_ASSIGN_OR_RETURN(rows, deletes.RowsOf(context, task));
    return {};
  });
  LAKE_RETURN_IF_ERROR(Note(std::move(status), *task.file, problems));
  return rows;
}

Result<PositionDeletes> VerifyPositionDeletes(duckdb::ClientContext& context, LakeInstance& lake, const DataFile& file,
                                              const DataFiles& data_files, Problems& problems) {
  PositionDeletes deletes;
  Status status = Attempt([&]() -> Status {
    if (auto known = OpenInfoOf(file); !known.ok()) return std::move(known).error();
    DeletesCheck check(file, data_files, problems);
    if (file.is_deletion_vector()) {
      LAKE_RETURN_IF_ERROR(ReadVector(context, lake, file, check));
    } else if (file.file_format == iceberg::FileFormat::kParquet) {
      LAKE_RETURN_IF_ERROR(
          VisitPositionDeletes(context, OpenAfresh(context, file), [&](std::string_view path, int64_t row) -> Status {
            if (context.interrupted) return Cancelled("checking was cancelled");
            check.Add(path, row);
            return {};
          }));
    } else {
      return Unsupported("its format is {}, only parquet is supported", iceberg::FileFormatName(file.file_format));
    }
    deletes = check.Finish();
    return {};
  });
  LAKE_RETURN_IF_ERROR(Note(std::move(status), file, problems));
  return deletes;
}

}  // namespace lake::server
