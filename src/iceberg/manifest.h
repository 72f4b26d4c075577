// Manifests and manifest lists: the Avro files that say which data and delete files a snapshot holds.
//
// What is read is exactly what the file says. Sequence numbers, snapshot ids and first row ids that an entry inherits
// come from the manifest's entry in the manifest list, through the accessors that take a ManifestFile: so a parsed
// manifest depends on its location alone and can be cached under it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iceberg/metadata.h"

namespace lake::iceberg {

/// A map by field id, small and sorted. Missing means unknown, never zero.
template <typename T>
class FieldMap {
 public:
  using Entry = std::pair<FieldId, T>;

  void Set(FieldId id, T value) {
    auto at = std::lower_bound(entries_.begin(), entries_.end(), id, Before);
    if (at != entries_.end() && at->first == id) {
      at->second = std::move(value);
    } else {
      entries_.insert(at, Entry(id, std::move(value)));
    }
  }
  /// Puts an entry at the end, whatever its id; Sort() must follow (bulk loading).
  void Append(FieldId id, T value) { entries_.emplace_back(id, std::move(value)); }
  /// Restores the order after Append; of several entries for one id the first stays.
  void Sort() {
    if (std::is_sorted(entries_.begin(), entries_.end(), [](auto& a, auto& b) { return a.first <= b.first; })) return;
    std::stable_sort(entries_.begin(), entries_.end(), [](auto& a, auto& b) { return a.first < b.first; });
    entries_.erase(std::unique(entries_.begin(), entries_.end(), [](auto& a, auto& b) { return a.first == b.first; }),
                   entries_.end());
  }
  const T* Find(FieldId id) const {
    auto at = std::lower_bound(entries_.begin(), entries_.end(), id, Before);
    return at != entries_.end() && at->first == id ? &at->second : nullptr;
  }
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  bool operator==(const FieldMap&) const = default;

 private:
  static bool Before(const Entry& entry, FieldId id) { return entry.first < id; }
  std::vector<Entry> entries_;
};

enum class FileContent { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };
enum class FileFormat { kParquet, kAvro, kOrc, kPuffin };
enum class ManifestContent { kData = 0, kDeletes = 1 };

/// What no file has: an entry with more rows or bytes is not believed, so that sums over files do not overflow.
inline constexpr int64_t kMaxFileCount = int64_t{1} << 46;

const char* FileFormatName(FileFormat format);              // "parquet", "avro", "orc", "puffin"
Result<FileFormat> ParseFileFormat(std::string_view name);  // any letter case

/// A data or delete file ("data_file" in the specification).
struct DataFile {
  FileContent content = FileContent::kData;
  Location file_path;
  FileFormat file_format = FileFormat::kParquet;
  SpecId spec_id{0};  // the spec of `partition`; not in the Avro file itself
  PartitionTuple partition;
  int64_t record_count = 0;
  int64_t file_size_in_bytes = 0;
  FieldMap<int64_t> column_sizes;  // compressed bytes
  FieldMap<int64_t> value_counts;  // nulls and NaNs included
  FieldMap<int64_t> null_value_counts;
  FieldMap<int64_t> nan_value_counts;
  FieldMap<std::string> lower_bounds;  // Literal::ToBinary form; nulls and NaNs ignored
  FieldMap<std::string> upper_bounds;
  std::optional<std::string> key_metadata;
  std::vector<int64_t> split_offsets;  // ascending; empty: unknown
  std::vector<FieldId> equality_ids;   // equality deletes
  std::optional<SortOrderId> sort_order_id;
  std::optional<int64_t> first_row_id;           // v3
  std::optional<Location> referenced_data_file;  // position deletes of one file, deletion vectors
  std::optional<int64_t> content_offset;         // deletion vectors: the blob in the Puffin file
  std::optional<int64_t> content_size_in_bytes;

  bool is_deletion_vector() const {
    return content == FileContent::kPositionDeletes && file_format == FileFormat::kPuffin;
  }
  /// What of the object is this file's: a deletion vector shares it with others.
  int64_t content_bytes() const {
    return is_deletion_vector() ? content_size_in_bytes.value_or(0) : file_size_in_bytes;
  }
  bool operator==(const DataFile&) const = default;
};

/// How a partition field's values lie in one manifest.
struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;        // absent: unknown
  std::optional<std::string> lower_bound;  // Literal::ToBinary form; absent: no non-null values (or unknown)
  std::optional<std::string> upper_bound;

