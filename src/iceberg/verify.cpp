// See the header. The rules are those of the specification's "Table Metadata", "Manifests" and "Manifest Lists".
#include "iceberg/verify.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "avro/codec.h"
#include "iceberg/scan.h"
#include "iceberg/table_statistics.h"

namespace lake::iceberg {

namespace {

constexpr size_t kMaxMetadataSize = size_t{1} << 30;
constexpr int64_t kClockTolerance = 60'000;  // milliseconds; what the Java implementation allows (rule 50)

std::string NameOf(const Snapshot& snapshot) { return fmt::format("snapshot {}", snapshot.snapshot_id); }

// -- metadata -----------------------------------------------------------------------------------------------------

/// The counters as they stand in the file: parsing raises them silently to what is in use.
void CheckCounter(const JsonObject& object, const char* key, FieldId used, const std::string& name,
                  Problems& problems) {
  auto stored = object.OptionalInt32(key);
  if (stored.ok() && *stored && **stored < used.value) {
    problems.Error(name, "{} is {}, but id {} is in use.", key, **stored, used);
  }
}

void CheckSnapshots(const TableMetadata& metadata, Problems& problems) {
  std::map<SequenceNumber, SnapshotId> numbers;
  for (const Snapshot& snapshot : metadata.snapshots) {
    std::string name = NameOf(snapshot);
    if (snapshot.schema_id && metadata.FindSchema(*snapshot.schema_id) == nullptr) {
      problems.Error(name, "It has schema {}, which the table does not have.", *snapshot.schema_id);
    }
    if (snapshot.timestamp_ms > metadata.last_updated_ms + kClockTolerance) {
      problems.Error(name, "Its timestamp {} is later than the table's last-updated-ms {}.", snapshot.timestamp_ms,
                     metadata.last_updated_ms);
    }
    if (snapshot.sequence_number.value == 0) continue;  // written as version 1
    auto [at, is_new] = numbers.emplace(snapshot.sequence_number, snapshot.snapshot_id);
    if (!is_new) {
      problems.Error(name, "It has sequence number {}, which is also that of snapshot {}.", snapshot.sequence_number,
                     at->second);
    }
    // A parent may have expired.
    const Snapshot* parent =
        snapshot.parent_snapshot_id ? metadata.FindSnapshot(*snapshot.parent_snapshot_id) : nullptr;
    if (parent != nullptr && parent->sequence_number >= snapshot.sequence_number) {
      problems.Error(name, "It has sequence number {}, but that of its parent {} is {}.", snapshot.sequence_number,
                     parent->snapshot_id, parent->sequence_number);
    }
  }
}

void CheckRefs(const TableMetadata& metadata, Problems& problems) {
  for (const auto& [name, ref] : metadata.refs) {
    if (metadata.FindSnapshot(ref.snapshot_id) == nullptr) {
      problems.Error(fmt::format("reference {}", name), "It is at snapshot {}, which does not exist.", ref.snapshot_id);
    }
  }
  for (const auto* files : {&metadata.statistics, &metadata.partition_statistics}) {
    for (const StatisticsFile& file : *files) {
      if (metadata.FindSnapshot(file.snapshot_id) == nullptr) {
        problems.Warning(file.path.str(), "The statistics are of snapshot {}, which does not exist.", file.snapshot_id);
      }
    }
  }
}

/// Both logs are in the order of time; the Java implementation refuses metadata where they are not (rule 50).
void CheckLogs(const TableMetadata& metadata, Problems& problems) {
  int64_t last = 0;
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    if (metadata.FindSnapshot(entry.snapshot_id) == nullptr) {
      problems.Error("snapshot log", "It has snapshot {}, which does not exist.", entry.snapshot_id);
    }
    if (entry.timestamp_ms < last - kClockTolerance) {
      problems.Error("snapshot log", "The entry of snapshot {} has time {}, the one before it {}.", entry.snapshot_id,
                     entry.timestamp_ms, last);
    }
    last = entry.timestamp_ms;
  }
  if (!metadata.snapshot_log.empty() && metadata.current_snapshot_id &&
      metadata.snapshot_log.back().snapshot_id != *metadata.current_snapshot_id) {
    problems.Error("snapshot log", "It ends with snapshot {}, but the current one is {}.",
                   metadata.snapshot_log.back().snapshot_id, *metadata.current_snapshot_id);
  }
  if (metadata.last_updated_ms < last - kClockTolerance) {
    problems.Error("snapshot log", "It ends at {}, after the table's last-updated-ms {}.", last,
                   metadata.last_updated_ms);
  }
  last = 0;
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    if (entry.timestamp_ms < last - kClockTolerance) {
      problems.Error("metadata log", "The entry of \"{}\" has time {}, the one before it {}.", entry.metadata_file,
                     entry.timestamp_ms, last);
    }
    last = entry.timestamp_ms;
  }
}

