// Metadata files. A reader is lenient where writers differ (keys that are absent, null or new) and strict where it
// would read wrong data: what is current must exist, refs.main must be the current snapshot, paths must be absolute.
#include <algorithm>
#include <array>
#include <set>

#include "avro/codec.h"
#include "iceberg/location.h"
#include "iceberg/metadata.h"
#include "iceberg/table_statistics.h"

namespace lake::iceberg {

namespace {

constexpr size_t kMaxMetadataSize = size_t{1} << 30;
// Ids and numbers beyond these cannot have come about, and adding to them must not overflow.
constexpr int32_t kMaxSmallId = 1 << 30;
constexpr int64_t kMaxSequenceNumber = int64_t{1} << 62;
constexpr int64_t kNoSnapshot = -1;  // how Java says "none" in v1 and v2

constexpr std::array<std::string_view, 24> kKnownKeys = {"format-version",
                                                         "table-uuid",
                                                         "location",
                                                         "last-sequence-number",
                                                         "last-updated-ms",
                                                         "last-column-id",
                                                         "schema",
                                                         "schemas",
                                                         "current-schema-id",
                                                         "partition-spec",
                                                         "partition-specs",
                                                         "default-spec-id",
                                                         "last-partition-id",
                                                         "properties",
                                                         "current-snapshot-id",
                                                         "snapshots",
                                                         "snapshot-log",
                                                         "metadata-log",
                                                         "sort-orders",
                                                         "default-sort-order-id",
                                                         "refs",
                                                         "statistics",
                                                         "partition-statistics",
                                                         "next-row-id"};

Status CheckRange(std::string_view what, int64_t value, int64_t max) {
  if (value < 0 || value > max) return Corrupt("{} {} is out of range", what, value);
  return {};
}

template <typename Parse>
Status ForEachItem(const JsonObject& object, std::string_view key, Parse parse) {
  if (object.Find(key) == nullptr) return {};
  LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array(key));
  for (const Json& item : *list) LAKE_RETURN_IF_ERROR(parse(item));
  return {};
}

Status ParseSchemas(const JsonObject& object, TableMetadata& metadata) {
  LAKE_RETURN_IF_ERROR(ForEachItem(object, "schemas", [&](const Json& item) -> Status {
    LAKE_ASSIGN_OR_RETURN(Schema schema, ParseSchema(item));
    LAKE_RETURN_IF_ERROR(CheckRange("schema id", schema.id().value, kMaxSmallId));
    metadata.schemas.push_back(std::move(schema));
    return {};
  }));
  if (metadata.schemas.empty()) {
    if (metadata.format_version > 1) return Corrupt("missing field in {}: schemas", object.name());
    LAKE_ASSIGN_OR_RETURN(const Json* json, object.Get("schema"));
    LAKE_ASSIGN_OR_RETURN(Schema schema, ParseSchema(*json));
    LAKE_RETURN_IF_ERROR(CheckRange("schema id", schema.id().value, kMaxSmallId));
    metadata.current_schema_id = schema.id();
    metadata.schemas.push_back(std::move(schema));
  } else {
    LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("current-schema-id"));
    metadata.current_schema_id = SchemaId{id};
  }
  if (metadata.FindSchema(metadata.current_schema_id) == nullptr) {
    return Corrupt("current schema {} is not among the schemas", metadata.current_schema_id);
  }
  // Some writers have forgotten nested ids; handing one out again would be worse than correcting it (rule 2).
  for (const Schema& schema : metadata.schemas) {
    metadata.last_column_id = std::max(metadata.last_column_id, schema.HighestFieldId());
  }
  return CheckRange("last column id", metadata.last_column_id.value, kMaxUserFieldId.value);
}

