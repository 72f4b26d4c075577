// See the header.
#include "server/lake/external_commit.h"

#include <map>
#include <set>

#include "iceberg/location.h"
#include "iceberg/verify.h"
#include "server/lake/parallel.h"
#include "server/lake/verify_file.h"
#include "storage/location.h"

namespace lake::server {

namespace {

using iceberg::Location;

constexpr size_t kStoreThreads = 8;
constexpr const char* kStatsModeProperty = "write.metadata.metrics.default";

/// However they are spelled: Java's Hadoop file IO writes file:/dir for file:///dir, and s3a: is s3:.
bool IsBelow(const Location& path, const std::string& directory) {
  auto inner = storage::ParseLocation(path.str());
  auto outer = storage::ParseLocation(directory);
  if (!inner.ok() || !outer.ok() || inner->scheme != outer->scheme || inner->bucket != outer->bucket) return false;
  std::string prefix = outer->key.empty() ? "" : outer->key + "/";
  return inner->key.starts_with(prefix) && inner->key.size() > prefix.size() &&
         inner->key.find("/../") == std::string::npos;
}

std::string DirectoryOf(const iceberg::TableMetadata& metadata) {
  std::string directory = metadata.location.str();
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory;
}

std::optional<std::string> StatsMode(const iceberg::TableMetadata& metadata) {
  auto at = metadata.properties.find(kStatsModeProperty);
  return at == metadata.properties.end() ? std::nullopt : std::optional(at->second);
}

/// What table options say (src/extension/ddl/property_options.h) besides columns, layout and statistics.
iceberg::Properties OptionProperties(const iceberg::TableMetadata& metadata) {
  iceberg::Properties found;
  for (const auto& [name, value] : metadata.properties) {
    for (const char* prefix :
         {"write.data.path", "write.metadata.path", "write.object-storage.enabled", "write.parquet.bloom-filter-"}) {
      if (name.starts_with(prefix)) found.emplace(name, value);
    }
  }
  return found;
}

class Examination {
 public:
  Examination(duckdb::ClientContext& context, std::string location)
      : context_(context),
        lake_(LakeInstance::Of(context)),
        manifests_(lake_, Cancellable(context)),
        location_(std::move(location)) {}

  Result<ExternalCommit> Run(const std::optional<std::string>& base) {
    if (base) {
      LAKE_ASSIGN_OR_RETURN(commit_.base, lake_->Metadata(*base, Cancellable(context_)));
    }
    if (commit_.base) LAKE_RETURN_IF_ERROR(Refused(CheckPlace(*commit_.base)));  // before it is read
    LAKE_RETURN_IF_ERROR(ReadMetadata());
    const iceberg::TableMetadata& metadata = *commit_.metadata;
    directory_ = DirectoryOf(metadata);
    if (commit_.base) LAKE_RETURN_IF_ERROR(Refused(CheckBase(*commit_.base, metadata)));
    Bring(Location(location_));
    LAKE_ASSIGN_OR_RETURN(commit_.partition_by, PartitionBy(metadata));
    commit_.sort_by = iceberg::SortByText(metadata.default_sort_order(), metadata.current_schema());
    commit_.stats_mode = StatsMode(metadata);
    for (const iceberg::Snapshot& snapshot : metadata.snapshots) {
      if (!IsKnown(snapshot)) Bring(snapshot.manifest_list);
    }
    const iceberg::Snapshot* current = metadata.current_snapshot();
    if (current != nullptr && !IsKnown(*current)) LAKE_RETURN_IF_ERROR(CheckSnapshot(*current));
    LAKE_ASSIGN_OR_RETURN(commit_.totals, iceberg::TotalsOf(current, manifests_));
    return std::move(commit_);
  }

 private:
  Error Refuse(const std::string& why) const { return InvalidInput("cannot take metadata \"{}\": {}", location_, why); }

  Status Refused(Status status) const {
    if (status.ok()) return status;
    return std::move(status).error().WithContext(fmt::format("cannot take metadata \"{}\"", location_));
  }