void CheckDefaultSpec(const TableMetadata& metadata, Problems& problems) {
  for (const PartitionField& field : metadata.default_spec().fields) {
    if (field.transform.kind() == Transform::Kind::kVoid) continue;
    for (FieldId source : field.source_ids) {
      if (metadata.current_schema().Find(source) == nullptr) {
        problems.Error(fmt::format("partition spec {}", metadata.default_spec_id),
                       "Its field \"{}\" is about column {}, which schema {} does not have.", field.name, source,
                       metadata.current_schema_id);
      }
    }
  }
}

// -- manifests ----------------------------------------------------------------------------------------------------

/// What the entries of a manifest add up to.
struct Counts {
  int64_t files[3] = {0, 0, 0};  // by status
  int64_t rows[3] = {0, 0, 0};
};

template <typename T>
void CheckCount(const Location& manifest, const char* what, const std::optional<T>& listed, int64_t counted,
                Problems& problems) {
  if (listed && *listed != counted) {
    problems.Error(manifest.str(), "The manifest list says {} {}, the manifest has {}.", what, *listed, counted);
  }
}

void CheckLine(const ManifestFile& line, const Manifest& manifest, Problems& problems) {
  Counts counts;
  std::optional<SequenceNumber> lowest;
  for (const ManifestEntry& entry : manifest.entries) {
    auto status = static_cast<size_t>(entry.status);
    counts.files[status]++;
    counts.rows[status] += entry.file.record_count;
    if (!entry.is_live()) continue;
    SequenceNumber number = entry.SequenceNumberIn(line);
    lowest = lowest ? std::min(*lowest, number) : number;
  }
  using Status = ManifestEntry::Status;
  auto at = [](Status status) { return static_cast<size_t>(status); };
  const Location& path = line.manifest_path;
  CheckCount(path, "added files:", line.added_files_count, counts.files[at(Status::kAdded)], problems);
  CheckCount(path, "existing files:", line.existing_files_count, counts.files[at(Status::kExisting)], problems);
  CheckCount(path, "deleted files:", line.deleted_files_count, counts.files[at(Status::kDeleted)], problems);
  CheckCount(path, "added rows:", line.added_rows_count, counts.rows[at(Status::kAdded)], problems);
  CheckCount(path, "existing rows:", line.existing_rows_count, counts.rows[at(Status::kExisting)], problems);
  CheckCount(path, "deleted rows:", line.deleted_rows_count, counts.rows[at(Status::kDeleted)], problems);
  if (lowest && line.min_sequence_number > *lowest) {
    problems.Error(path.str(), "The manifest list says min sequence number {}, but an entry has {}.",
                   line.min_sequence_number, *lowest);
  } else if (lowest && line.min_sequence_number < *lowest) {
    problems.Warning(path.str(), "The manifest list says min sequence number {}, but the lowest of an entry is {}.",
                     line.min_sequence_number, *lowest);
  }
  if (manifest.content != line.content) {
    auto name = [](ManifestContent content) { return content == ManifestContent::kData ? "data" : "deletes"; };
    problems.Error(path.str(), "The manifest list says it has {}, its header says {}.", name(line.content),
                   name(manifest.content));
  }
}

