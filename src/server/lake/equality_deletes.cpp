// See the header.
#include "server/lake/equality_deletes.h"

#include <algorithm>
#include <set>

#include "duckdb/common/types/vector.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "server/lake/data_file_writer.h"
#include "server/lake/guarded.h"
#include "server/lake/lake_scan.h"
#include "server/lake/nanoseconds.h"
#include "server/lake/parallel.h"
#include "server/lake/struct_path.h"

namespace lake::server {

using duckdb::idx_t;
using iceberg::FieldId;
using iceberg::FileContent;
using iceberg::NestedField;
using iceberg::TypeId;

namespace {

/// The schema that says most about a column: the current one, or the last that has it.
const iceberg::Schema* SchemaWith(const iceberg::TableMetadata& table, FieldId id) {
  if (table.current_schema().Find(id) != nullptr) return &table.current_schema();
  const iceberg::Schema* last = nullptr;
  for (const iceberg::Schema& schema : table.schemas) {
    if (schema.Find(id) != nullptr && (last == nullptr || last->id() < schema.id())) last = &schema;
  }
  return last;
}

/// The columns of some ids, in whatever structs they lie, and nothing else.
class KeyColumns {
 public:
  static Result<KeyColumns> Of(const iceberg::TableMetadata& table, const std::vector<FieldId>& ids) {
    std::vector<NestedField> fields;
    KeyColumns keys;
    for (FieldId id : ids) {
      const iceberg::Schema* schema = SchemaWith(table, id);
      if (schema == nullptr) return Corrupt("equality deletes are about field {}, which no schema has", id);
      const NestedField* field = schema->Find(id);
      if (!field->type.is_primitive() || schema->IsRepeated(id)) {
        return Corrupt("equality deletes are about field {}, which is no single value", id);
      }
      if (HasNanoseconds(field->type)) {
        return Unsupported("equality deletes on column \"{}\" of type {} are not supported", schema->FullName(id),
                           field->type.ToString());
      }
      Add(fields, schema->fields(), id);
    }
    for (FieldId id : ids) keys.paths_.push_back(*StructPath::To(id, fields));
    keys.schema_ = iceberg::Schema(iceberg::SchemaId{0}, std::move(fields));
    return keys;
  }

  const iceberg::Schema& schema() const { return schema_; }

  duckdb::vector<duckdb::LogicalType> TypesOf(const duckdb::vector<duckdb::LogicalType>& columns) const {
    duckdb::vector<duckdb::LogicalType> types;
    for (const StructPath& path : paths_) {
      duckdb::LogicalType type = columns[path.column];
      for (size_t position : path.positions) type = duckdb::StructType::GetChildType(type, position);
      types.push_back(std::move(type));
    }
    return types;
  }

  /// `keys` becomes the key columns of `chunk`, which it refers to.
  void Extract(duckdb::DataChunk& chunk, duckdb::DataChunk& keys) const {
    for (size_t i = 0; i < paths_.size(); ++i) {
      duckdb::Vector& column = chunk.data[paths_[i].column];
      if (paths_[i].positions.empty()) {
        keys.data[i].Reference(column);
        continue;
      }
      duckdb::ValidityMask validity;
      keys.data[i].Reference(paths_[i].Follow(column, chunk.size(), validity));
      duckdb::FlatVector::SetValidity(keys.data[i], validity);
    }
    keys.SetCardinality(chunk.size());
  }

 private:
  /// Adds field `id`, which lies somewhere in `from`, to `fields`, and of the structs around it nothing else.
  static void Add(std::vector<NestedField>& fields, const std::vector<NestedField>& from, FieldId id) {
    for (const NestedField& field : from) {
      if (!StructPath::To(id, {field})) continue;
      auto at = std::find_if(fields.begin(), fields.end(), [&](const NestedField& f) { return f.id == field.id; });
      if (at == fields.end()) {
        at = fields.insert(fields.end(), field);
        if (field.id != id) at->type = iceberg::Type::Struct({});
      }
      if (field.id == id) return;
      std::vector<NestedField> children = at->type.fields();
      Add(children, field.type.fields(), id);
      at->type = iceberg::Type::Struct(std::move(children));
      return;
    }
  }

  iceberg::Schema schema_;
  std::vector<StructPath> paths_;
};

/// Reads the key columns of one file, data or delete.
class KeyReader {
 public:
  KeyReader(duckdb::ClientContext& context, const LakeInstance::MetadataPtr& table, const iceberg::DataFile& file,
            const KeyColumns& columns, size_t workers)
      : context_(context),
        columns_(columns),
        cursor_(context, ValueOrThrow(TableScan::OfFile(context, table, file, columns.schema())),
                {.workers = workers, .row_numbers = true}) {}

  duckdb::vector<duckdb::LogicalType> types() const { return columns_.TypesOf(cursor_.types()); }

  /// Hands the keys, and the number of each one's row, to `visit`. One call for each worker, at the same time.
  template <typename Visit>
  Status Read(size_t worker, Visit&& visit) {
    duckdb::DataChunk chunk, keys;
    chunk.Initialize(context_, cursor_.types());
    keys.InitializeEmpty(types());
    while (cursor_.Next(chunk, worker)) {
      columns_.Extract(chunk, keys);
      chunk.data.back().Flatten(chunk.size());
      LAKE_RETURN_IF_ERROR(visit(keys, duckdb::FlatVector::GetData<int64_t>(chunk.data.back())));
    }
    return {};
  }

