// See the header.
#include "server/lake/table_alter.h"

#include <charconv>
#include <chrono>
#include <functional>
#include <optional>

#include "iceberg/operation/update_refs.h"
#include "iceberg/operation/update_schema.h"
#include "iceberg/table_statistics.h"
#include "server/lake/default_value.h"

namespace lake::server {

namespace {

Result<iceberg::Type> TypeOf(const JsonObject& object) {
  LAKE_ASSIGN_OR_RETURN(const Json* type, object.Get("type"));
  return iceberg::ParseType(*type);
}

/// No property that is stored: to set it is to upgrade the table, as Java has it.
constexpr const char* kFormatVersionProperty = "format-version";

Result<int> ParseVersion(const std::string& text) {
  int version = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidInput("invalid format version \"{}\"", text);
  }
  return version;
}

/// What an operation may be about.
struct Alteration {
  iceberg::UpdateSchema schema;
  std::optional<std::vector<iceberg::NewPartitionField>> partition;
  std::optional<std::vector<iceberg::NewSortField>> sort;
  std::vector<iceberg::Update> properties;
  /// On what the operations before have made of the table.
  std::vector<std::function<Result<iceberg::Update>(const iceberg::TableMetadata&)>> refs;
};

Result<iceberg::SnapshotRef::Kind> KindOf(const JsonObject& object) {
  LAKE_ASSIGN_OR_RETURN(std::string type, object.String("type"));
  if (type == "branch") return iceberg::SnapshotRef::Kind::kBranch;
  if (type == "tag") return iceberg::SnapshotRef::Kind::kTag;
  return InvalidInput("type of a reference is \"{}\", must be branch or tag", type);
}

Result<iceberg::Retention> RetentionOf(const JsonObject& object) {
  iceberg::Retention retention;
  LAKE_ASSIGN_OR_RETURN(retention.min_snapshots_to_keep, object.OptionalInt32("min_snapshots_to_keep"));
  LAKE_ASSIGN_OR_RETURN(retention.max_snapshot_age_ms, object.OptionalInt64("max_snapshot_age_ms"));
  LAKE_ASSIGN_OR_RETURN(retention.max_ref_age_ms, object.OptionalInt64("max_ref_age_ms"));
  return retention;
}

/// Operations about snapshots and what names them; false for others.
Result<bool> AddRefOperation(const std::string& op, const JsonObject& object, Alteration& alteration) {
  using Metadata = const iceberg::TableMetadata&;
  auto add = [&](auto operation) {
    alteration.refs.push_back(std::move(operation));
    return true;
  };
  if (op == "set_current") {
    LAKE_ASSIGN_OR_RETURN(int64_t id, object.Int64("snapshot_id"));
    LAKE_ASSIGN_OR_RETURN(auto is_rollback, object.OptionalBool("is_rollback"));
    return add([id, is_rollback](Metadata metadata) {
      return iceberg::SetCurrent(metadata, iceberg::SnapshotId(id), is_rollback.value_or(false));
    });
  }
  if (op == "rollback_to_time") {
    LAKE_ASSIGN_OR_RETURN(int64_t time, object.Int64("timestamp_ms"));
    return add([time](Metadata metadata) { return iceberg::RollbackToTime(metadata, time); });
  }
  if (op == "set_statistics") {
    LAKE_ASSIGN_OR_RETURN(const Json* entry, object.Get("statistics"));
    LAKE_ASSIGN_OR_RETURN(iceberg::StatisticsFile file, iceberg::ParseStatisticsFile(*entry, "statistics"));
    return add([file](Metadata metadata) -> Result<iceberg::Update> {
      bool is_wanted = metadata.FindSnapshot(file.snapshot_id) != nullptr &&
                       iceberg::FindStatistics(metadata, file.snapshot_id) == nullptr;
      // The snapshot has expired, or somebody else was faster: the table stays as it is.
      return is_wanted ? iceberg::Update(iceberg::SetStatistics{file}) : iceberg::Update(iceberg::SetProperties{});
    });
  }
  if (op != "create_ref" && op != "drop_ref" && op != "set_retention" && op != "fast_forward") return false;
  LAKE_ASSIGN_OR_RETURN(std::string name, object.String("name"));
  if (op == "fast_forward") {
    LAKE_ASSIGN_OR_RETURN(std::string to, object.String("to"));
    return add([name, to](Metadata metadata) { return iceberg::FastForward(metadata, name, to); });
  }
  if (op == "set_retention") {
    LAKE_ASSIGN_OR_RETURN(iceberg::Retention retention, RetentionOf(object));
    return add([name, retention](Metadata metadata) { return iceberg::SetRetention(metadata, name, retention); });
  }
  LAKE_ASSIGN_OR_RETURN(iceberg::SnapshotRef::Kind kind, KindOf(object));
  if (op == "drop_ref") {
    return add([name, kind](Metadata metadata) { return iceberg::DropRef(metadata, name, kind); });
  }
  LAKE_ASSIGN_OR_RETURN(iceberg::Retention retention, RetentionOf(object));
  LAKE_ASSIGN_OR_RETURN(auto id, object.OptionalInt64("snapshot_id"));
  std::optional<iceberg::SnapshotId> snapshot_id;
  if (id) snapshot_id = iceberg::SnapshotId(*id);
  return add([name, kind, snapshot_id, retention](Metadata metadata) {
    return iceberg::CreateRef(metadata, name, kind, snapshot_id, retention);
  });
}

Status AddOperation(const JsonObject& object, Alteration& alteration) {
  iceberg::UpdateSchema& update = alteration.schema;
  LAKE_ASSIGN_OR_RETURN(std::string op, object.String("op"));
  if (op == "partition_by") {
    LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("fields"));
    LAKE_ASSIGN_OR_RETURN(alteration.partition, ParseNewPartitionFields(*fields));
    return {};
  }
  if (op == "sort_by") {
    LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("fields"));
    LAKE_ASSIGN_OR_RETURN(alteration.sort, ParseNewSortFields(*fields));
    return {};
  }
  LAKE_ASSIGN_OR_RETURN(bool is_about_refs, AddRefOperation(op, object, alteration));
  if (is_about_refs) return {};
  LAKE_ASSIGN_OR_RETURN(std::string name, object.String("name"));
  if (op == "add") {
    iceberg::NewColumn column;
    column.name = name;
    LAKE_ASSIGN_OR_RETURN(column.type, TypeOf(object));
    LAKE_ASSIGN_OR_RETURN(auto required, object.OptionalBool("required"));
    column.required = required.value_or(false);
    LAKE_ASSIGN_OR_RETURN(column.initial_default, ParseInitialDefault(object, name, column.type));
    LAKE_ASSIGN_OR_RETURN(column.write_default, ParseWriteDefault(object, name, column.type));
    update.Add(std::move(column));
  } else if (op == "drop") {
    update.Drop(name);
  } else if (op == "rename") {
    LAKE_ASSIGN_OR_RETURN(std::string to, object.String("to"));
    update.Rename(name, to);
  } else if (op == "type") {
    LAKE_ASSIGN_OR_RETURN(iceberg::Type type, TypeOf(object));
    LAKE_ASSIGN_OR_RETURN(auto replace, object.OptionalBool("replace"));
    if (replace.value_or(false)) {
      update.ReplaceType(name, std::move(type));
    } else {
      update.ChangeType(name, std::move(type));
    }
  } else if (op == "default") {
    LAKE_ASSIGN_OR_RETURN(iceberg::Type type, TypeOf(object));
    LAKE_ASSIGN_OR_RETURN(auto value, ParseWriteDefault(object, name, type));
    update.SetWriteDefault(name, std::move(value));
  } else if (op == "required") {
    LAKE_ASSIGN_OR_RETURN(auto required, object.OptionalBool("required"));
    update.SetRequired(name, required.value_or(false));
  } else if (op == "set_property") {
    LAKE_ASSIGN_OR_RETURN(std::string value, object.String("value"));
    if (name == kFormatVersionProperty) {
      LAKE_ASSIGN_OR_RETURN(int version, ParseVersion(value));
      alteration.properties.push_back(iceberg::UpgradeFormatVersion{version});
    } else {
      alteration.properties.push_back(iceberg::SetProperties{{{name, value}}});
    }
  } else if (op == "remove_property") {
    alteration.properties.push_back(iceberg::RemoveProperties{{name}});
  } else {
    return InvalidInput("operation \"{}\" of lake_alter is unknown", op);
  }
  return {};
}

}  // namespace