void CheckSummary(const ManifestFile& line, const ManifestEntry& entry, size_t field, Problems& problems) {
  const FieldSummary& summary = line.partitions[field];
  const std::optional<Literal>& value = entry.file.partition[field];
  const std::string& path = line.manifest_path.str();
  const Location& file = entry.file.file_path;
  if (!value) {
    if (!summary.contains_null) {
      problems.Error(path, "The manifest list says that partition field {} has no null, but \"{}\" has one.", field + 1,
                     file);
    }
    return;
  }
  if (value->is_nan()) {
    if (summary.contains_nan == false) {
      problems.Error(path, "The manifest list says that partition field {} has no NaN, but \"{}\" has one.", field + 1,
                     file);
    }
    return;
  }
  auto outside = [&](const std::optional<std::string>& bytes, bool upper) {
    if (!bytes) return false;
    auto bound = Literal::FromBinary(value->type(), *bytes);
    if (!bound.ok()) return true;
    int order = Literal::Compare(*value, *bound);
    return upper ? order > 0 : order < 0;
  };
  if (outside(summary.lower_bound, false) || outside(summary.upper_bound, true)) {
    problems.Error(path, "Partition value {} of \"{}\" is outside of the bounds of field {} in the manifest list.",
                   value->ToString(), file, field + 1);
  }
}

/// Numbers of one entry, which the snapshot and the manifest's line limit.
void CheckEntry(const Snapshot& snapshot, const ListedManifest& listed, const ManifestEntry& entry,
                Problems& problems) {
  const ManifestFile& line = listed.line;
  const std::string& path = entry.file.file_path.str();
  bool inherits = !entry.snapshot_id || !entry.sequence_number || !entry.file_sequence_number;
  // Version 1 has no sequence numbers, and every snapshot id written out.
  if (entry.status != ManifestEntry::Status::kAdded && inherits && listed.manifest->format_version > 1) {
    problems.Error(path, "Its entry in \"{}\" is not new, but lacks a snapshot id or sequence numbers of its own.",
                   line.manifest_path);
  }
  SequenceNumber number = entry.SequenceNumberIn(line), file_number = entry.FileSequenceNumberIn(line);
  if (number > snapshot.sequence_number || file_number > snapshot.sequence_number) {
    problems.Error(path, "It has sequence number {} (file {}), above {} of snapshot {}.", number, file_number,
                   snapshot.sequence_number, snapshot.snapshot_id);
  }
  if (entry.is_live() && number > file_number) {
    problems.Error(path, "Its data sequence number {} is above its file sequence number {}.", number, file_number);
  }
  bool is_data = entry.file.content == FileContent::kData;
  if (is_data != (line.content == ManifestContent::kData)) {
    problems.Error(path, "It is a {} file in a manifest of {} files, \"{}\".", is_data ? "data" : "delete",
                   is_data ? "delete" : "data", line.manifest_path);
  }
}

const NestedField* FindField(const TableMetadata& metadata, FieldId id) {
  if (const NestedField* field = metadata.current_schema().Find(id)) return field;
  for (const Schema& schema : metadata.schemas) {
    if (const NestedField* field = schema.Find(id)) return field;
  }
  return nullptr;
}

/// Counts and bounds of one file, against each other.
void CheckMetrics(const TableMetadata& metadata, const DataFile& file, Problems& problems) {
  const std::string& path = file.file_path.str();
  for (const auto* counts : {&file.null_value_counts, &file.nan_value_counts}) {
    for (const auto& [id, count] : *counts) {
      const int64_t* values = file.value_counts.Find(id);
      if (values != nullptr && count > *values) {
        problems.Error(path, "Column {} is said to have {} {} values among {}.", id, count,
                       counts == &file.null_value_counts ? "null" : "NaN", *values);
      }
    }
  }
  if (file.content != FileContent::kData) return;
  for (const auto* bounds : {&file.lower_bounds, &file.upper_bounds}) {
    const char* which = bounds == &file.lower_bounds ? "lower" : "upper";
    for (const auto& [id, bytes] : *bounds) {
      const NestedField* field = FindField(metadata, id);
      if (field != nullptr && field->type.id() == TypeId::kVariant) continue;  // of its shredded fields, as a variant
      if (field == nullptr || !field->type.is_primitive()) {
        problems.Warning(path, "It has bounds ({}) of column {}, which no schema has.", which, id);
      } else if (auto bound = Literal::FromBinary(field->type, bytes);
                 !bound.ok() && bound.error().kind() == ErrorKind::kCorrupt) {
        problems.Error(path, "The {} bound of column {} is no {}: {}.", which, id, field->type.ToString(),
                       bound.error().message());
      }
    }
  }
}