Status ParseSpecs(const JsonObject& object, TableMetadata& metadata) {
  LAKE_RETURN_IF_ERROR(ForEachItem(object, "partition-specs", [&](const Json& item) -> Status {
    LAKE_ASSIGN_OR_RETURN(PartitionSpec spec, ParsePartitionSpec(item));
    LAKE_RETURN_IF_ERROR(CheckRange("partition spec id", spec.spec_id.value, kMaxSmallId));
    metadata.partition_specs.push_back(std::move(spec));
    return {};
  }));
  if (metadata.partition_specs.empty()) {
    if (metadata.format_version > 1) return Corrupt("missing field in {}: partition-specs", object.name());
    PartitionSpec spec;
    if (const Json* fields = object.Find("partition-spec"); fields != nullptr) {
      LAKE_ASSIGN_OR_RETURN(spec.fields, ParsePartitionFields(*fields));
    }
    metadata.partition_specs.push_back(std::move(spec));
  } else {
    LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("default-spec-id"));
    metadata.default_spec_id = SpecId{id};
  }
  if (metadata.FindSpec(metadata.default_spec_id) == nullptr) {
    return Corrupt("default partition spec {} is not among the specs", metadata.default_spec_id);
  }
  LAKE_ASSIGN_OR_RETURN(auto last, object.OptionalInt32("last-partition-id"));
  metadata.last_partition_id = FieldId{last.value_or(kNoPartitionFieldId.value)};
  for (const PartitionSpec& spec : metadata.partition_specs) {
    for (const PartitionField& field : spec.fields) {
      metadata.last_partition_id = std::max(metadata.last_partition_id, field.field_id);
    }
  }
  return CheckRange("last partition id", metadata.last_partition_id.value, kMaxUserFieldId.value);
}

Status ParseSortOrders(const JsonObject& object, TableMetadata& metadata) {
  LAKE_RETURN_IF_ERROR(ForEachItem(object, "sort-orders", [&](const Json& item) -> Status {
    LAKE_ASSIGN_OR_RETURN(SortOrder order, ParseSortOrder(item));
    LAKE_RETURN_IF_ERROR(CheckRange("sort order id", order.order_id.value, kMaxSmallId));
    metadata.sort_orders.push_back(std::move(order));
    return {};
  }));
  LAKE_ASSIGN_OR_RETURN(auto id, object.OptionalInt32("default-sort-order-id"));
  metadata.default_sort_order_id = SortOrderId{id.value_or(0)};
  if (metadata.FindSortOrder(SortOrderId{0}) == nullptr) {
    metadata.sort_orders.insert(metadata.sort_orders.begin(), SortOrder());
  }
  if (metadata.FindSortOrder(metadata.default_sort_order_id) == nullptr) {
    return Corrupt("default sort order {} is not among the sort orders", metadata.default_sort_order_id);
  }
  return {};
}

Status ParseProperties(const JsonObject& object, TableMetadata& metadata) {
  const Json* json = object.Find("properties");
  if (json == nullptr) return {};
  if (!json->is_object()) return Corrupt("\"properties\" of {} is not an object", object.name());
  for (const auto& [key, value] : json->items()) {
    if (value.is_string()) {
      metadata.properties[key] = value.get<std::string>();
    } else if (!value.is_null()) {
      LAKE_ASSIGN_OR_RETURN(metadata.properties[key], DumpJson(value));
    }
  }
  return {};
}

Status ParseSnapshots(const JsonObject& object, TableMetadata& metadata) {
  std::set<SnapshotId> ids;
  LAKE_RETURN_IF_ERROR(ForEachItem(object, "snapshots", [&](const Json& item) -> Status {
    LAKE_ASSIGN_OR_RETURN(Snapshot snapshot, ParseSnapshot(item, metadata.format_version));
    if (!ids.insert(snapshot.snapshot_id).second) {
      return Corrupt("snapshot {} is there more than once", snapshot.snapshot_id);
    }
    if (snapshot.sequence_number > metadata.last_sequence_number) {
      return Corrupt("snapshot {} has sequence number {}, above the last sequence number {}", snapshot.snapshot_id,
                     snapshot.sequence_number, metadata.last_sequence_number);
    }
    metadata.snapshots.push_back(std::move(snapshot));
    return {};
  }));
  LAKE_ASSIGN_OR_RETURN(auto current, object.OptionalInt64("current-snapshot-id"));
  if (current && *current != kNoSnapshot) {
    metadata.current_snapshot_id = SnapshotId{*current};
    if (!ids.contains(SnapshotId{*current})) return Corrupt("current snapshot {} is not among the snapshots", *current);
  }
  LAKE_RETURN_IF_ERROR(ForEachItem(object, "snapshot-log", [&](const Json& item) -> Status {
    JsonObject entry(item, "snapshot log entry");
    LAKE_ASSIGN_OR_RETURN(int64_t timestamp_ms, entry.Int64("timestamp-ms"));
    LAKE_ASSIGN_OR_RETURN(int64_t id, entry.Int64("snapshot-id"));
    metadata.snapshot_log.push_back({timestamp_ms, SnapshotId{id}});
    return {};
  }));
  return ForEachItem(object, "metadata-log", [&](const Json& item) -> Status {
    JsonObject entry(item, "metadata log entry");
    LAKE_ASSIGN_OR_RETURN(int64_t timestamp_ms, entry.Int64("timestamp-ms"));
    LAKE_ASSIGN_OR_RETURN(std::string file, entry.String("metadata-file"));
    if (auto status = CheckLocation(file); !status.ok()) return Corrupt("metadata log: {}", status.error().message());
    metadata.metadata_log.push_back({timestamp_ms, Location(file)});
    return {};
  });
}

