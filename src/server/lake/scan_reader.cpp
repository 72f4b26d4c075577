// See the header.
#include "server/lake/scan_reader.h"

#include <algorithm>
#include <unordered_set>

#include "duckdb/common/type_visitor.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/expression_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "parquet_reader.hpp"
#include "server/engine/lake_exception.h"
#include "server/engine/query_profile.h"
#include "server/lake/duck_types.h"
#include "server/lake/guarded.h"
#include "server/lake/open_file.h"
#include "server/lake/row_sample.h"
#include "server/lake/stored_types.h"
#include "server/lake/variant_column.h"

namespace lake::server {

namespace {

bool HasBloomFilter(const duckdb::TableFilter& filter) {
  if (filter.filter_type == duckdb::TableFilterType::BLOOM_FILTER) return true;
  if (filter.filter_type == duckdb::TableFilterType::OPTIONAL_FILTER) {
    const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
    return child && HasBloomFilter(*child);
  }
  if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND) return false;
  const auto& children = filter.Cast<duckdb::ConjunctionAndFilter>().child_filters;
  return std::any_of(children.begin(), children.end(), [](const auto& child) { return HasBloomFilter(*child); });
}

// Null when nothing is left. A Bloom filter only spares the join work, so it may always be left out.
duckdb::unique_ptr<duckdb::TableFilter> WithoutBloomFilters(const duckdb::TableFilter& filter) {
  if (!HasBloomFilter(filter)) return filter.Copy();
  if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND) return nullptr;
  auto rest = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
  for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
    if (auto kept = WithoutBloomFilters(*child)) rest->child_filters.push_back(std::move(kept));
  }
  if (rest->child_filters.empty()) return nullptr;
  return rest;
}

/// DuckDB asks Parquet's Bloom filters for the printed form of a BLOB, and for one of a float's two zeros. It does not
/// ask them for a range: `= x` becomes
/// `>= x AND <= x`. Null when there is no such comparison.
duckdb::unique_ptr<duckdb::TableFilter> EqualityAsRange(const duckdb::TableFilter& filter) {
  if (filter.filter_type == duckdb::TableFilterType::CONSTANT_COMPARISON) {
    const auto& comparison = filter.Cast<duckdb::ConstantFilter>();
    if (comparison.comparison_type != duckdb::ExpressionType::COMPARE_EQUAL) return nullptr;
    auto range = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
    for (auto bound :
         {duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO, duckdb::ExpressionType::COMPARE_LESSTHANOREQUALTO}) {
      range->child_filters.push_back(duckdb::make_uniq<duckdb::ConstantFilter>(bound, comparison.constant));
    }
    return range;
  }
  if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND &&
      filter.filter_type != duckdb::TableFilterType::CONJUNCTION_OR)
    return nullptr;
  auto copy = filter.Copy();
  bool changed = false;
  for (auto& child : static_cast<duckdb::ConjunctionFilter&>(*copy).child_filters) {
    if (auto range = EqualityAsRange(*child)) {
      child = std::move(range);
      changed = true;
    }
  }
  if (!changed) return nullptr;
  return copy;
}

bool MistakesBloomFilters(const duckdb::LogicalType& type) {
  return type.id() == duckdb::LogicalTypeId::BLOB || type.id() == duckdb::LogicalTypeId::FLOAT ||
         type.id() == duckdb::LogicalTypeId::DOUBLE;
}

// The type that the column is stored in, null when it is not in the file. Columns have field ids by now.
const duckdb::LogicalType* TypeInFile(const duckdb::BaseFileReader& reader,
                                      const duckdb::MultiFileColumnDefinition& column) {
  for (const auto& stored : reader.columns) {
    if (stored.identifier == column.identifier) return &stored.type;
  }
  return nullptr;
}

// DuckDB casts a filter's constants to the type in the file, which cuts some: a time to its day, a double to a float;
// and text to a variant without its names.
bool CutsConstants(const duckdb::LogicalType& stored) {
  return duckdb::TypeVisitor::Contains(stored, [](const duckdb::LogicalType& part) {
    return part.id() == duckdb::LogicalTypeId::DATE || part.id() == duckdb::LogicalTypeId::FLOAT ||
           IsVariantGroup(part);
  });
}

// The filter as an expression, which is evaluated on the values as they are shown. Null when it only spares work.
duckdb::unique_ptr<duckdb::TableFilter> OnShownValues(const duckdb::TableFilter& filter,
                                                      const duckdb::LogicalType& shown) {
  switch (filter.filter_type) {
    case duckdb::TableFilterType::OPTIONAL_FILTER:
    case duckdb::TableFilterType::DYNAMIC_FILTER:
    case duckdb::TableFilterType::BLOOM_FILTER: return nullptr;
    case duckdb::TableFilterType::CONJUNCTION_AND: {
      auto rest = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        if (auto kept = OnShownValues(*child, shown)) rest->child_filters.push_back(std::move(kept));
      }
      if (rest->child_filters.empty()) return nullptr;
      return rest;
    }
    default:
      return duckdb::make_uniq<duckdb::ExpressionFilter>(
          filter.ToExpression(duckdb::BoundReferenceExpression(shown, 0)));
  }
}

}  // namespace