  Status Refused(const iceberg::Problems& problems) const {
    for (const iceberg::Problem& problem : problems.found()) {
      if (problem.severity != iceberg::Problem::Severity::kError) continue;
      return Refuse("it contradicts itself").WithDetail(fmt::format("{}: {}", problem.object, problem.text));
    }
    return {};
  }

  Status ReadMetadata() {
    LAKE_RETURN_IF_ERROR(Refused(iceberg::CheckLocation(location_)));
    auto bytes = lake_->store().Get(location_, Cancellable(context_));
    if (!bytes.ok()) return Refused(bytes.error());
    auto metadata = iceberg::ParseMetadata(*bytes, location_);
    if (!metadata.ok()) return Refused(metadata.error());
    iceberg::Problems problems;
    iceberg::VerifyMetadata(*bytes, Location(location_), problems);
    LAKE_RETURN_IF_ERROR(Refused(problems));
    // Rule 9.
    LAKE_RETURN_IF_ERROR(Refused(iceberg::CheckSchema(metadata->current_schema(), metadata->format_version)));
    commit_.metadata = std::make_shared<const iceberg::TableMetadata>(*std::move(metadata));
    return {};
  }

  Status CheckPlace(const iceberg::TableMetadata& base) const {
    LAKE_RETURN_IF_ERROR(iceberg::CheckLocation(location_));
    std::string directory = DirectoryOf(base);
    if (IsBelow(Location(location_), directory) ||
        IsBelow(Location(location_), iceberg::MetadataDirectory(base).str())) {
      return {};
    }
    return InvalidInput("it does not lie below the table's location \"{}\"", directory);
  }

  /// What is different from the base, and whether it may be.
  Status CheckBase(const iceberg::TableMetadata& base, const iceberg::TableMetadata& metadata) {
    LAKE_RETURN_IF_ERROR(iceberg::CheckSuccession(base, metadata));
    LAKE_RETURN_IF_ERROR(iceberg::CheckWritable(metadata.format_version));
    commit_.rows = iceberg::RowChangeOf(base, metadata);
    commit_.administers = iceberg::Administers(base, metadata);
    commit_.alters = base.format_version != metadata.format_version ||
                     base.default_spec().fields != metadata.default_spec().fields ||
                     base.default_sort_order().fields != metadata.default_sort_order().fields ||
                     StatsMode(base) != StatsMode(metadata) || OptionProperties(base) != OptionProperties(metadata) ||
                     !iceberg::ColumnChanges(base.current_schema(), metadata.current_schema()).empty();
    return {};
  }

  Result<std::optional<std::string>> PartitionBy(const iceberg::TableMetadata& metadata) const {
    auto text = iceberg::PartitionByText(metadata.default_spec(), metadata.current_schema());
    if (!text.ok()) return Refused(text.error()).error();
    return text;
  }

  bool IsKnown(const iceberg::Snapshot& snapshot) const {
    return commit_.base && commit_.base->FindSnapshot(snapshot.snapshot_id) != nullptr;
  }

  void Bring(const Location& file) {
    if (!commit_.outside && !IsBelow(file, directory_)) commit_.outside = file.str();
  }

  /// The manifests of the base's current snapshot: what they list is not new.
  Result<std::set<Location>> KnownManifests() {
    std::set<Location> known;
    const iceberg::Snapshot* before = commit_.base ? commit_.base->current_snapshot() : nullptr;
    if (before == nullptr) return known;
    LAKE_ASSIGN_OR_RETURN(auto list, iceberg::ManifestsOf(*before, manifests_));
    for (const iceberg::ManifestFile& line : *list) known.insert(line.manifest_path);
    return known;
  }

  Status CheckSnapshot(const iceberg::Snapshot& snapshot) {
    auto list = iceberg::ManifestsOf(snapshot, manifests_);
    if (!list.ok()) return Refused(list.error());
    LAKE_ASSIGN_OR_RETURN(std::set<Location> known, KnownManifests());
    std::vector<iceberg::ManifestFile> lines;
    for (const iceberg::ManifestFile& line : **list) {
      Bring(line.manifest_path);
      if (!known.contains(line.manifest_path)) lines.push_back(line);
    }
    auto read = manifests_.GetAll(lines);
    if (!read.ok()) return Refused(read.error());
    std::vector<iceberg::ListedManifest> listed;
    for (size_t i = 0; i < lines.size(); ++i) listed.push_back({lines[i], (*read)[i]});
    iceberg::Problems problems;
    iceberg::VerifySnapshot(*commit_.metadata, snapshot, listed, known.empty(), problems);
    LAKE_RETURN_IF_ERROR(Refused(problems));
    if (commit_.rows == iceberg::RowChange::kAppend) LAKE_RETURN_IF_ERROR(CheckAppend(**list, listed));
    return CheckFiles(snapshot, listed);
  }

