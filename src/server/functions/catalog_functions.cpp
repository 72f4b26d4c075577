// See the header.
#include "server/functions/catalog_functions.h"

#include "base/json.h"
#include "iceberg/scan.h"
#include "server/functions/text_function.h"
#include "server/functions/value_text.h"
#include "server/lake/deleted_rows.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

using duckdb::ClientContext;
using duckdb::LogicalTypeId;
using duckdb::Value;
using iceberg::DataFile;
using iceberg::FieldId;
using iceberg::FileContent;
using iceberg::NestedField;

namespace {

/// A file's number for the views: FNV-1a over its location, as a positive bigint. A location is never used twice, so
/// the number stays the file's own as long as it lives, whatever metadata names it, and in every table.
int64_t FileId(const iceberg::Location& location) {
  uint64_t hash = 14695981039346656037U;
  for (char byte : location.str()) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return static_cast<int64_t>(hash >> 1);
}

/// A live file of the current snapshot.
struct LiveFile {
  const DataFile* file;
  const iceberg::Snapshot* added_by;  // null when that snapshot has expired
  const iceberg::ScanTask* task;      // data files only
  iceberg::SequenceNumber sequence_number;
};

/// The current snapshot of a base, its manifests read.
class CurrentFiles {
 public:
  CurrentFiles(ClientContext& context, std::shared_ptr<LakeInstance> lake, LakeInstance::MetadataPtr metadata)
      : context_(context), lake_(std::move(lake)), metadata_(std::move(metadata)) {}

  static Result<std::unique_ptr<CurrentFiles>> Load(ClientContext& context, const std::string& base) {
    auto lake = LakeInstance::Of(context);
    LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake->MetadataOfBase(base, Cancellable(context)));
    auto files = std::make_unique<CurrentFiles>(context, std::move(lake), std::move(metadata));
    LAKE_RETURN_IF_ERROR(files->ReadManifests());
    return files;
  }

  const iceberg::TableMetadata& metadata() const { return *metadata_; }
  /// Data files and delete files, as manifests list them.
  const std::vector<LiveFile>& files() const { return files_; }

  /// The rows of a data file that the delete files named hide.
  Result<int64_t> CountDeleted(const DataFile& file, std::vector<iceberg::ScanDelete> deletes) {
    // A deletion vector holds its count of rows, and so does a delete file of one data file, each row once.
    if (deletes.size() == 1 && iceberg::OnlyDataFileOf(*deletes.front().file) == file.file_path) {
      return std::min(deletes.front().file->record_count, file.record_count);
    }
    iceberg::ScanTask task;
    task.file = &file;
    task.deletes = std::move(deletes);
    EqualityDeletes none(lake_, metadata_);
    LAKE_ASSIGN_OR_RETURN(auto hidden, HiddenRowsOf(context_, *lake_, none, task, nullptr, file.record_count));
    return hidden == nullptr ? 0 : hidden->rows().count();
  }

 private:
  Status ReadManifests() {
    const iceberg::Snapshot* snapshot = metadata_->current_snapshot();
    if (snapshot == nullptr) return {};
    // What a source has once returned stays the same object: tasks and entries are about the same DataFiles.
    CachedManifests source(lake_, Cancellable(context_));
    LAKE_ASSIGN_OR_RETURN(plan_, iceberg::PlanScan(*metadata_, snapshot, {}, source));
    std::unordered_map<const DataFile*, const iceberg::ScanTask*> tasks;
    for (const iceberg::ScanTask& task : plan_.tasks) tasks.emplace(task.file, &task);
    LAKE_ASSIGN_OR_RETURN(auto list, iceberg::ManifestsOf(*snapshot, source));
    LAKE_ASSIGN_OR_RETURN(manifests_, source.GetAll(*list));
    for (size_t i = 0; i < manifests_.size(); ++i) {
      for (const iceberg::ManifestEntry& entry : manifests_[i]->entries) {
        if (!entry.is_live()) continue;
        auto task = tasks.find(&entry.file);
        files_.push_back({&entry.file, metadata_->FindSnapshot(entry.SnapshotIdIn((*list)[i])),
                          task == tasks.end() ? nullptr : task->second, entry.SequenceNumberIn((*list)[i])});
      }
    }
    return {};
  }

  ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  LakeInstance::MetadataPtr metadata_;
  iceberg::ScanPlan plan_;
  std::vector<iceberg::ManifestSource::ManifestPtr> manifests_;  // keeps the files alive
  std::vector<LiveFile> files_;
};