Status ParseRefs(const JsonObject& object, TableMetadata& metadata) {
  if (const Json* refs = object.Find("refs"); refs != nullptr) {
    if (!refs->is_object()) return Corrupt("\"refs\" of {} is not an object", object.name());
    for (const auto& [name, value] : refs->items()) {
      LAKE_ASSIGN_OR_RETURN(SnapshotRef ref, ParseSnapshotRef(value));
      metadata.refs.emplace(name, ref);
    }
  }
  const std::string main(kMainBranch);
  auto at = metadata.refs.find(main);
  if (at == metadata.refs.end()) {
    if (metadata.current_snapshot_id) metadata.refs[main].snapshot_id = *metadata.current_snapshot_id;
  } else if (at->second.snapshot_id != metadata.current_snapshot_id) {
    return Corrupt("branch main is at snapshot {}, but the current snapshot is {}", at->second.snapshot_id,
                   metadata.current_snapshot_id.value_or(SnapshotId{kNoSnapshot}));
  }
  return {};
}

Status ParseStatistics(const JsonObject& object, std::string_view key, std::vector<StatisticsFile>& files) {
  return ForEachItem(object, key, [&](const Json& item) -> Status {
    LAKE_ASSIGN_OR_RETURN(StatisticsFile file, ParseStatisticsFile(item, key));
    files.push_back(std::move(file));
    return {};
  });
}

Result<TableMetadata> ParseObject(const JsonObject& object) {
  TableMetadata metadata;
  LAKE_ASSIGN_OR_RETURN(metadata.format_version, object.Int32("format-version"));
  if (metadata.format_version < 1 || metadata.format_version > kMaxReadFormatVersion) {
    return Unsupported("unsupported iceberg format version {}", metadata.format_version);
  }
  LAKE_ASSIGN_OR_RETURN(auto uuid, object.OptionalString("table-uuid"));
  if (uuid) {
    auto parsed = lake::Uuid::Parse(*uuid);
    if (!parsed.ok()) return Corrupt("table-uuid: {}", parsed.error().message());
    metadata.table_uuid = *parsed;
  } else if (metadata.format_version > 1) {
    return Corrupt("missing field in {}: table-uuid", object.name());
  }
  LAKE_ASSIGN_OR_RETURN(std::string location, object.String("location"));
  if (auto status = CheckLocation(location); !status.ok()) return Corrupt("location: {}", status.error().message());
  metadata.location = Location(location);
  if (metadata.format_version > 1) {
    LAKE_ASSIGN_OR_RETURN(int64_t number, object.Int64("last-sequence-number"));
    LAKE_RETURN_IF_ERROR(CheckRange("last sequence number", number, kMaxSequenceNumber));
    metadata.last_sequence_number = SequenceNumber{number};
  }
  LAKE_ASSIGN_OR_RETURN(metadata.last_updated_ms, object.Int64("last-updated-ms"));
  LAKE_ASSIGN_OR_RETURN(int32_t last_column_id, object.Int32("last-column-id"));
  metadata.last_column_id = FieldId{last_column_id};
  LAKE_RETURN_IF_ERROR(ParseSchemas(object, metadata));
  LAKE_RETURN_IF_ERROR(ParseSpecs(object, metadata));
  LAKE_RETURN_IF_ERROR(ParseSortOrders(object, metadata));
  LAKE_RETURN_IF_ERROR(ParseProperties(object, metadata));
  LAKE_RETURN_IF_ERROR(ParseSnapshots(object, metadata));
  LAKE_RETURN_IF_ERROR(ParseRefs(object, metadata));
  LAKE_RETURN_IF_ERROR(ParseStatistics(object, "statistics", metadata.statistics));
  LAKE_RETURN_IF_ERROR(ParseStatistics(object, "partition-statistics", metadata.partition_statistics));
  if (metadata.format_version >= 3) {
    LAKE_ASSIGN_OR_RETURN(auto next_row_id, object.OptionalInt64("next-row-id"));
    metadata.next_row_id = next_row_id.value_or(0);
  }
  for (const auto& [key, value] : object.json().items()) {
    if (std::find(kKnownKeys.begin(), kKnownKeys.end(), key) == kKnownKeys.end()) metadata.extra[key] = value;
  }
  return metadata;
}