  bool operator==(const FieldSummary&) const = default;
};

/// One line of a manifest list.
struct ManifestFile {
  Location manifest_path;
  int64_t manifest_length = 0;
  SpecId partition_spec_id{0};
  ManifestContent content = ManifestContent::kData;
  SequenceNumber sequence_number{0};
  SequenceNumber min_sequence_number{0};  // lowest data sequence number of its live entries
  SnapshotId added_snapshot_id;
  std::optional<int32_t> added_files_count;  // absent (v1): unknown, maybe not zero (rule 41)
  std::optional<int32_t> existing_files_count;
  std::optional<int32_t> deleted_files_count;
  std::optional<int64_t> added_rows_count;
  std::optional<int64_t> existing_rows_count;
  std::optional<int64_t> deleted_rows_count;
  std::vector<FieldSummary> partitions;  // by spec field order; empty: unknown
  std::optional<std::string> key_metadata;
  std::optional<int64_t> first_row_id;  // v3

  bool may_have_live_files() const {
    return !added_files_count || !existing_files_count || *added_files_count > 0 || *existing_files_count > 0;
  }
  bool operator==(const ManifestFile&) const = default;
};

struct ManifestEntry {
  enum class Status { kExisting = 0, kAdded = 1, kDeleted = 2 };

  Status status = Status::kAdded;
  std::optional<SnapshotId> snapshot_id;               // absent: inherited
  std::optional<SequenceNumber> sequence_number;       // data sequence number; absent: inherited
  std::optional<SequenceNumber> file_sequence_number;  // absent: inherited
  DataFile file;

  bool is_live() const { return status != Status::kDeleted; }
  /// With inheritance from the manifest's line in the list.
  SnapshotId SnapshotIdIn(const ManifestFile& manifest) const {
    return snapshot_id.value_or(manifest.added_snapshot_id);
  }
  SequenceNumber SequenceNumberIn(const ManifestFile& manifest) const {
    return sequence_number.value_or(manifest.sequence_number);
  }
  SequenceNumber FileSequenceNumberIn(const ManifestFile& manifest) const {
    return file_sequence_number.value_or(manifest.sequence_number);
  }
};

/// A parsed manifest. Specs and schemas are those of its own header.
struct Manifest {
  int format_version = 2;
  ManifestContent content = ManifestContent::kData;
  Schema schema;
  PartitionSpec spec;
  std::vector<ManifestEntry> entries;

  /// A rough count of the bytes it holds in memory, for caches.
  size_t MemoryUsage() const;
};

/// Reads a manifest. `file` supplies location (for errors), spec id and content where the header has none.
/// kCorrupt names the file and what is wrong.
Result<Manifest> ReadManifest(std::string_view bytes, const ManifestFile& file);

/// Reads a manifest list. `name` is its location.
Result<std::vector<ManifestFile>> ReadManifestList(std::string_view bytes, std::string_view name);

struct ManifestWriteOptions {
  int format_version = 2;
  ManifestContent content = ManifestContent::kData;
  Schema schema;         // the table's current one
  PartitionSpec spec;    // of every file in it
  bool compress = true;  // deflate; otherwise no compression
};

struct WrittenManifest {
  ManifestFile file;  // complete but for sequence_number and added_snapshot_id, which are the snapshot's
  std::string bytes;
};

/// Writes a manifest of format version 2 or 3; kUnsupported for others. ADDED entries may leave sequence numbers absent
/// to inherit them; EXISTING and DELETED entries need both and a snapshot id (rule 39): kInternal otherwise.
/// min_sequence_number counts only explicit numbers; entries that inherit take the snapshot's, which is never lower.
/// `sequence_number` is the snapshot's.
Result<WrittenManifest> WriteManifest(const ManifestWriteOptions& options, const Location& location,
                                      SnapshotId snapshot_id, SequenceNumber sequence_number,
                                      const std::vector<ManifestEntry>& entries);

struct ManifestListHeader {
  int format_version = 2;
  SnapshotId snapshot_id;
  std::optional<SnapshotId> parent_snapshot_id;
  SequenceNumber sequence_number{0};
  int64_t first_row_id = 0;  // v3
  bool compress = true;
};

/// Writes a manifest list of format version 2 or 3; every count is needed: kInternal when one is absent (rule 41).
Result<std::string> WriteManifestList(const ManifestListHeader& header, const std::vector<ManifestFile>& manifests);

}  // namespace lake::iceberg
