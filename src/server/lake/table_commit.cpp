// See the header.
#include "server/lake/table_commit.h"

#include <chrono>

#include "base/json.h"
#include "iceberg/operation/create_table.h"
#include "iceberg/operation/snapshot_update.h"
#include "server/lake/change.h"
#include "server/lake/commit_deletes.h"
#include "server/lake/default_value.h"
#include "server/lake/fault_point.h"
#include "server/lake/parallel.h"
#include "server/lake/table_alter.h"

#ifndef LAKE_VERSION
#define LAKE_VERSION "0.1.0"
#endif

namespace lake::server {

namespace {

constexpr size_t kWriteThreads = 8;

int64_t NowMs() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Result<std::vector<iceberg::NewColumn>> ParseNewColumns(const Json& list) {
  std::vector<iceberg::NewColumn> columns;
  for (const Json& entry : list) {
    JsonObject object(entry, "column of lake_create");
    iceberg::NewColumn column;
    LAKE_ASSIGN_OR_RETURN(column.name, object.String("name"));
    LAKE_ASSIGN_OR_RETURN(const Json* type, object.Get("type"));
    auto parsed = iceberg::ParseType(*type);
    if (!parsed.ok()) return std::move(parsed).error().WithContext(fmt::format("column \"{}\"", column.name));
    column.type = *parsed;
    LAKE_ASSIGN_OR_RETURN(auto required, object.OptionalBool("required"));
    column.required = required.value_or(false);
    LAKE_ASSIGN_OR_RETURN(column.doc, object.OptionalString("doc"));
    LAKE_ASSIGN_OR_RETURN(column.write_default, ParseWriteDefault(object, column.name, column.type));
    columns.push_back(std::move(column));
  }
  return columns;
}

Status CheckEmpty(LakeInstance& lake, const std::string& location) {
  bool empty = true;
  LAKE_RETURN_IF_ERROR(lake.store().List(location + "/", [&](const storage::ObjectInfo&) { return empty = false; }));
  if (!empty) return InvalidInput("location \"{}\" is not empty", location);
  return {};
}

Result<iceberg::CommitNames> ParseNames(const JsonObject& object, const Base& base) {
  iceberg::CommitNames names;
  if (!LakeInstance::IsInline(base.plain)) names.base_location = iceberg::Location(base.plain);
  LAKE_ASSIGN_OR_RETURN(std::string metadata, object.String("metadata_location"));
  LAKE_ASSIGN_OR_RETURN(std::string prefix, object.String("manifest_prefix"));
  LAKE_ASSIGN_OR_RETURN(std::string list, object.String("manifest_list"));
  LAKE_ASSIGN_OR_RETURN(int64_t snapshot, object.Int64("snapshot_id"));
  LAKE_ASSIGN_OR_RETURN(auto timestamp, object.OptionalInt64("timestamp_ms"));
  names.metadata_location = iceberg::Location(metadata);
  names.manifest_prefix = iceberg::Location(prefix);
  names.manifest_list = iceberg::Location(list);
  names.snapshot_id = iceberg::SnapshotId{snapshot};
  names.timestamp_ms = timestamp.value_or(NowMs());
  names.engine_version = LAKE_VERSION;
  return names;
}

/// How deletes are applied; nullopt when the caller does not say.
Result<std::optional<DeleteOptions>> ParseDeleteOptions(const JsonObject& object) {
  LAKE_ASSIGN_OR_RETURN(auto prefix, object.OptionalString("delete_prefix"));
  if (!prefix) return std::optional<DeleteOptions>();
  DeleteOptions options;
  options.prefix = std::move(*prefix);
  LAKE_ASSIGN_OR_RETURN(options.threshold, object.Int64("copy_on_write_threshold"));
  LAKE_ASSIGN_OR_RETURN(options.max_positions, object.Int64("copy_on_write_max_delete_rows"));
  if (options.threshold < 0 || options.threshold > 100) {
    return InvalidInput("copy_on_write_threshold {} is not between 0 and 100", options.threshold);
  }
  return std::optional(std::move(options));
}

struct CommitInput {
  LakeInstance::MetadataPtr table;
  std::string branch;
  iceberg::CommitNames names;
  std::vector<Change> changes;
  std::optional<DeleteOptions> deletes;
};

Result<iceberg::PreparedCommit> Prepare(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake,
                                        CommitInput input) {
  const iceberg::TableMetadata& base = *input.table;
  CachedManifests manifests(lake, Cancellable(context));
  if (input.changes.empty() && !input.names.base_location) {
    return iceberg::PrepareMetadata(base, input.names.metadata_location, manifests);  // CREATE TABLE
  }
  iceberg::SnapshotUpdate update(base, manifests, input.branch);
  const iceberg::Snapshot* snapshot = update.Parent();
  bool deletes = false;
  std::vector<Change> counted;  // since the last truncation
  for (Change& change : input.changes) {
    if (change.rows) return InvalidInput("rows of a change cannot be limited in a commit");
    if (change.truncate) {
      update.RemoveAll();
      snapshot = nullptr;
      counted.clear();
      deletes = false;
      continue;
    }
    deletes = deletes || !change.deletes.empty();
    counted.push_back(std::move(change));
  }
  if (!deletes) {
    for (Change& change : counted) {
      for (iceberg::DataFile& file : change.files) update.AddDataFile(std::move(file));
    }
    return update.Prepare(input.names);
  }
  if (!input.deletes) return InvalidInput("a commit of deletes needs delete_prefix");
  LAKE_RETURN_IF_ERROR(update.CheckVersion());  // before files are written
  LAKE_ASSIGN_OR_RETURN(FilesAfterDeletes files, ApplyDeletes(context, std::move(lake), input.table, snapshot,
                                                              manifests, std::move(counted), *input.deletes));
  for (iceberg::DataFile& file : files.data_files) update.AddDataFile(std::move(file));
  for (iceberg::DataFile& file : files.delete_files) update.AddDeleteFile(std::move(file));
  for (iceberg::Location& file : files.removed) update.RemoveFile(std::move(file));
  for (iceberg::Location& file : files.removed_vectors) update.RemoveDeletionVector(std::move(file));
  if (files.live_records) update.SetLiveRecords(*files.live_records);
  return update.Prepare(input.names);
}

/// Which fault point lies before or behind a file of a commit.
std::string FaultPointOf(const iceberg::CommitNames& names, const iceberg::Location& location) {
  if (location == names.metadata_location) return "metadata";
  return location == names.manifest_list ? "manifest-list" : "manifest";
}

Status WriteFiles(LakeInstance& lake, const iceberg::CommitNames& names, const std::vector<iceberg::NewFile>& files) {
  // Under a fault point one after the other: "before-metadata" then means that all others are there.
  size_t threads = HasFaultPoint() ? 1 : kWriteThreads;
  return RunParallel(files.size(), threads, [&](size_t i) -> Status {
    const iceberg::NewFile& file = files[i];
    std::string point = FaultPointOf(names, file.location);
    ReachFaultPoint("before-" + point);
    auto info = lake.store().Put(file.location.str(), file.bytes, {.if_absent = true});
    if (!info.ok()) return std::move(info).error();
    ReachFaultPoint("after-" + point);
    return {};
  });
}

}  // namespace

Result<std::string> CreateTableBase(LakeInstance& lake, const std::string& text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_create"));
  JsonObject object(json, "argument of lake_create");
  LAKE_ASSIGN_OR_RETURN(std::string location, object.String("location"));
  while (location.size() > 1 && location.back() == '/') location.pop_back();
  LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("columns"));
  LAKE_ASSIGN_OR_RETURN(std::vector<iceberg::NewColumn> columns, ParseNewColumns(*list));
  std::vector<iceberg::NewPartitionField> partition;
  if (object.Find("partition_by") != nullptr) {
    LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("partition_by"));
    LAKE_ASSIGN_OR_RETURN(partition, ParseNewPartitionFields(*fields));
  }
  std::vector<iceberg::NewSortField> sort;
  if (object.Find("sort_by") != nullptr) {
    LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("sort_by"));
    LAKE_ASSIGN_OR_RETURN(sort, ParseNewSortFields(*fields));
  }
  LAKE_ASSIGN_OR_RETURN(auto version, object.OptionalInt32("format_version"));
  iceberg::Properties properties;
  if (const Json* given = object.Find("properties")) {
    if (!given->is_object()) return InvalidInput("properties must be a JSON object");
    for (const auto& [key, value] : given->items()) {
      if (!value.is_string()) return InvalidInput("property \"{}\" must be a string", key);
      properties[key] = value.get<std::string>();
    }
  }
  LAKE_ASSIGN_OR_RETURN(iceberg::TableMetadata metadata,
                        iceberg::CreateTable(iceberg::Location(location), std::move(columns))
                            .PartitionBy(std::move(partition))
                            .SortBy(std::move(sort))
                            .WithProperties(std::move(properties))
                            .WithFormatVersion(version.value_or(iceberg::kDefaultFormatVersion))
                            .Build(NowMs()));
  LAKE_RETURN_IF_ERROR(CheckEmpty(lake, location));
  return iceberg::MetadataToText(metadata);
}