Result<Rows> DataFiles(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto current, CurrentFiles::Load(context, base));
  Rows rows;
  for (const LiveFile& live : current->files()) {
    const DataFile& file = *live.file;
    int64_t deleted = 0;
    std::optional<int64_t> first_row_id;
    if (live.task != nullptr) {
      first_row_id = live.task->first_row_id;
      std::vector<iceberg::ScanDelete> deletes;
      for (const iceberg::ScanDelete& entry : live.task->deletes) {
        if (entry.file->content == FileContent::kPositionDeletes) deletes.push_back(entry);
      }
      if (!deletes.empty()) {
        LAKE_ASSIGN_OR_RETURN(deleted, current->CountDeleted(file, deletes));
      }
    }
    Value added = live.added_by == nullptr
                      ? Value()
                      : Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(live.added_by->timestamp_ms * 1000));
    rows.push_back({Value::BIGINT(FileId(file.file_path)), Value(file.file_path.str()),
                    Value::BIGINT(file.record_count), added, Value::BIGINT(file.file_size_in_bytes),
                    Value::INTEGER(static_cast<int32_t>(file.content)), Value::BIGINT(deleted),
                    BigintOrNull(first_row_id)});
  }
  return rows;
}

/// Which delete file is about which data file. One about several is read to see which of those that it might name it
/// does name.
Result<Rows> DeletionFiles(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto current, CurrentFiles::Load(context, base));
  Rows rows;
  for (const LiveFile& live : current->files()) {
    if (live.task == nullptr) continue;
    for (const iceberg::ScanDelete& entry : live.task->deletes) {
      if (entry.file->content == FileContent::kPositionDeletes) {
        LAKE_ASSIGN_OR_RETURN(int64_t deleted, current->CountDeleted(*live.file, {entry}));
        if (deleted == 0) continue;
      }
      rows.push_back({Value(entry.file->file_path.str()), Value(live.file->file_path.str())});
    }
  }
  return rows;
}

// -- fields and bounds --------------------------------------------------------------------------------------------

/// A field's default, null when it has none.
Result<Value> DefaultText(ValueText& text, const std::shared_ptr<const iceberg::Literal>& value) {
  if (value == nullptr) return Value();
  LAKE_ASSIGN_OR_RETURN(std::string shown, text.Of(*value));
  return Value(shown);
}

/// The field and all below it, in order; `column` is the name of the column that they are part of.
Status AddFields(ValueText& text, const NestedField& field, const std::string& column, Value parent, Rows& rows) {
  LAKE_ASSIGN_OR_RETURN(Value initial_default, DefaultText(text, field.initial_default));
  LAKE_ASSIGN_OR_RETURN(Value write_default, DefaultText(text, field.write_default));
  std::string type = field.type.is_nested() ? "" : field.type.ToString();
  rows.push_back({Value::INTEGER(field.id.value), Value(column), std::move(parent), initial_default, write_default,
                  type.empty() ? Value() : Value(type)});
  for (const NestedField& child : field.type.fields()) {
    LAKE_RETURN_IF_ERROR(AddFields(text, child, column, Value::INTEGER(field.id.value), rows));
  }
  return {};
}

Result<Rows> Fields(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context)));
  ValueText text(context);
  Rows rows;
  for (const NestedField& field : metadata->current_schema().fields()) {
    LAKE_RETURN_IF_ERROR(AddFields(text, field, field.name, Value(), rows));
  }
  return rows;
}