void CheckFile(const TableMetadata& metadata, const ListedManifest& listed, const DataFile& file, Problems& problems) {
  const std::string& path = file.file_path.str();
  if (file.record_count < 0 || file.file_size_in_bytes <= 0) {
    problems.Error(path, "It is said to have {} rows and {} bytes.", file.record_count, file.file_size_in_bytes);
  }
  if (file.partition.size() != listed.manifest->spec.fields.size()) {
    problems.Error(path, "It has {} partition values, but its spec has {} fields.", file.partition.size(),
                   listed.manifest->spec.fields.size());
  }
  for (size_t i = 0; i < file.split_offsets.size(); ++i) {
    int64_t offset = file.split_offsets[i];
    if (offset < 0 || offset >= file.file_size_in_bytes || (i > 0 && offset <= file.split_offsets[i - 1])) {
      problems.Error(path, "Split offset {} is out of order or outside of its {} bytes.", offset,
                     file.file_size_in_bytes);
    }
  }
  CheckMetrics(metadata, file, problems);
}

// -- all manifests together ---------------------------------------------------------------------------------------

struct Totals {
  int64_t records = 0, data_files = 0, delete_files = 0, position_deletes = 0, equality_deletes = 0, bytes = 0;
  bool has_vectors = false;

  void Add(const DataFile& file) {
    bytes += file.file_size_in_bytes;
    has_vectors |= file.is_deletion_vector();
    switch (file.content) {
      case FileContent::kData:
        ++data_files;
        records += file.record_count;
        return;
      case FileContent::kPositionDeletes:
        ++delete_files;
        position_deletes += file.record_count;
        return;
      case FileContent::kEqualityDeletes:
        ++delete_files;
        equality_deletes += file.record_count;
        return;
    }
  }
};

void CheckTotal(const Snapshot& snapshot, const char* key, int64_t counted, Problems& problems) {
  auto at = snapshot.summary.find(key);
  if (at == snapshot.summary.end()) return;
  const std::string& text = at->second;
  int64_t stored = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), stored);
  if (error != std::errc() || end != text.data() + text.size() || stored != counted) {
    problems.Error(NameOf(snapshot), "Its summary says {} {}, its manifests add up to {}.", key, text, counted);
  }
}

void CheckTotals(const Snapshot& snapshot, const Totals& totals, Problems& problems) {
  CheckTotal(snapshot, "total-records", totals.records, problems);
  CheckTotal(snapshot, "total-data-files", totals.data_files, problems);
  CheckTotal(snapshot, "total-delete-files", totals.delete_files, problems);
  CheckTotal(snapshot, "total-position-deletes", totals.position_deletes, problems);
  CheckTotal(snapshot, "total-equality-deletes", totals.equality_deletes, problems);
  // Engines disagree whether a deletion vector counts as its blob or as the Puffin file around it.
  if (!totals.has_vectors) CheckTotal(snapshot, "total-files-size", totals.bytes, problems);
}

/// Which files are live, and whether each is so once.
class LiveFiles {
 public:
  void Add(const Location& manifest, const DataFile& file, Problems& problems) {
    // Many deletion vectors may lie in one Puffin file.
    auto key = std::make_pair(file.file_path, file.is_deletion_vector() ? file.content_offset.value_or(-1) : -1);
    auto [at, is_new] = files_.emplace(std::move(key), manifest);
    if (!is_new) {
      problems.Error(file.file_path.str(), "It is live more than once: in \"{}\" and in \"{}\".", at->second, manifest);
    }
    if (file.content == FileContent::kData) data_.insert(file.file_path);
    if (file.content == FileContent::kPositionDeletes && file.referenced_data_file) deletes_.push_back(&file);
  }

  /// Deletes of one data file: it should be there, and have one deletion vector at most (rule 63).
  void CheckReferences(Problems& problems) const {
    std::set<Location> with_vector;
    for (const DataFile* file : deletes_) {
      const Location& target = *file->referenced_data_file;
      if (!data_.contains(target)) {
        problems.Warning(file->file_path.str(), "It deletes rows of \"{}\", which is no live data file.", target);
      }
      if (file->is_deletion_vector() && !with_vector.insert(target).second) {
        problems.Error(target.str(), "It has more than one deletion vector.");
      }
    }
  }