duckdb::shared_ptr<duckdb::MultiFileList> ScanReader::CreateFileList(duckdb::ClientContext&,
                                                                     const duckdb::vector<std::string>&,
                                                                     const duckdb::FileGlobInput&) {
  return duckdb::make_shared_ptr<ScanFileList>(binding_->scan, binding_->shown);
}

bool ScanReader::Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList&,
                      duckdb::vector<duckdb::LogicalType>& types, duckdb::vector<std::string>& names,
                      duckdb::MultiFileReaderBindData& bind_data) {
  options.auto_detect_hive_partitioning = false;
  options.hive_partitioning = false;
  for (const auto& column : binding_->columns) {
    names.push_back(column.name);
    types.push_back(column.type);
  }
  bind_data.schema = binding_->columns;
  bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_FIELD_ID;
  return true;
}

Status ScanReader::MapColumns(duckdb::BaseFileReader& reader) const {
  if (!HasFieldIds(reader.columns) && !reader.columns.empty()) {
    if (!binding_->name_mapping) {
      return Corrupt("data file \"{}\" has no field ids, and the table has no schema.name-mapping.default",
                     reader.GetFileName());
    }
    binding_->name_mapping->Apply(reader.columns);
  }
  HideUnknown(binding_->scan->schema(), reader.columns);
  ReadAsStored(reader);
  LAKE_RETURN_IF_ERROR(CheckFileColumns(binding_->scan->schema(), reader.columns, reader.GetFileName()));
  FillMissingIds(reader.columns);
  return {};
}

void ScanReader::AddPartitionValues(duckdb::MultiFileReaderData& reader_data, const ScanFile& file,
                                    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                                    const duckdb::vector<duckdb::ColumnIndex>& column_ids) const {
  // Rule 4: the value of an identity partition comes before every default.
  const iceberg::PartitionSpec* spec = binding_->scan->metadata().FindSpec(file.file->spec_id);
  if (spec == nullptr) return;
  std::unordered_set<int32_t> present;
  for (const auto& column : reader_data.reader->columns) present.insert(column.GetIdentifierFieldId());
  for (size_t i = 0; i < spec->fields.size() && i < file.file->partition.size(); ++i) {
    const iceberg::PartitionField& field = spec->fields[i];
    if (field.transform.kind() != iceberg::Transform::Kind::kIdentity || present.count(field.source_id().value) > 0) {
      continue;
    }
    for (duckdb::idx_t position = 0; position < column_ids.size(); ++position) {
      duckdb::column_t column = column_ids[position].GetPrimaryIndex();
      if (column >= columns.size() || columns[column].GetIdentifierFieldId() != field.source_id().value) continue;
      const auto& literal = file.file->partition[i];
      duckdb::Value value = literal ? DuckValue(*literal) : duckdb::Value();
      reader_data.constant_map.Add(duckdb::MultiFileGlobalIndex(position), value.DefaultCastAs(columns[column].type));
    }
  }
}

Status ScanReader::CheckRowCount(duckdb::BaseFileReader& reader, const iceberg::DataFile& file) {
  // Row ids of the next file begin where the metadata says that this one ends.
  auto rows = static_cast<int64_t>(reader.Cast<duckdb::ParquetReader>().NumRows());
  if (rows == file.record_count) return {};
  return Corrupt("data file \"{}\" has {} rows, but {} in the metadata of its table", file.file_path.str(), rows,
                 file.record_count);
}

