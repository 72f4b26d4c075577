// See the header.
#include "server/functions/table_history.h"

#include <set>

#include "base/json.h"
#include "iceberg/scan.h"
#include "server/functions/text_function.h"
#include "server/functions/value_text.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

using duckdb::ClientContext;
using duckdb::LogicalTypeId;
using duckdb::Value;
using iceberg::DataFile;
using iceberg::FileContent;

namespace {

Value Timestamp(int64_t milliseconds) { return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(milliseconds * 1000)); }

Value Parent(const iceberg::Snapshot* snapshot) {
  return snapshot != nullptr && snapshot->parent_snapshot_id ? Value::BIGINT(snapshot->parent_snapshot_id->value)
                                                             : Value();
}

Result<LakeInstance::MetadataPtr> Load(ClientContext& context, const std::string& base) {
  return LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context));
}

Result<Rows> Snapshots(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, Load(context, base));
  Rows rows;
  for (const iceberg::Snapshot& snapshot : metadata->snapshots) {
    LAKE_ASSIGN_OR_RETURN(std::string summary, DumpJson(Json(snapshot.summary)));
    std::string operation = snapshot.operation();
    rows.push_back({Timestamp(snapshot.timestamp_ms), Value::BIGINT(snapshot.snapshot_id.value), Parent(&snapshot),
                    operation.empty() ? Value() : Value(operation),
                    snapshot.manifest_list.str().empty() ? Value() : Value(snapshot.manifest_list.str()),
                    Value(summary), Value::BIGINT(snapshot.sequence_number.value),
                    snapshot.schema_id ? Value::INTEGER(snapshot.schema_id->value) : Value()});
  }
  return rows;
}

/// Of main, as the snapshot log has it (rule 49). A snapshot that has expired has no parent that we know.
Result<Rows> History(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, Load(context, base));
  std::set<int64_t> ancestors;
  for (const iceberg::Snapshot* at = metadata->current_snapshot(); at != nullptr;) {
    if (!ancestors.insert(at->snapshot_id.value).second) break;  // metadata that lies may go round in circles
    at = at->parent_snapshot_id ? metadata->FindSnapshot(*at->parent_snapshot_id) : nullptr;
  }
  Rows rows;
  for (const iceberg::SnapshotLogEntry& entry : metadata->snapshot_log) {
    rows.push_back({Timestamp(entry.timestamp_ms), Value::BIGINT(entry.snapshot_id.value),
                    Parent(metadata->FindSnapshot(entry.snapshot_id)),
                    Value::BOOLEAN(ancestors.count(entry.snapshot_id.value) > 0)});
  }
  return rows;
}

Result<Rows> Refs(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, Load(context, base));
  Rows rows;
  for (const auto& [name, ref] : metadata->refs) {
    rows.push_back({Value(name), Value(ref.kind == iceberg::SnapshotRef::Kind::kTag ? "TAG" : "BRANCH"),
                    Value::BIGINT(ref.snapshot_id.value), BigintOrNull(ref.max_ref_age_ms),
                    ref.min_snapshots_to_keep ? Value::INTEGER(*ref.min_snapshots_to_keep) : Value(),
                    BigintOrNull(ref.max_snapshot_age_ms)});
  }
  return rows;
}

Result<Rows> Manifests(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, Load(context, base));
  Rows rows;
  const iceberg::Snapshot* snapshot = metadata->current_snapshot();
  if (snapshot == nullptr) return rows;
  CachedManifests source(LakeInstance::Of(context), Cancellable(context));
  LAKE_ASSIGN_OR_RETURN(auto list, iceberg::ManifestsOf(*snapshot, source));
  for (const iceberg::ManifestFile& manifest : *list) {
    rows.push_back({Value(manifest.content == iceberg::ManifestContent::kData ? "DATA" : "DELETES"),
                    Value(manifest.manifest_path.str()), Value::BIGINT(manifest.manifest_length),
                    Value::INTEGER(manifest.partition_spec_id.value), Value::BIGINT(manifest.sequence_number.value),
                    Value::BIGINT(manifest.added_snapshot_id.value), BigintOrNull(manifest.added_files_count),
                    BigintOrNull(manifest.existing_files_count), BigintOrNull(manifest.deleted_files_count),
                    BigintOrNull(manifest.added_rows_count), BigintOrNull(manifest.existing_rows_count),
                    BigintOrNull(manifest.deleted_rows_count)});
  }
  return rows;
}

// -- files and partitions of the current snapshot -----------------------------------------------------------------

/// Calls visit(file, sequence number) for every live data and delete file.
template <typename Visit>
Status VisitFiles(ClientContext& context, const iceberg::TableMetadata& metadata, Visit&& visit) {
  const iceberg::Snapshot* snapshot = metadata.current_snapshot();
  if (snapshot == nullptr) return {};
  CachedManifests source(LakeInstance::Of(context), Cancellable(context));
  LAKE_ASSIGN_OR_RETURN(auto list, iceberg::ManifestsOf(*snapshot, source));
  LAKE_ASSIGN_OR_RETURN(auto manifests, source.GetAll(*list));
  for (size_t i = 0; i < manifests.size(); ++i) {
    for (const iceberg::ManifestEntry& entry : manifests[i]->entries) {
      if (!entry.is_live()) continue;
      LAKE_RETURN_IF_ERROR(visit(entry.file, entry.SequenceNumberIn((*list)[i])));
    }
  }
  return {};
}

