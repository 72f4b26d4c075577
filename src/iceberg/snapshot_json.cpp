// Snapshots and refs as JSON.
#include <algorithm>
#include <array>

#include "iceberg/location.h"
#include "iceberg/metadata.h"

namespace lake::iceberg {

namespace {

constexpr std::array<std::string_view, 11> kSnapshotKeys = {
    "snapshot-id", "parent-snapshot-id", "sequence-number", "timestamp-ms", "manifest-list", "manifests", "schema-id",
    "summary",     "first-row-id",       "added-rows",      "key-id"};

Result<Location> ParseLocation(const std::string& text, std::string_view what) {
  auto status = CheckLocation(text);
  if (!status.ok()) return Corrupt("{}: {}", what, status.error().message());
  return Location(text);
}

Result<Properties> ParseSummary(const Json& json) {
  Properties summary;
  if (!json.is_object()) return Corrupt("snapshot summary is not an object but {}", json.type_name());
  for (const auto& [key, value] : json.items()) {
    if (value.is_string()) {
      summary[key] = value.get<std::string>();
    } else {
      LAKE_ASSIGN_OR_RETURN(summary[key], DumpJson(value));
    }
  }
  return summary;
}

}  // namespace

Result<Snapshot> ParseSnapshot(const Json& json, int format_version) {
  JsonObject object(json, "snapshot");
  Snapshot snapshot;
  LAKE_ASSIGN_OR_RETURN(int64_t id, object.Int64("snapshot-id"));
  snapshot.snapshot_id = SnapshotId{id};
  LAKE_ASSIGN_OR_RETURN(auto parent, object.OptionalInt64("parent-snapshot-id"));
  if (parent && *parent != -1) snapshot.parent_snapshot_id = SnapshotId{*parent};
  LAKE_ASSIGN_OR_RETURN(auto sequence_number, object.OptionalInt64("sequence-number"));
  if (format_version >= 2) snapshot.sequence_number = SequenceNumber{sequence_number.value_or(0)};
  if (snapshot.sequence_number < SequenceNumber{0}) return Corrupt("snapshot {} has a negative sequence number", id);
  LAKE_ASSIGN_OR_RETURN(snapshot.timestamp_ms, object.Int64("timestamp-ms"));
  LAKE_ASSIGN_OR_RETURN(auto list, object.OptionalString("manifest-list"));
  std::string what = fmt::format("manifest list of snapshot {}", id);
  if (list) {
    LAKE_ASSIGN_OR_RETURN(snapshot.manifest_list, ParseLocation(*list, what));
  } else if (format_version == 1 && object.Find("manifests") != nullptr) {
    LAKE_ASSIGN_OR_RETURN(const Json* manifests, object.Array("manifests"));
    for (const Json& item : *manifests) {
      if (!item.is_string()) return Corrupt("a manifest of snapshot {} is not a string", id);
      LAKE_ASSIGN_OR_RETURN(Location manifest, ParseLocation(item.get<std::string>(), what));
      snapshot.manifests.push_back(std::move(manifest));
    }
  } else {
    return Corrupt("missing field in snapshot {}: manifest-list", id);
  }
  LAKE_ASSIGN_OR_RETURN(auto schema_id, object.OptionalInt32("schema-id"));
  if (schema_id) snapshot.schema_id = SchemaId{*schema_id};
  if (const Json* summary = object.Find("summary"); summary != nullptr) {
    LAKE_ASSIGN_OR_RETURN(snapshot.summary, ParseSummary(*summary));
  }
  LAKE_ASSIGN_OR_RETURN(snapshot.first_row_id, object.OptionalInt64("first-row-id"));
  LAKE_ASSIGN_OR_RETURN(snapshot.added_rows, object.OptionalInt64("added-rows"));
  LAKE_ASSIGN_OR_RETURN(snapshot.key_id, object.OptionalString("key-id"));
  for (const auto& [key, value] : json.items()) {
    if (std::find(kSnapshotKeys.begin(), kSnapshotKeys.end(), key) == kSnapshotKeys.end()) snapshot.extra[key] = value;
  }
  return snapshot;
}

Json SnapshotToJson(const Snapshot& snapshot, int format_version) {
  Json json = snapshot.extra;
  json["snapshot-id"] = snapshot.snapshot_id.value;
  if (snapshot.parent_snapshot_id) json["parent-snapshot-id"] = snapshot.parent_snapshot_id->value;
  if (format_version >= 2) json["sequence-number"] = snapshot.sequence_number.value;
  json["timestamp-ms"] = snapshot.timestamp_ms;
  if (!snapshot.manifest_list.empty()) {
    json["manifest-list"] = snapshot.manifest_list.str();
  } else {
    json["manifests"] = Json::array();
    for (const Location& manifest : snapshot.manifests) json["manifests"].push_back(manifest.str());
  }
  if (snapshot.schema_id) json["schema-id"] = snapshot.schema_id->value;
  if (!snapshot.summary.empty() || format_version >= 2) json["summary"] = snapshot.summary;
  if (snapshot.first_row_id) json["first-row-id"] = *snapshot.first_row_id;
  if (snapshot.added_rows) json["added-rows"] = *snapshot.added_rows;
  if (snapshot.key_id) json["key-id"] = *snapshot.key_id;
  return json;
}

Status SnapshotList::AppendText(int format_version, std::string& text) const {
  text += '[';
  for (size_t i = 0; i < items_.size(); ++i) {
    if (i > 0) text += ',';
    const Item& item = *items_[i];
    if (format_version < 2) {
      LAKE_ASSIGN_OR_RETURN(std::string dumped, DumpJson(SnapshotToJson(item.snapshot, format_version)));
      text += dumped;
      continue;
    }
    std::call_once(item.once, [&] { item.text = DumpJson(SnapshotToJson(item.snapshot, format_version)); });
    if (!item.text.ok()) return item.text.error();
    text += *item.text;
  }
  text += ']';
  return {};
}

Result<SnapshotRef> ParseSnapshotRef(const Json& json) {
  JsonObject object(json, "snapshot reference");
  SnapshotRef ref;
  LAKE_ASSIGN_OR_RETURN(int64_t id, object.Int64("snapshot-id"));
  ref.snapshot_id = SnapshotId{id};
  LAKE_ASSIGN_OR_RETURN(std::string kind, object.String("type"));
  if (kind != "branch" && kind != "tag") return Corrupt("invalid type of snapshot reference \"{}\"", kind);
  ref.kind = kind == "branch" ? SnapshotRef::Kind::kBranch : SnapshotRef::Kind::kTag;
  LAKE_ASSIGN_OR_RETURN(ref.min_snapshots_to_keep, object.OptionalInt32("min-snapshots-to-keep"));
  LAKE_ASSIGN_OR_RETURN(ref.max_snapshot_age_ms, object.OptionalInt64("max-snapshot-age-ms"));
  LAKE_ASSIGN_OR_RETURN(ref.max_ref_age_ms, object.OptionalInt64("max-ref-age-ms"));
  return ref;
}

Json SnapshotRefToJson(const SnapshotRef& ref) {
  Json json = {{"snapshot-id", ref.snapshot_id.value},
               {"type", ref.kind == SnapshotRef::Kind::kBranch ? "branch" : "tag"}};
  if (ref.min_snapshots_to_keep) json["min-snapshots-to-keep"] = *ref.min_snapshots_to_keep;
  if (ref.max_snapshot_age_ms) json["max-snapshot-age-ms"] = *ref.max_snapshot_age_ms;
  if (ref.max_ref_age_ms) json["max-ref-age-ms"] = *ref.max_ref_age_ms;
  return json;
}

}  // namespace lake::iceberg
