// See the header.
#include "iceberg/table_statistics.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "iceberg/location.h"

namespace lake::iceberg {

namespace {

std::optional<int64_t> ParseCount(const std::string& text) {
  int64_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

/// Adds what one entry of "blob-metadata" says, if it is a sketch of one column.
void AddDistinctValues(const Json& blob, std::map<FieldId, int64_t>& counts) {
  JsonObject object(blob, "blob-metadata");
  auto type = object.String("type");
  auto fields = object.Array("fields");
  const Json* properties = object.Find("properties");
  if (!type.ok() || *type != kThetaSketchBlob || !fields.ok() || (*fields)->size() != 1 || properties == nullptr)
    return;
  auto field = JsonToInt32((**fields)[0], "field id");
  auto text = JsonObject(*properties, "properties").String(kDistinctValuesProperty);
  if (!field.ok() || !text.ok()) return;
  if (auto count = ParseCount(*text)) counts[FieldId{*field}] = *count;
}

}  // namespace

Result<StatisticsFile> ParseStatisticsFile(const Json& json, std::string_view name) {
  JsonObject entry(json, fmt::format("entry of \"{}\"", name));
  LAKE_ASSIGN_OR_RETURN(int64_t id, entry.Int64("snapshot-id"));
  LAKE_ASSIGN_OR_RETURN(std::string path, entry.String("statistics-path"));
  if (auto status = CheckLocation(path); !status.ok()) return Corrupt("{}: {}", name, status.error().message());
  return StatisticsFile{SnapshotId{id}, Location(path), json};
}

const StatisticsFile* FindStatistics(const TableMetadata& metadata, SnapshotId id) {
  auto found = std::find_if(metadata.statistics.begin(), metadata.statistics.end(),
                            [&](const StatisticsFile& file) { return file.snapshot_id == id; });
  return found == metadata.statistics.end() ? nullptr : &*found;
}

StatisticsFile MakeStatistics(SnapshotId id, const Location& path, std::string_view file,
                              const std::vector<PuffinBlob>& blobs) {
  size_t footer = blobs.empty() ? 4 : static_cast<size_t>(blobs.back().offset + blobs.back().length);
  Json list = Json::array();
  for (const PuffinBlob& blob : blobs) {
    Json fields = Json::array();
    for (FieldId field : blob.fields) fields.push_back(field.value);
    list.push_back({{"type", blob.type},
                    {"snapshot-id", blob.snapshot_id},
                    {"sequence-number", blob.sequence_number},
                    {"fields", std::move(fields)},
                    {"properties", blob.properties}});
  }
  return {id, path,
          Json{{"snapshot-id", id.value},
               {"statistics-path", path.str()},
               {"file-size-in-bytes", file.size()},
               {"file-footer-size-in-bytes", file.size() - footer},
               {"blob-metadata", std::move(list)}}};
}

std::map<FieldId, int64_t> DistinctValues(const TableMetadata& metadata, const Snapshot& snapshot) {
  std::map<FieldId, int64_t> counts;
  std::set<SnapshotId> seen;  // metadata that lies may go round in circles
  for (const Snapshot* at = &snapshot; at != nullptr && seen.insert(at->snapshot_id).second;) {
    if (const StatisticsFile* file = FindStatistics(metadata, at->snapshot_id)) {
      const Json* blobs = JsonObject(file->json, "entry of statistics").Find("blob-metadata");
      if (blobs != nullptr && blobs->is_array()) {
        for (const Json& blob : *blobs) AddDistinctValues(blob, counts);
      }
      if (!counts.empty()) break;
    }
    at = at->parent_snapshot_id ? metadata.FindSnapshot(*at->parent_snapshot_id) : nullptr;
  }
  return counts;
}

}  // namespace lake::iceberg