Result<Committed> CommitTable(duckdb::ClientContext& context, const std::string& text) {
  std::shared_ptr<LakeInstance> lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_commit"));
  JsonObject object(json, "argument of lake_commit");
  LAKE_ASSIGN_OR_RETURN(std::string base, object.String("base"));
  CommitInput input;
  LAKE_ASSIGN_OR_RETURN(Base parsed, ParseBase(base));
  LAKE_ASSIGN_OR_RETURN(input.names, ParseNames(object, parsed));
  LAKE_ASSIGN_OR_RETURN(input.table, lake->MetadataOfBase(base, Cancellable(context)));
  LAKE_ASSIGN_OR_RETURN(input.branch, BranchToWrite(parsed, *input.table));
  LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("changes"));
  LAKE_ASSIGN_OR_RETURN(input.changes, ParseChanges(*list, *input.table));
  LAKE_ASSIGN_OR_RETURN(input.deletes, ParseDeleteOptions(object));
  iceberg::CommitNames names = input.names;
  bool is_main = input.branch == iceberg::kMainBranch;

  LAKE_ASSIGN_OR_RETURN(iceberg::PreparedCommit prepared, Prepare(context, lake, std::move(input)));
  if (!is_main) {  // the table's totals are those of main
    CachedManifests manifests(lake, Cancellable(context));
    LAKE_ASSIGN_OR_RETURN(prepared.totals, iceberg::TotalsOf(prepared.metadata.current_snapshot(), manifests));
  }
  LAKE_RETURN_IF_ERROR(WriteFiles(*lake, names, prepared.files));
  Committed committed;
  committed.metadata_location = names.metadata_location.str();
  committed.record_count = prepared.totals.LiveRecords();
  committed.data_bytes = prepared.totals.bytes;
  committed.file_count = prepared.totals.data_files;
  lake->Remember(std::move(prepared));
  return committed;
}

Result<std::vector<std::string>> RemoveObjects(LakeInstance& lake, const std::string& text,
                                               const storage::ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_remove"));
  if (!json.is_array()) return InvalidInput("argument of lake_remove must be a JSON array");
  std::vector<std::string> paths;
  for (const Json& entry : json) {
    JsonObject object(entry, "entry of lake_remove");
    LAKE_ASSIGN_OR_RETURN(std::string path, object.String("path"));
    LAKE_ASSIGN_OR_RETURN(auto is_prefix, object.OptionalBool("is_prefix"));
    LAKE_ASSIGN_OR_RETURN(auto given_up, object.OptionalBool("given_up"));
    if (given_up.value_or(false)) LAKE_RETURN_IF_ERROR(lake.store().Revoke(path, is_prefix.value_or(false), options));
    if (!is_prefix.value_or(false)) {
      paths.push_back(std::move(path));
      continue;
    }
    LAKE_RETURN_IF_ERROR(lake.store().List(path, [&](const storage::ObjectInfo& info) {
      paths.push_back(info.location);
      return true;
    }));
  }
  LAKE_RETURN_IF_ERROR(lake.store().RemoveMany(paths));
  return paths;
}

}  // namespace lake::server