  /// Snapshots that call themselves appends, and are none: some file of the base is not live any more, or has fewer
  /// rows, or there are new deletes. `listed` are the manifests that the base does not have.
  Status CheckAppend(const std::vector<iceberg::ManifestFile>& list,
                     const std::vector<iceberg::ListedManifest>& listed) {
    std::map<Location, int64_t> moved;  // of manifests that are gone: their files must be in others
    if (const iceberg::Snapshot* before = commit_.base->current_snapshot()) {
      std::set<Location> kept;
      for (const iceberg::ManifestFile& line : list) kept.insert(line.manifest_path);
      LAKE_ASSIGN_OR_RETURN(auto lines, iceberg::ManifestsOf(*before, manifests_));
      for (const iceberg::ManifestFile& line : *lines) {
        if (kept.contains(line.manifest_path)) continue;
        LAKE_ASSIGN_OR_RETURN(auto manifest, manifests_.Get(line));
        for (const iceberg::ManifestEntry& entry : manifest->entries) {
          if (entry.is_live()) moved[entry.file.file_path] = entry.file.record_count;
        }
      }
    }
    bool is_append = true;
    for (const iceberg::ListedManifest& manifest : listed) {
      for (const iceberg::ManifestEntry& entry : manifest.manifest->entries) {
        if (!entry.is_live()) continue;
        auto was = moved.find(entry.file.file_path);
        if (was != moved.end()) {
          is_append &= was->second == entry.file.record_count;
          moved.erase(was);
        } else {
          is_append &= entry.file.content == iceberg::FileContent::kData;
        }
      }
    }
    if (!is_append || !moved.empty()) commit_.rows = iceberg::RowChange::kOther;
    return {};
  }

  /// Files that the base did not have are there, and as long as the manifests say.
  Status CheckFiles(const iceberg::Snapshot& snapshot, const std::vector<iceberg::ListedManifest>& listed) {
    std::vector<const iceberg::DataFile*> files;
    for (const iceberg::ListedManifest& manifest : listed) {
      for (const iceberg::ManifestEntry& entry : manifest.manifest->entries) {
        if (!entry.is_live()) continue;
        if (commit_.base && commit_.base->FindSnapshot(entry.SnapshotIdIn(manifest.line)) != nullptr) continue;
        Bring(entry.file.file_path);
        files.push_back(&entry.file);
      }
    }
    if (!commit_.base) return {};
    return RunParallel(files.size(), kStoreThreads, [&](size_t i) -> Status {
      auto found = lake_->store().Head(files[i]->file_path.str(), Cancellable(context_));
      if (!found.ok()) return Refused(found.error());
      if (static_cast<int64_t>(found->size) == files[i]->file_size_in_bytes) return {};
      return Refuse(fmt::format("file \"{}\" has {} bytes, but {} in snapshot {}", files[i]->file_path.str(),
                                found->size, files[i]->file_size_in_bytes, snapshot.snapshot_id));
    });
  }

  duckdb::ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  CachedManifests manifests_;
  std::string location_;
  std::string directory_;  // of the table
  ExternalCommit commit_;
};

}  // namespace

Result<ExternalCommit> ExamineCommit(duckdb::ClientContext& context, const std::string& text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_examine"));
  JsonObject object(json, "argument of lake_examine");
  LAKE_ASSIGN_OR_RETURN(std::optional<std::string> base, object.OptionalString("base"));
  LAKE_ASSIGN_OR_RETURN(std::string location, object.String("metadata_location"));
  return Examination(context, std::move(location)).Run(base);
}

}  // namespace lake::server