/// A bound of a file as text, null when there is none. kCorrupt names the file.
Result<Value> BoundText(ValueText& text, const DataFile& file, const NestedField& field,
                        const iceberg::FieldMap<std::string>& bounds) {
  const std::string* bytes = bounds.Find(field.id);
  if (bytes == nullptr) return Value();
  auto shown = text.OfBytes(field.type, *bytes);
  if (!shown.ok()) {
    return Corrupt("a bound of column \"{}\" of \"{}\" cannot be read: {}", field.name, file.file_path.str(),
                   shown.error().message());
  }
  return Value(*shown);
}

/// The bounds of columns of the current schema, but for binary ones and uuids (surface STAT-2). Which strings stand for
/// text PostgreSQL knows.
Result<Rows> ColumnBounds(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto current, CurrentFiles::Load(context, base));
  ValueText text(context);
  Rows rows;
  for (const LiveFile& live : current->files()) {
    if (live.file->content != FileContent::kData) continue;
    for (const NestedField& field : current->metadata().current_schema().fields()) {
      iceberg::TypeId type = field.type.id();
      if (!field.type.has_order() || type == iceberg::TypeId::kBinary || type == iceberg::TypeId::kFixed ||
          type == iceberg::TypeId::kUuid) {
        continue;
      }
      LAKE_ASSIGN_OR_RETURN(Value lower, BoundText(text, *live.file, field, live.file->lower_bounds));
      LAKE_ASSIGN_OR_RETURN(Value upper, BoundText(text, *live.file, field, live.file->upper_bounds));
      if (lower.IsNull() && upper.IsNull()) continue;
      rows.push_back(
          {Value(live.file->file_path.str()), Value::INTEGER(field.id.value), Value(field.name), lower, upper});
    }
  }
  return rows;
}

const NestedField* FieldOfAnySchema(const iceberg::TableMetadata& metadata, FieldId id) {
  if (const NestedField* field = metadata.current_schema().Find(id)) return field;
  for (const iceberg::Schema& schema : metadata.schemas) {  // a dropped column is in its files still
    if (const NestedField* field = schema.Find(id)) return field;
  }
  return nullptr;
}

/// {"field id": "bound", ...} of everything that a file has bounds of.
Result<Value> BoundsJson(ValueText& text, const iceberg::TableMetadata& metadata, const DataFile& file,
                         const iceberg::FieldMap<std::string>& bounds) {
  Json json = Json::object();
  for (const auto& [id, bytes] : bounds) {
    const NestedField* field = FieldOfAnySchema(metadata, id);
    if (field == nullptr || !field->type.has_order()) continue;
    LAKE_ASSIGN_OR_RETURN(Value shown, BoundText(text, file, *field, bounds));
    json[std::to_string(id.value)] = duckdb::StringValue::Get(shown);
  }
  LAKE_ASSIGN_OR_RETURN(std::string document, DumpJson(json));
  return Value(document);
}

Result<Rows> FileStats(ClientContext& context, const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(auto current, CurrentFiles::Load(context, location));
  ValueText text(context);
  Rows rows;
  for (const LiveFile& live : current->files()) {
    const DataFile& file = *live.file;
    if (file.content != FileContent::kData) continue;
    LAKE_ASSIGN_OR_RETURN(Value lower, BoundsJson(text, current->metadata(), file, file.lower_bounds));
    LAKE_ASSIGN_OR_RETURN(Value upper, BoundsJson(text, current->metadata(), file, file.upper_bounds));
    rows.push_back({Value(file.file_path.str()), Value::BIGINT(live.sequence_number.value), lower, upper});
  }
  return rows;
}

// -- partitions and row ids ---------------------------------------------------------------------------------------

Result<Rows> PartitionSpecs(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context)));
  Rows rows;
  for (const iceberg::PartitionSpec& spec : metadata->partition_specs) {
    rows.push_back({Value::INTEGER(spec.spec_id.value), Value::BOOLEAN(spec.spec_id == metadata->default_spec_id)});
  }
  return rows;
}