 private:
  duckdb::ClientContext& context_;
  const KeyColumns& columns_;
  ScanCursor cursor_;
};

Result<RowSet> FindRows(duckdb::ClientContext& context, const LakeInstance::MetadataPtr& table,
                        const iceberg::ScanTask& task, const KeyColumns& columns, const KeyTable& keys) {
  auto threads = static_cast<int64_t>(duckdb::TaskScheduler::GetScheduler(context).NumberOfThreads());
  auto workers = static_cast<size_t>(std::clamp<int64_t>(task.file->record_count / kMaxRowGroupRows, 1, threads));
  KeyReader reader(context, table, *task.file, columns, workers);
  if (reader.types() != keys.types()) return Internal("keys of equality deletes have other types than their columns");
  std::mutex mutex;
  RowSet rows;
  LAKE_RETURN_IF_ERROR(RunParallelThrowing(workers, workers, [&](size_t worker) -> Status {
    std::vector<uint32_t> found, numbers;
    RowSet own;
    LAKE_RETURN_IF_ERROR(reader.Read(worker, [&](duckdb::DataChunk& chunk, const int64_t* row_numbers) -> Status {
      keys.Find(chunk, task.sequence_number.value, found);
      numbers.clear();
      for (uint32_t row : found) numbers.push_back(static_cast<uint32_t>(row_numbers[row]));
      own.Add(numbers.data(), numbers.size());
      return {};
    }));
    std::lock_guard lock(mutex);
    rows.Add(own);
    return {};
  }));
  return rows;
}

}  // namespace

EqualityDeletes::Scope& EqualityDeletes::ScopeOf(const iceberg::DataFile& delete_file) {
  std::vector<FieldId> ids = delete_file.equality_ids;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const iceberg::PartitionSpec* spec = table_->FindSpec(delete_file.spec_id);
  bool is_global = delete_file.partition.empty() || (spec != nullptr && spec->is_unpartitioned());
  std::string name = is_global ? "" : iceberg::PartitionKey(delete_file);
  for (FieldId id : ids) name += fmt::format(" {}", id);
  Scope& scope = scopes_[name];
  scope.ids = std::move(ids);
  return scope;
}

void EqualityDeletes::Note(const iceberg::ScanTask& task) {
  std::lock_guard lock(mutex_);
  for (const iceberg::ScanDelete& applies : task.deletes) {
    if (applies.file->content != FileContent::kEqualityDeletes) continue;
    ScopeOf(*applies.file).files.emplace(applies.file->file_path, applies);
  }
}

Result<std::shared_ptr<const KeyTable>> EqualityDeletes::TableOf(duckdb::ClientContext& context, Scope& scope) {
  std::lock_guard building(scope.building);
  std::map<iceberg::Location, iceberg::ScanDelete> files;
  {
    std::lock_guard lock(mutex_);
    if (scope.table && scope.files_in_table == scope.files.size()) return scope.table;
    files = scope.files;
  }
  LAKE_ASSIGN_OR_RETURN(KeyColumns columns, KeyColumns::Of(*table_, scope.ids));
  // With the types: a column that has got a wider one since makes other keys.
  std::string name = "keys " + columns.schema().as_struct().ToString();
  for (const auto& [location, file] : files) name += "\n" + location.str();
  auto table = lake_->cache().Get<KeyTable>(name);
  if (!table) {
    std::shared_ptr<KeyTable> made;
    for (const auto& [location, file] : files) {
      KeyReader reader(context, table_, *file.file, columns, 1);
      if (!made) made = std::make_shared<KeyTable>(reader.types());
      LAKE_RETURN_IF_ERROR(reader.Read(
          0, [&](duckdb::DataChunk& keys, const int64_t*) { return made->Add(keys, file.sequence_number.value); }));
    }
    lake_->cache().Put<KeyTable>(name, made, made->MemoryUsage() + name.size());
    table = std::move(made);
  }
  scope.table = table;
  scope.files_in_table = files.size();
  return table;
}

Result<std::shared_ptr<const RowSet>> EqualityDeletes::RowsOf(duckdb::ClientContext& context,
                                                              const iceberg::ScanTask& task) {
  std::string name = "equality " + task.file->file_path.str();
  std::set<Scope*> scopes;
  Note(task);
  for (const iceberg::ScanDelete& applies : task.deletes) {
    if (applies.file->content != FileContent::kEqualityDeletes) continue;
    name += "\n" + applies.file->file_path.str();
    std::lock_guard lock(mutex_);
    scopes.insert(&ScopeOf(*applies.file));
  }
  if (scopes.empty()) return std::shared_ptr<const RowSet>();
  if (auto known = lake_->cache().Get<RowSet>(name)) return known;
  if (task.file->record_count > RowSet::kMaxRow) {
    return Unsupported("data file \"{}\" has {} rows, too many for equality deletes", task.file->file_path.str(),
                       task.file->record_count);
  }
  RowSet rows;
  for (Scope* scope : scopes) {
    LAKE_ASSIGN_OR_RETURN(auto keys, TableOf(context, *scope));
    LAKE_ASSIGN_OR_RETURN(KeyColumns columns, KeyColumns::Of(*table_, scope->ids));
    LAKE_ASSIGN_OR_RETURN(RowSet found, FindRows(context, table_, task, columns, *keys));
    rows.Add(found);
  }
  auto shared = std::make_shared<const RowSet>(std::move(rows));
  lake_->cache().Put<RowSet>(name, shared, shared->MemoryUsage() + name.size());
  return shared;
}

}  // namespace lake::server
