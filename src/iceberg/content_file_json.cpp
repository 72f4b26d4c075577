#include "iceberg/content_file_json.h"

#include <array>

#include "base/text_encoding.h"

namespace lake::iceberg {

namespace {

constexpr std::array<const char*, 3> kContentNames = {"data", "position-deletes", "equality-deletes"};

Json CountsToJson(const FieldMap<int64_t>& map) {
  Json keys = Json::array();
  Json values = Json::array();
  for (const auto& [id, value] : map) {
    keys.push_back(id.value);
    values.push_back(value);
  }
  return {{"keys", std::move(keys)}, {"values", std::move(values)}};
}

Json BoundsToJson(const FieldMap<std::string>& map) {
  Json keys = Json::array();
  Json values = Json::array();
  for (const auto& [id, value] : map) {
    keys.push_back(id.value);
    values.push_back(HexEncode(value));
  }
  return {{"keys", std::move(keys)}, {"values", std::move(values)}};
}

/// The pairs of {"keys": [...], "values": [...]}; nothing when the member is absent.
template <typename Take>
Status ForEachPair(const JsonObject& file, const char* key, Take take) {
  const Json* json = file.Find(key);
  if (json == nullptr) return {};
  JsonObject map(*json, fmt::format("\"{}\" of {}", key, file.name()));
  LAKE_ASSIGN_OR_RETURN(const Json* keys, map.Array("keys"));
  LAKE_ASSIGN_OR_RETURN(const Json* values, map.Array("values"));
  if (keys->size() != values->size())
    return Corrupt("{} has {} keys but {} values", map.name(), keys->size(), values->size());
  for (size_t i = 0; i < keys->size(); i++) {
    LAKE_ASSIGN_OR_RETURN(int32_t id, JsonToInt32((*keys)[i], map.name()));
    LAKE_RETURN_IF_ERROR(take(FieldId{id}, (*values)[i]));
  }
  return {};
}

Result<FieldMap<int64_t>> ParseCounts(const JsonObject& file, const char* key) {
  FieldMap<int64_t> map;
  LAKE_RETURN_IF_ERROR(ForEachPair(file, key, [&](FieldId id, const Json& json) -> Status {
    LAKE_ASSIGN_OR_RETURN(int64_t value, JsonToInt64(json, key));
    map.Append(id, value);
    return {};
  }));
  map.Sort();
  return map;
}

Result<std::string> ParseHex(const Json& json, const char* key) {
  if (!json.is_string()) return Corrupt("a value of \"{}\" is not a string", key);
  auto bytes = HexDecode(json.get_ref<const std::string&>());
  if (!bytes.ok()) return Corrupt("\"{}\": {}", key, bytes.error().message());
  return bytes;
}

Result<FieldMap<std::string>> ParseBounds(const JsonObject& file, const char* key) {
  FieldMap<std::string> map;
  LAKE_RETURN_IF_ERROR(ForEachPair(file, key, [&](FieldId id, const Json& json) -> Status {
    LAKE_ASSIGN_OR_RETURN(std::string bytes, ParseHex(json, key));
    map.Append(id, std::move(bytes));
    return {};
  }));
  map.Sort();
  return map;
}

template <typename Take>
Status ForEachInteger(const JsonObject& file, const char* key, Take take) {
  if (file.Find(key) == nullptr) return {};
  LAKE_ASSIGN_OR_RETURN(const Json* list, file.Array(key));
  for (const Json& item : *list) {
    LAKE_ASSIGN_OR_RETURN(int64_t value, JsonToInt64(item, key));
    take(value);
  }
  return {};
}

/// NaN and infinities have no JSON number: such floats travel as text.
Json PartitionValueToJson(const Literal& value) {
  bool floating = value.type().id() == TypeId::kFloat || value.type().id() == TypeId::kDouble;
  if (!floating) return value.ToJson();
  double number = value.type().id() == TypeId::kFloat ? value.as<float>() : value.as<double>();
  if (number == number && number - number == 0) return value.ToJson();
  return fmt::format("{}", number);
}

Result<Literal> ParsePartitionValue(const Type& type, const Json& json) {
  bool floating = type.id() == TypeId::kFloat || type.id() == TypeId::kDouble;
  if (!floating || !json.is_string()) return Literal::FromJson(type, json);
  const auto& text = json.get_ref<const std::string&>();
  double number = 0;
  if (text == "nan" || text == "-nan") {
    number = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "inf" || text == "-inf") {
    number = text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  } else {
    return Corrupt("invalid {} value \"{}\"", type.ToString(), text);
  }
  if (type.id() == TypeId::kFloat) return Literal::Float(static_cast<float>(number));
  return Literal::Double(number);
}

Result<PartitionTuple> ParsePartition(const JsonObject& file, const PartitionSpec& spec, const Schema& schema) {
  PartitionTuple tuple;
  if (file.Find("partition") == nullptr && spec.fields.empty()) return tuple;
  LAKE_ASSIGN_OR_RETURN(const Json* values, file.Array("partition"));
  std::vector<Type> types = PartitionTypes(spec, schema);
  if (values->size() != types.size()) {
    return Corrupt("partition of {} has {} values, but spec {} has {} fields", file.name(), values->size(),
                   spec.spec_id, types.size());
  }
  for (size_t i = 0; i < types.size(); i++) {
    if ((*values)[i].is_null()) {
      tuple.emplace_back();
      continue;
    }
    LAKE_ASSIGN_OR_RETURN(Literal value, ParsePartitionValue(types[i], (*values)[i]));
    tuple.emplace_back(std::move(value));
  }
  return tuple;
}

}  // namespace

Json DataFileToJson(const DataFile& file) {
  Json json = {{"spec-id", file.spec_id.value},     {"content", kContentNames[static_cast<size_t>(file.content)]},
               {"file-path", file.file_path.str()}, {"file-format", FileFormatName(file.file_format)},
               {"record-count", file.record_count}, {"file-size-in-bytes", file.file_size_in_bytes}};
  Json& partition = json["partition"] = Json::array();
  for (const auto& value : file.partition) partition.push_back(value ? PartitionValueToJson(*value) : Json());
  if (!file.column_sizes.empty()) json["column-sizes"] = CountsToJson(file.column_sizes);
  if (!file.value_counts.empty()) json["value-counts"] = CountsToJson(file.value_counts);
  if (!file.null_value_counts.empty()) json["null-value-counts"] = CountsToJson(file.null_value_counts);
  if (!file.nan_value_counts.empty()) json["nan-value-counts"] = CountsToJson(file.nan_value_counts);
  if (!file.lower_bounds.empty()) json["lower-bounds"] = BoundsToJson(file.lower_bounds);
  if (!file.upper_bounds.empty()) json["upper-bounds"] = BoundsToJson(file.upper_bounds);
  if (file.key_metadata) json["key-metadata"] = HexEncode(*file.key_metadata);
  if (!file.split_offsets.empty()) json["split-offsets"] = file.split_offsets;
  if (!file.equality_ids.empty()) {
    Json& ids = json["equality-ids"] = Json::array();
    for (FieldId id : file.equality_ids) ids.push_back(id.value);
  }
  if (file.sort_order_id) json["sort-order-id"] = file.sort_order_id->value;
  if (file.first_row_id) json["first-row-id"] = *file.first_row_id;
  if (file.referenced_data_file) json["referenced-data-file"] = file.referenced_data_file->str();
  if (file.content_offset) json["content-offset"] = *file.content_offset;
  if (file.content_size_in_bytes) json["content-size-in-bytes"] = *file.content_size_in_bytes;
  return json;
}

Result<DataFile> ParseDataFile(const Json& json, const std::vector<PartitionSpec>& specs, const Schema& schema) {
  JsonObject object(json, "content file");
  DataFile file;
  LAKE_ASSIGN_OR_RETURN(int32_t spec_id, object.Int32("spec-id"));
  file.spec_id = SpecId{spec_id};
  auto spec =
      std::find_if(specs.begin(), specs.end(), [&](const PartitionSpec& s) { return s.spec_id == file.spec_id; });
  if (spec == specs.end()) return Corrupt("content file names partition spec {}, which does not exist", spec_id);
  LAKE_ASSIGN_OR_RETURN(std::string content, object.String("content"));
  auto kind = std::find(kContentNames.begin(), kContentNames.end(), content);
  if (kind == kContentNames.end()) return Corrupt("unknown content \"{}\" of a content file", content);
  file.content = static_cast<FileContent>(kind - kContentNames.begin());
  LAKE_ASSIGN_OR_RETURN(std::string path, object.String("file-path"));
  file.file_path = Location(path);
  LAKE_ASSIGN_OR_RETURN(std::string format, object.String("file-format"));
  LAKE_ASSIGN_OR_RETURN(file.file_format, ParseFileFormat(format));
  LAKE_ASSIGN_OR_RETURN(file.record_count, object.Int64("record-count"));
  LAKE_ASSIGN_OR_RETURN(file.file_size_in_bytes, object.Int64("file-size-in-bytes"));
  if (file.record_count < 0 || file.record_count > kMaxFileCount || file.file_size_in_bytes < 0 ||
      file.file_size_in_bytes > kMaxFileCount) {
    return Corrupt("content file \"{}\" cannot have {} rows in {} bytes", path, file.record_count,
                   file.file_size_in_bytes);
  }
  LAKE_ASSIGN_OR_RETURN(file.partition, ParsePartition(object, *spec, schema));
  LAKE_ASSIGN_OR_RETURN(file.column_sizes, ParseCounts(object, "column-sizes"));
  LAKE_ASSIGN_OR_RETURN(file.value_counts, ParseCounts(object, "value-counts"));
  LAKE_ASSIGN_OR_RETURN(file.null_value_counts, ParseCounts(object, "null-value-counts"));
  LAKE_ASSIGN_OR_RETURN(file.nan_value_counts, ParseCounts(object, "nan-value-counts"));
  LAKE_ASSIGN_OR_RETURN(file.lower_bounds, ParseBounds(object, "lower-bounds"));
  LAKE_ASSIGN_OR_RETURN(file.upper_bounds, ParseBounds(object, "upper-bounds"));
  if (const Json* key = object.Find("key-metadata"); key != nullptr) {
    LAKE_ASSIGN_OR_RETURN(file.key_metadata, ParseHex(*key, "key-metadata"));
  }
  LAKE_RETURN_IF_ERROR(ForEachInteger(object, "split-offsets", [&](int64_t v) { file.split_offsets.push_back(v); }));
  LAKE_RETURN_IF_ERROR(ForEachInteger(object, "equality-ids",
                                      [&](int64_t v) { file.equality_ids.emplace_back(static_cast<int32_t>(v)); }));
  LAKE_ASSIGN_OR_RETURN(auto sort_order, object.OptionalInt32("sort-order-id"));
  if (sort_order) file.sort_order_id = SortOrderId{*sort_order};
  LAKE_ASSIGN_OR_RETURN(file.first_row_id, object.OptionalInt64("first-row-id"));
  LAKE_ASSIGN_OR_RETURN(auto referenced, object.OptionalString("referenced-data-file"));
  if (referenced) file.referenced_data_file = Location(*referenced);
  LAKE_ASSIGN_OR_RETURN(file.content_offset, object.OptionalInt64("content-offset"));
  LAKE_ASSIGN_OR_RETURN(file.content_size_in_bytes, object.OptionalInt64("content-size-in-bytes"));
  return file;
}

}  // namespace lake::iceberg