Result<Rows> PartitionFields(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context)));
  Rows rows;
  for (const iceberg::PartitionSpec& spec : metadata->partition_specs) {
    for (const iceberg::PartitionField& field : spec.fields) {
      rows.push_back({Value::INTEGER(field.source_id().value), Value::INTEGER(field.field_id.value), Value(field.name),
                      Value(field.transform.ToString()), Value::INTEGER(spec.spec_id.value)});
    }
  }
  return rows;
}

Result<Rows> PartitionValues(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto current, CurrentFiles::Load(context, base));
  ValueText text(context);
  Rows rows;
  for (const LiveFile& live : current->files()) {
    const iceberg::PartitionSpec* spec = current->metadata().FindSpec(live.file->spec_id);
    if (spec == nullptr) continue;
    for (size_t i = 0; i < spec->fields.size() && i < live.file->partition.size(); ++i) {
      Value shown;
      if (const auto& value = live.file->partition[i]) {
        LAKE_ASSIGN_OR_RETURN(std::string of_value, text.Of(*value));
        shown = Value(of_value);
      }
      rows.push_back(
          {Value::BIGINT(FileId(live.file->file_path)), Value::INTEGER(spec->fields[i].field_id.value), shown});
    }
  }
  return rows;
}

/// The row ids of a format version 3 table: the first of each data file, and how many it has.
Result<Rows> RowIds(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto current, CurrentFiles::Load(context, base));
  Rows rows;
  for (const LiveFile& live : current->files()) {
    if (live.task == nullptr || !live.task->first_row_id || live.file->record_count == 0) continue;
    rows.push_back({Value::BIGINT(*live.task->first_row_id), Value::BIGINT(live.file->record_count),
                    Value::BIGINT(FileId(live.file->file_path))});
  }
  return rows;
}

}  // namespace

void RegisterCatalogFunctions(duckdb::ExtensionLoader& loader) {
  constexpr auto kText = LogicalTypeId::VARCHAR;
  constexpr auto kInt = LogicalTypeId::INTEGER;
  constexpr auto kLong = LogicalTypeId::BIGINT;
  RegisterTextFunction(loader, "lake_data_files",
                       {{"id", kLong},
                        {"path", kText},
                        {"row_count", kLong},
                        {"updated_time", LogicalTypeId::TIMESTAMP_TZ},
                        {"file_size", kLong},
                        {"content", kInt},
                        {"deleted_row_count", kLong},
                        {"first_row_id", kLong}},
                       DataFiles);
  RegisterTextFunction(loader, "lake_deletion_files", {{"path", kText}, {"deleted_from", kText}}, DeletionFiles);
  RegisterTextFunction(loader, "lake_fields",
                       {{"field_id", kInt},
                        {"column_name", kText},
                        {"parent_field_id", kInt},
                        {"initial_default", kText},
                        {"write_default", kText},
                        {"type", kText}},
                       Fields);
  RegisterTextFunction(
      loader, "lake_column_bounds",
      {{"path", kText}, {"field_id", kInt}, {"column_name", kText}, {"lower_bound", kText}, {"upper_bound", kText}},
      ColumnBounds);
  RegisterTextFunction(loader, "lake_file_stats",
                       {{"path", kText}, {"sequence_number", kLong}, {"lower_bounds", kText}, {"upper_bounds", kText}},
                       FileStats);
  RegisterTextFunction(loader, "lake_partition_specs", {{"spec_id", kInt}, {"is_default", LogicalTypeId::BOOLEAN}},
                       PartitionSpecs);
  RegisterTextFunction(loader, "lake_partition_fields",
                       {{"source_field_id", kInt},
                        {"partition_field_id", kInt},
                        {"partition_field_name", kText},
                        {"transform_name", kText},
                        {"spec_id", kInt}},
                       PartitionFields);
  RegisterTextFunction(loader, "lake_partition_values",
                       {{"file_id", kLong}, {"partition_field_id", kInt}, {"value", kText}}, PartitionValues);
  RegisterTextFunction(loader, "lake_row_ids", {{"first_row_id", kLong}, {"row_count", kLong}, {"file_id", kLong}},
                       RowIds);
}

}  // namespace lake::server