/// {"field": "value as text"}; null for files of an unpartitioned spec.
Result<Value> PartitionJson(ValueText& text, const iceberg::TableMetadata& metadata, const DataFile& file) {
  const iceberg::PartitionSpec* spec = metadata.FindSpec(file.spec_id);
  if (spec == nullptr || spec->fields.empty()) return Value();
  Json json = Json::object();
  for (size_t i = 0; i < spec->fields.size() && i < file.partition.size(); ++i) {
    json[spec->fields[i].name] = nullptr;
    if (const auto& value = file.partition[i]) {
      LAKE_ASSIGN_OR_RETURN(json[spec->fields[i].name], text.Of(*value));
    }
  }
  LAKE_ASSIGN_OR_RETURN(std::string document, DumpJson(json));
  return Value(document);
}

Result<Rows> Files(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, Load(context, base));
  static constexpr const char* kContents[] = {"DATA", "POSITION_DELETES", "EQUALITY_DELETES"};
  ValueText text(context);
  Rows rows;
  LAKE_RETURN_IF_ERROR(
      VisitFiles(context, *metadata, [&](const DataFile& file, iceberg::SequenceNumber number) -> Status {
        LAKE_ASSIGN_OR_RETURN(Value partition, PartitionJson(text, *metadata, file));
        rows.push_back({Value(kContents[static_cast<int>(file.content)]), Value(file.file_path.str()),
                        Value(iceberg::FileFormatName(file.file_format)), Value::INTEGER(file.spec_id.value), partition,
                        Value::BIGINT(file.record_count), Value::BIGINT(file.file_size_in_bytes),
                        Value::BIGINT(number.value),
                        file.sort_order_id ? Value::INTEGER(file.sort_order_id->value) : Value()});
        return {};
      }));
  return rows;
}

struct PartitionTotals {
  Value partition;
  int32_t spec_id = 0;
  int64_t files[3] = {0, 0, 0};  // by content
  int64_t records[3] = {0, 0, 0};
  int64_t data_bytes = 0;
};

Result<Rows> Partitions(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, Load(context, base));
  ValueText text(context);
  std::map<std::string, PartitionTotals> partitions;
  LAKE_RETURN_IF_ERROR(VisitFiles(context, *metadata, [&](const DataFile& file, iceberg::SequenceNumber) -> Status {
    auto [at, is_new] = partitions.try_emplace(iceberg::PartitionKey(file));
    PartitionTotals& totals = at->second;
    if (is_new) {
      LAKE_ASSIGN_OR_RETURN(totals.partition, PartitionJson(text, *metadata, file));
      totals.spec_id = file.spec_id.value;
    }
    auto content = static_cast<size_t>(file.content);
    ++totals.files[content];
    totals.records[content] += file.record_count;
    if (file.content == FileContent::kData) totals.data_bytes += file.file_size_in_bytes;
    return {};
  }));
  Rows rows;
  for (const auto& [key, totals] : partitions) {
    rows.push_back({totals.partition, Value::INTEGER(totals.spec_id), Value::BIGINT(totals.records[0]),
                    Value::BIGINT(totals.files[0]), Value::BIGINT(totals.data_bytes), Value::BIGINT(totals.records[1]),
                    Value::BIGINT(totals.files[1]), Value::BIGINT(totals.records[2]), Value::BIGINT(totals.files[2])});
  }
  return rows;
}

}  // namespace

void RegisterTableHistory(duckdb::ExtensionLoader& loader) {
  constexpr auto kText = LogicalTypeId::VARCHAR;
  constexpr auto kInt = LogicalTypeId::INTEGER;
  constexpr auto kLong = LogicalTypeId::BIGINT;
  constexpr auto kTime = LogicalTypeId::TIMESTAMP_TZ;
  RegisterTextFunction(loader, "lake_table_snapshots",
                       {{"committed_at", kTime},
                        {"snapshot_id", kLong},
                        {"parent_id", kLong},
                        {"operation", kText},
                        {"manifest_list", kText},
                        {"summary", kText},
                        {"sequence_number", kLong},
                        {"schema_id", kInt}},
                       Snapshots);
  RegisterTextFunction(loader, "lake_table_history",
                       {{"made_current_at", kTime},
                        {"snapshot_id", kLong},
                        {"parent_id", kLong},
                        {"is_current_ancestor", LogicalTypeId::BOOLEAN}},
                       History);
  RegisterTextFunction(loader, "lake_table_refs",
                       {{"name", kText},
                        {"type", kText},
                        {"snapshot_id", kLong},
                        {"max_reference_age_in_ms", kLong},
                        {"min_snapshots_to_keep", kInt},
                        {"max_snapshot_age_in_ms", kLong}},
                       Refs);
  RegisterTextFunction(loader, "lake_table_manifests",
                       {{"content", kText},
                        {"path", kText},
                        {"length", kLong},
                        {"partition_spec_id", kInt},
                        {"sequence_number", kLong},
                        {"added_snapshot_id", kLong},
                        {"added_files_count", kLong},
                        {"existing_files_count", kLong},
                        {"deleted_files_count", kLong},
                        {"added_rows_count", kLong},
                        {"existing_rows_count", kLong},
                        {"deleted_rows_count", kLong}},
                       Manifests);
  RegisterTextFunction(loader, "lake_table_files",
                       {{"content", kText},
                        {"file_path", kText},
                        {"file_format", kText},
                        {"spec_id", kInt},
                        {"partition", kText},
                        {"record_count", kLong},
                        {"file_size_in_bytes", kLong},
                        {"sequence_number", kLong},
                        {"sort_order_id", kInt}},
                       Files);
  RegisterTextFunction(loader, "lake_table_partitions",
                       {{"partition", kText},
                        {"spec_id", kInt},
                        {"record_count", kLong},
                        {"file_count", kLong},
                        {"total_data_file_size_in_bytes", kLong},
                        {"position_delete_record_count", kLong},
                        {"position_delete_file_count", kLong},
                        {"equality_delete_record_count", kLong},
                        {"equality_delete_file_count", kLong}},
                       Partitions);
}

}  // namespace lake::server