Result<std::vector<iceberg::NewPartitionField>> ParseNewPartitionFields(const Json& list) {
  std::vector<iceberg::NewPartitionField> fields;
  for (const Json& entry : list) {
    JsonObject object(entry, "partition field");
    iceberg::NewPartitionField field;
    LAKE_ASSIGN_OR_RETURN(field.column, object.String("column"));
    LAKE_ASSIGN_OR_RETURN(std::string transform, object.String("transform"));
    LAKE_ASSIGN_OR_RETURN(field.transform, iceberg::Transform::Parse(transform));
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<std::vector<iceberg::NewSortField>> ParseNewSortFields(const Json& list) {
  std::vector<iceberg::NewSortField> fields;
  for (const Json& entry : list) {
    JsonObject object(entry, "sort field");
    iceberg::NewSortField field;
    LAKE_ASSIGN_OR_RETURN(field.column, object.String("column"));
    LAKE_ASSIGN_OR_RETURN(std::string transform, object.String("transform"));
    LAKE_ASSIGN_OR_RETURN(field.transform, iceberg::Transform::Parse(transform));
    LAKE_ASSIGN_OR_RETURN(auto descending, object.OptionalBool("descending"));
    LAKE_ASSIGN_OR_RETURN(auto nulls_first, object.OptionalBool("nulls_first"));
    field.ascending = !descending.value_or(false);
    field.nulls_first = nulls_first.value_or(field.ascending);
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<std::string> AlterTableBase(LakeInstance& lake, const std::string& text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_alter"));
  JsonObject object(json, "argument of lake_alter");
  LAKE_ASSIGN_OR_RETURN(std::string base, object.String("base"));
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake.MetadataOfBase(base));
  LAKE_ASSIGN_OR_RETURN(const Json* operations, object.Array("operations"));
  Alteration alteration{iceberg::UpdateSchema(*metadata), std::nullopt, std::nullopt, {}, {}};
  for (const Json& entry : *operations) {
    LAKE_RETURN_IF_ERROR(AddOperation(JsonObject(entry, "operation of lake_alter"), alteration));
  }
  auto now = std::chrono::system_clock::now().time_since_epoch();
  iceberg::CommitContext context{std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), std::nullopt};
  if (!LakeInstance::IsInline(base)) context.base_location = iceberg::Location(base);
  // The metadata log gets the base once.
  auto context_for = [&](const iceberg::TableMetadata& current) {
    const auto& log = current.metadata_log;
    bool is_logged = context.base_location && !log.empty() && log.back().metadata_file == *context.base_location;
    return is_logged ? iceberg::CommitContext{context.timestamp_ms, std::nullopt} : context;
  };
  LAKE_ASSIGN_OR_RETURN(iceberg::TableMetadata changed, alteration.schema.Build(context));
  if (alteration.partition) {
    LAKE_ASSIGN_OR_RETURN(changed, iceberg::UpdateSpec(changed, *alteration.partition, context_for(changed)));
  }
  if (alteration.sort) {
    LAKE_ASSIGN_OR_RETURN(changed, iceberg::UpdateSortOrder(changed, *alteration.sort, context_for(changed)));
  }
  if (!alteration.properties.empty()) {
    LAKE_ASSIGN_OR_RETURN(changed, iceberg::ApplyUpdates(&changed, alteration.properties, context_for(changed)));
  }
  for (const auto& operation : alteration.refs) {
    LAKE_ASSIGN_OR_RETURN(iceberg::Update update, operation(changed));
    LAKE_ASSIGN_OR_RETURN(changed, iceberg::ApplyUpdates(&changed, {std::move(update)}, context_for(changed)));
  }
  return iceberg::MetadataToText(changed);
}

}  // namespace lake::server