 private:
  std::map<std::pair<Location, int64_t>, Location> files_;  // to the manifest
  std::set<Location> data_;
  std::vector<const DataFile*> deletes_;
};

}  // namespace

std::optional<TableMetadata> VerifyMetadata(std::string_view bytes, const Location& location, Problems& problems) {
  auto metadata = ParseMetadata(bytes, location.str());
  if (!metadata.ok()) {
    problems.Error(location.str(), "It cannot be read: {}.", metadata.error().message());
    return std::nullopt;
  }
  std::string unpacked;
  if (bytes.starts_with("\x1f\x8b")) {
    auto text = avro::Gunzip(bytes, kMaxMetadataSize);
    if (text.ok()) bytes = unpacked = *std::move(text);
  }
  if (auto json = ParseJson(bytes, location.str(), {.max_bytes = kMaxMetadataSize}); json.ok()) {
    JsonObject object(*json, "table metadata");
    CheckCounter(object, "last-column-id", metadata->last_column_id, location.str(), problems);
    CheckCounter(object, "last-partition-id", metadata->last_partition_id, location.str(), problems);
  }
  CheckSnapshots(*metadata, problems);
  CheckRefs(*metadata, problems);
  CheckLogs(*metadata, problems);
  CheckDefaultSpec(*metadata, problems);
  return *std::move(metadata);
}

void VerifySnapshot(const TableMetadata& metadata, const Snapshot& snapshot,
                    const std::vector<ListedManifest>& manifests, bool complete, Problems& problems) {
  LiveFiles live;
  Totals totals;
  for (const ListedManifest& listed : manifests) {
    const ManifestFile& line = listed.line;
    const std::string& path = line.manifest_path.str();
    if (line.sequence_number > snapshot.sequence_number) {
      problems.Error(path, "It has sequence number {}, above {} of snapshot {}.", line.sequence_number,
                     snapshot.sequence_number, snapshot.snapshot_id);
    }
    if (metadata.FindSpec(line.partition_spec_id) == nullptr) {
      problems.Error(path, "It has partition spec {}, which the table does not have.", line.partition_spec_id);
    }
    size_t fields = listed.manifest->spec.fields.size();
    if (!line.partitions.empty() && line.partitions.size() != fields) {
      problems.Error(path, "The manifest list summarises {} partition fields, but its spec has {}.",
                     line.partitions.size(), fields);
    }
    CheckLine(line, *listed.manifest, problems);
    for (const ManifestEntry& entry : listed.manifest->entries) {
      CheckEntry(snapshot, listed, entry, problems);
      if (!entry.is_live()) continue;
      CheckFile(metadata, listed, entry.file, problems);
      for (size_t i = 0; i < std::min(line.partitions.size(), entry.file.partition.size()); ++i) {
        CheckSummary(line, entry, i, problems);
      }
      live.Add(line.manifest_path, entry.file, problems);
      totals.Add(entry.file);
    }
  }
  if (!complete) return;
  live.CheckReferences(problems);
  CheckTotals(snapshot, totals, problems);
}

void VerifyStatistics(const StatisticsFile& entry, std::string_view file, Problems& problems) {
  const std::string& path = entry.path.str();
  auto blobs = ReadPuffinFooter(file, path);
  if (!blobs.ok()) {
    problems.Error(path, "The statistics cannot be read: {}.", blobs.error().message());
    return;
  }
  Json found = MakeStatistics(entry.snapshot_id, entry.path, file, *blobs).json;
  for (const char* key : {"file-size-in-bytes", "file-footer-size-in-bytes", "blob-metadata"}) {
    Json said = entry.json.value(key, Json());
    if (said.is_array()) {
      for (Json& blob : said) {
        if (blob.is_object()) blob.emplace("properties", Json::object());  // may be left out where there are none
      }
    }
    if (said != found[key]) {
      problems.Error(path, "The statistics entry of snapshot {} has {} {}, the file has {}.", entry.snapshot_id, key,
                     said.dump(), found[key].dump());
    }
  }
}

}  // namespace lake::iceberg