void ScanReader::FinalizeBind(duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileOptions& options,
                              const duckdb::MultiFileReaderBindData& bind_data,
                              const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                              const duckdb::vector<duckdb::ColumnIndex>& column_ids, duckdb::ClientContext& context,
                              duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> global_state) {
  duckdb::BaseFileReader& reader = *reader_data.reader;
  const auto& info = reader.file.extended_info->options;
  const ScanFile* file = binding_->scan->Find(info.at(kOrdinalOption).GetValue<uint64_t>());
  if (file == nullptr) ThrowLakeError(Internal("lake_scan lost file \"{}\"", reader.GetFileName()));
  binding_->scan->NoteOpened(*file);
  if (binding_->scan->is_counted()) {
    QueryProfile::CountersOf(context)->DataFileOpened(binding_->scan.get(), reader.GetFileName(),
                                                      static_cast<int64_t>(file->task.deletes.size()));
  }
  ThrowIfError(MapColumns(reader));
  // file_index must be the same for a file in every list that filters leave, or late materialisation joins wrong rows.
  reader.file_list_idx = file->ordinal;
  if (binding_->scan->has_row_ids()) {
    ThrowIfError(CheckRowCount(reader, *file->file));
    reader.file_list_idx = static_cast<uint64_t>(file->first_row_id);
  }
  duckdb::MultiFileReader::FinalizeBind(reader_data, options, bind_data, columns, column_ids, context, global_state);
  for (auto& constant : reader_data.constant_map) {
    if (column_ids[constant.column_idx.GetIndex()].GetPrimaryIndex() == COLUMN_IDENTIFIER_FILE_INDEX) {
      constant.value = constant.value.DefaultCastAs(duckdb::LogicalType(kFileIndexType));
    }
  }
  AddPartitionValues(reader_data, *file, columns, column_ids);
  std::shared_ptr<const DeletedRows> hidden;
  if (file->hides_rows()) hidden = ValueOrThrow(binding_->scan->HiddenRows(context, *file));
  if (binding_->scan->sample()) {
    reader.deletion_filter =
        duckdb::make_uniq<SampledRowsFilter>(binding_->scan->sample(), file->ordinal, std::move(hidden));
  } else if (hidden) {
    reader.deletion_filter = duckdb::make_uniq<DeletedRowsFilter>(reader, std::move(hidden));
  }
}

duckdb::shared_ptr<duckdb::BaseFileReader> ScanReader::CreateReader(duckdb::ClientContext& context,
                                                                    duckdb::GlobalTableFunctionState& global,
                                                                    const duckdb::OpenFileInfo& file,
                                                                    duckdb::idx_t file_index,
                                                                    const duckdb::MultiFileBindData& bind_data) {
  try {
    return Guarded([&] { return duckdb::MultiFileReader::CreateReader(context, global, file, file_index, bind_data); },
                   [&] { return fmt::format("data file \"{}\"", file.path); });
  } catch (const duckdb::Exception& exception) {
    duckdb::ErrorData error(exception);
    bool is_ours = ReportOf(error).message != error.Message();  // of the store, say
    bool is_its_own = error.Type() == duckdb::ExceptionType::IO || error.Type() == duckdb::ExceptionType::INVALID_INPUT;
    if (is_ours || !is_its_own || error.RawMessage().find(file.path) != std::string::npos) throw;
    ThrowLakeError(Corrupt("data file \"{}\" cannot be read: {}", file.path, error.RawMessage()));
  }
}

duckdb::ReaderInitializeType ScanReader::CreateMapping(duckdb::ClientContext& context,
                                                       duckdb::MultiFileReaderData& reader_data,
                                                       const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                                                       const duckdb::vector<duckdb::ColumnIndex>& column_ids,
                                                       duckdb::optional_ptr<duckdb::TableFilterSet> filters,
                                                       duckdb::MultiFileList& files,
                                                       const duckdb::MultiFileReaderBindData& bind_data,
                                                       const duckdb::virtual_column_map_t& virtual_columns) {
  duckdb::TableFilterSet kept;
  bool changed = false;
  if (filters) {
    for (const auto& [position, filter] : filters->filters) {
      const auto column = column_ids[position].GetPrimaryIndex();
      const auto* stored = column < columns.size() ? TypeInFile(*reader_data.reader, columns[column]) : nullptr;
      const bool as_stored = column >= columns.size() || (stored != nullptr && *stored == columns[column].type);
      auto rest = as_stored ? filter->Copy() : WithoutBloomFilters(*filter);
      changed |= !as_stored && HasBloomFilter(*filter);
      if (rest && !as_stored && stored != nullptr && CutsConstants(*stored)) {
        rest = OnShownValues(*rest, columns[column].type);
        changed = true;
      }
      if (rest && column < columns.size() && MistakesBloomFilters(columns[column].type)) {
        if (auto range = EqualityAsRange(*rest)) {
          rest = std::move(range);
          changed = true;
        }
      }
      if (rest) kept.filters[position] = std::move(rest);
    }
  }
  auto result = duckdb::MultiFileReader::CreateMapping(
      context, reader_data, columns, column_ids, changed ? duckdb::optional_ptr<duckdb::TableFilterSet>(kept) : filters,
      files, bind_data, virtual_columns);
  ReadVariantsInside(context, *reader_data.reader);
  return result;
}

void ScanReader::FinalizeChunk(duckdb::ClientContext& context, const duckdb::MultiFileBindData& bind_data,
                               duckdb::BaseFileReader& reader, const duckdb::MultiFileReaderData& reader_data,
                               duckdb::DataChunk& input, duckdb::DataChunk& output,
                               duckdb::ExpressionExecutor& executor,
                               duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> global_state) {
  if (auto* deleted = dynamic_cast<DeletedRowsFilter*>(reader.deletion_filter.get())) deleted->RemoveFrom(input);
  duckdb::MultiFileReader::FinalizeChunk(context, bind_data, reader, reader_data, input, output, executor,
                                         global_state);
}

}  // namespace lake::server