Json StatisticsToJson(const std::vector<StatisticsFile>& files) {
  Json json = Json::array();
  for (const StatisticsFile& file : files) json.push_back(file.json);
  return json;
}

/// All but the three lists that grow with every commit.
Json HeadToJson(const TableMetadata& metadata) {
  Json json = metadata.extra;
  json["format-version"] = metadata.format_version;
  if (metadata.table_uuid) json["table-uuid"] = metadata.table_uuid->ToString();
  json["location"] = metadata.location.str();
  if (metadata.format_version > 1) json["last-sequence-number"] = metadata.last_sequence_number.value;
  json["last-updated-ms"] = metadata.last_updated_ms;
  json["last-column-id"] = metadata.last_column_id.value;
  json["current-schema-id"] = metadata.current_schema_id.value;
  Json& schemas = json["schemas"] = Json::array();
  for (const Schema& schema : metadata.schemas) schemas.push_back(SchemaToJson(schema));
  json["default-spec-id"] = metadata.default_spec_id.value;
  Json& specs = json["partition-specs"] = Json::array();
  for (const PartitionSpec& spec : metadata.partition_specs) specs.push_back(PartitionSpecToJson(spec));
  json["last-partition-id"] = metadata.last_partition_id.value;
  if (metadata.format_version == 1) {
    json["schema"] = SchemaToJson(metadata.current_schema());
    json["partition-spec"] = PartitionFieldsToJson(metadata.default_spec().fields);
  }
  json["default-sort-order-id"] = metadata.default_sort_order_id.value;
  Json& orders = json["sort-orders"] = Json::array();
  for (const SortOrder& order : metadata.sort_orders) orders.push_back(SortOrderToJson(order));
  json["properties"] = metadata.properties;
  if (metadata.current_snapshot_id) {
    json["current-snapshot-id"] = metadata.current_snapshot_id->value;
  } else if (metadata.format_version < 3) {
    json["current-snapshot-id"] = kNoSnapshot;
  } else {
    json["current-snapshot-id"] = nullptr;
  }
  Json& refs = json["refs"] = Json::object();
  for (const auto& [name, ref] : metadata.refs) refs[name] = SnapshotRefToJson(ref);
  json["statistics"] = StatisticsToJson(metadata.statistics);
  json["partition-statistics"] = StatisticsToJson(metadata.partition_statistics);
  if (metadata.next_row_id) json["next-row-id"] = *metadata.next_row_id;
  return json;
}

}  // namespace

Result<TableMetadata> ParseMetadataJson(const Json& json, std::string_view name) {
  JsonObject object(json, "Iceberg table metadata");
  LAKE_RETURN_IF_ERROR(object.Check());
  auto metadata = ParseObject(object);
  if (!metadata.ok()) return std::move(metadata).error().WithContext(name);
  return metadata;
}

Result<TableMetadata> ParseMetadata(std::string_view bytes, std::string_view name) {
  std::string unpacked;
  if (bytes.starts_with("\x1f\x8b")) {
    auto text = avro::Gunzip(bytes, kMaxMetadataSize);
    if (!text.ok()) return std::move(text).error().WithContext(name);
    unpacked = *std::move(text);
    bytes = unpacked;
  }
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(bytes, name, {.max_bytes = kMaxMetadataSize}));
  return ParseMetadataJson(json, name);
}

Result<std::string> MetadataToText(const TableMetadata& metadata) {
  LAKE_ASSIGN_OR_RETURN(std::string text, DumpJson(HeadToJson(metadata)));
  text.pop_back();  // the closing brace
  text += ",\"snapshots\":";
  LAKE_RETURN_IF_ERROR(metadata.snapshots.AppendText(metadata.format_version, text));
  text += ",\"snapshot-log\":[";
  const char* separator = "";
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    fmt::format_to(std::back_inserter(text), R"({}{{"snapshot-id":{},"timestamp-ms":{}}})", separator,
                   entry.snapshot_id.value, entry.timestamp_ms);
    separator = ",";
  }
  text += "],\"metadata-log\":";
  Json metadata_log = Json::array();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    metadata_log.push_back({{"timestamp-ms", entry.timestamp_ms}, {"metadata-file", entry.metadata_file.str()}});
  }
  LAKE_ASSIGN_OR_RETURN(std::string log_text, DumpJson(metadata_log));
  text += log_text;
  text += '}';
  return text;
}

}  // namespace lake::iceberg
