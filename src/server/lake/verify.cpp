// See the header. From the metadata file inwards: what cannot be read there is a problem, and what depends on it is
// left out, so that one broken object makes one row.
#include "server/lake/verify.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "duckdb/main/client_context.hpp"
#include "iceberg/scan.h"
#include "server/lake/parallel.h"
#include "server/lake/verify_file.h"

namespace lake::server {

using iceberg::DataFile;
using iceberg::Location;

namespace {

constexpr size_t kStoreThreads = 8;

/// The manifests that were read already, for PlanScan.
class ReadManifests : public iceberg::ManifestSource {
 public:
  ReadManifests(ListPtr list, const std::vector<iceberg::ListedManifest>& manifests) : list_(std::move(list)) {
    for (const auto& listed : manifests) by_path_[listed.line.manifest_path] = listed.manifest;
  }
  Result<ListPtr> List(const Location&) override { return list_; }
  Result<ManifestPtr> Get(const iceberg::ManifestFile& manifest) override {
    return by_path_.at(manifest.manifest_path);
  }

 private:
  ListPtr list_;
  std::map<Location, ManifestPtr> by_path_;
};

class TableCheck {
 public:
  TableCheck(duckdb::ClientContext& context, std::string location)
      : context_(context), location_(std::move(location)), lake_(LakeInstance::Of(context)) {}

  Result<std::vector<iceberg::Problem>> Run() {
    LAKE_ASSIGN_OR_RETURN(auto bytes, Read(location_));
    if (!bytes) return problems_.found();
    auto metadata = iceberg::VerifyMetadata(*bytes, Location(location_), problems_);
    if (!metadata) return problems_.found();
    metadata_ = std::make_shared<const iceberg::TableMetadata>(*std::move(metadata));
    bool complete = true;
    for (const iceberg::Snapshot* snapshot : Heads()) {
      LAKE_ASSIGN_OR_RETURN(bool all_read, CheckSnapshot(*snapshot));
      complete = complete && all_read;
    }
    if (complete) LAKE_RETURN_IF_ERROR(CheckReferences());
    // What several heads have in common is wrong once.
    std::vector<iceberg::Problem> found;
    for (const iceberg::Problem& problem : problems_.found()) {
      if (std::find(found.begin(), found.end(), problem) == found.end()) found.push_back(problem);
    }
    return found;
  }

 private:
  /// The current snapshot, and those that branches and tags name.
  std::vector<const iceberg::Snapshot*> Heads() const {
    std::vector<const iceberg::Snapshot*> heads;
    auto add = [&](const iceberg::Snapshot* snapshot) {
      if (snapshot != nullptr && std::find(heads.begin(), heads.end(), snapshot) == heads.end()) {
        heads.push_back(snapshot);
      }
    };
    add(metadata_->current_snapshot());
    for (const auto& [name, ref] : metadata_->refs) add(metadata_->FindSnapshot(ref.snapshot_id));
    return heads;
  }

  /// The bytes of an object; nullopt, and a problem, when it cannot be read.
  Result<std::optional<std::string>> Read(const std::string& location) {
    auto bytes = lake_->store().Get(location, Cancellable(context_));
    if (bytes.ok()) return std::optional(*std::move(bytes));
    if (!IsAboutObject(bytes.error())) return std::move(bytes).error();
    problems_.Error(location, "It cannot be read: {}.", bytes.error().message());
    return std::optional<std::string>();
  }

  using Found = std::vector<Result<storage::ObjectInfo>>;

  /// What the store says about objects; all errors are about them.
  Result<Found> Find(const std::vector<Location>& locations) {
    Found found(locations.size(), storage::ObjectInfo());
    LAKE_RETURN_IF_ERROR(RunParallel(locations.size(), kStoreThreads, [&](size_t i) -> Status {
      found[i] = lake_->store().Head(locations[i].str(), Cancellable(context_));
      if (!found[i].ok() && !IsAboutObject(found[i].error())) return found[i].error();
      return {};
    }));
    return found;
  }

  static std::string WhyMissing(const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) return "it does not exist";
    return fmt::format("it cannot be read: {}", error.message());
  }

  /// Whether all manifests could be read.
  Result<bool> CheckSnapshot(const iceberg::Snapshot& snapshot) {
    LAKE_ASSIGN_OR_RETURN(auto list, ReadList(snapshot));
    if (!list) return false;
    std::vector<iceberg::ListedManifest> manifests;
    for (const iceberg::ManifestFile& line : *list) {
      LAKE_ASSIGN_OR_RETURN(auto manifest, ReadManifest(line, !snapshot.manifest_list.empty()));
      if (manifest) manifests.push_back({line, std::move(manifest)});
    }
    bool complete = manifests.size() == list->size();
    iceberg::VerifySnapshot(*metadata_, snapshot, manifests, complete, problems_);
    LAKE_RETURN_IF_ERROR(CheckFiles(manifests));
    if (complete) LAKE_RETURN_IF_ERROR(CheckLiveRows(snapshot, ReadManifests(list, manifests)));
    return complete;
  }

  Result<iceberg::ManifestSource::ListPtr> ReadList(const iceberg::Snapshot& snapshot) {
    iceberg::StoreManifestSource source(lake_->store(), Cancellable(context_));
    auto list = iceberg::ManifestsOf(snapshot, source);
    if (list.ok() || !IsAboutObject(list.error())) return list;
    problems_.Error(snapshot.manifest_list.str(), "The manifest list of snapshot {} cannot be read: {}.",
                    snapshot.snapshot_id, list.error().message());
    return iceberg::ManifestSource::ListPtr();
  }

  Result<iceberg::ManifestSource::ManifestPtr> ReadManifest(const iceberg::ManifestFile& line, bool is_listed) {
    const std::string& path = line.manifest_path.str();
    auto known = manifests_.find(line.manifest_path);
    if (known != manifests_.end()) return known->second;
    LAKE_ASSIGN_OR_RETURN(auto bytes, Read(path));
    if (!bytes) return iceberg::ManifestSource::ManifestPtr();
    if (is_listed && line.manifest_length != static_cast<int64_t>(bytes->size())) {
      problems_.Error(path, "It has {} bytes, the manifest list says {}.", bytes->size(), line.manifest_length);
    }
    auto manifest = iceberg::ReadManifest(*bytes, line);
    if (manifest.ok()) {
      auto read = std::make_shared<const iceberg::Manifest>(*std::move(manifest));
      return manifests_.emplace(line.manifest_path, std::move(read)).first->second;
    }
    problems_.Error(path, "It cannot be read: {}.", manifest.error().message());
    return iceberg::ManifestSource::ManifestPtr();
  }

  /// The live files of a snapshot, with all that is in them; each entry once.
  Status CheckFiles(const std::vector<iceberg::ListedManifest>& manifests) {
    std::vector<const DataFile*> files;
    std::vector<Location> locations;
    DataFiles data_files;
    for (const auto& listed : manifests) {
      for (const iceberg::ManifestEntry& entry : listed.manifest->entries) {
        if (!entry.is_live()) continue;
        if (entry.file.content == iceberg::FileContent::kData) data_files[entry.file.file_path.str()] = &entry.file;
        if (!checked_.insert(&entry.file).second) continue;
        files.push_back(&entry.file);
        locations.push_back(entry.file.file_path);
      }
    }
    LAKE_ASSIGN_OR_RETURN(Found found, Find(locations));
    for (size_t i = 0; i < files.size(); ++i) {
      if (context_.interrupted) return Cancelled("checking the table was cancelled");
      LAKE_RETURN_IF_ERROR(CheckFile(*files[i], found[i], data_files));
    }
    seen_.insert(locations.begin(), locations.end());
    return {};
  }

  Status CheckFile(const DataFile& file, const Result<storage::ObjectInfo>& found, const DataFiles& data_files) {
    const std::string& path = file.file_path.str();
    if (!found.ok()) {
      all_read_ = false;
      problems_.Error(path, "The snapshot needs it, but {}.", WhyMissing(found.error()));
      return {};
    }
    if (static_cast<int64_t>(found->size) != file.file_size_in_bytes) {
      all_read_ = false;
      problems_.Error(path, "It has {} bytes, its entry says {}.", found->size, file.file_size_in_bytes);
      return {};
    }
    if (file.content != iceberg::FileContent::kPositionDeletes) {
      size_t before = problems_.found().size();
      LAKE_RETURN_IF_ERROR(VerifyDataFile(context_, *metadata_, file, problems_));
      bool is_well = problems_.found().size() == before;
      if (file.content == iceberg::FileContent::kEqualityDeletes) all_read_ = all_read_ && is_well;
      if (file.content == iceberg::FileContent::kEqualityDeletes || !is_well) return {};
      return VerifyPartition(context_, metadata_, file, problems_);
    }
    LAKE_ASSIGN_OR_RETURN(deletes_[&file], VerifyPositionDeletes(context_, *lake_, file, data_files, problems_));
    return {};
  }

  /// pg-lake.live-records: rows that no delete hides.
  Status CheckLiveRows(const iceberg::Snapshot& snapshot, ReadManifests source) {
    auto stored = snapshot.summary.find(iceberg::kLiveRecordsKey);
    if (stored == snapshot.summary.end() || !all_read_) return {};
    auto plan = iceberg::PlanScan(*metadata_, &snapshot, {}, source);
    if (!plan.ok()) {
      problems_.Error(location_, "The files of snapshot {} make no sense: {}.", snapshot.snapshot_id,
                      plan.error().message());
      return {};
    }
    EqualityDeletes equality(lake_, metadata_);
    for (const iceberg::ScanTask& task : plan->tasks) equality.Note(task);
    int64_t live = 0;
    for (const iceberg::ScanTask& task : plan->tasks) {
      RowSet hidden;
      LAKE_ASSIGN_OR_RETURN(auto equal, VerifyEqualityDeletes(context_, equality, task, problems_));
      if (equal) hidden.Add(*equal);
      for (const iceberg::ScanDelete& applies : task.deletes) {
        const PositionDeletes& deletes = deletes_[applies.file];
        if (auto at = deletes.find(task.file->file_path.str()); at != deletes.end()) hidden.Add(at->second);
      }
      live += task.file->record_count - hidden.count();
    }
    const std::string& text = stored->second;
    if (text != fmt::format("{}", live)) {
      problems_.Error(fmt::format("snapshot {}", snapshot.snapshot_id),
                      "Its summary says {} {}, but {} rows are not deleted.", iceberg::kLiveRecordsKey, text, live);
    }
    return {};
  }

  /// All else that the metadata reaches: older metadata files, statistics, and the files of older snapshots.
  Status CheckReferences() {
    CachedManifests source(lake_, Cancellable(context_));
    auto files = iceberg::ReferencedFiles(*metadata_, source);
    if (!files.ok()) {
      if (!IsAboutObject(files.error())) return std::move(files).error();
      problems_.Error(location_, "Its older snapshots cannot be read: {}.", files.error().message());
      return {};
    }
    std::erase_if(*files, [&](const Location& file) { return seen_.contains(file); });
    std::set<Location> logged;
    for (const auto& entry : metadata_->metadata_log) logged.insert(entry.metadata_file);
    LAKE_ASSIGN_OR_RETURN(Found found, Find(*files));
    for (const iceberg::StatisticsFile& statistics : metadata_->statistics) {
      size_t at = std::find(files->begin(), files->end(), statistics.path) - files->begin();
      if (at == files->size() || !found[at].ok()) continue;
      LAKE_ASSIGN_OR_RETURN(auto bytes, Read(statistics.path.str()));
      if (bytes) iceberg::VerifyStatistics(statistics, *bytes, problems_);
    }
    for (size_t i = 0; i < files->size(); ++i) {
      const Location& file = (*files)[i];
      if (found[i].ok()) continue;
      if (logged.contains(file)) {
        problems_.Warning(file.str(), "The metadata log names it, but {}.", WhyMissing(found[i].error()));
      } else {
        problems_.Error(file.str(), "An older snapshot or a statistics entry needs it, but {}.",
                        WhyMissing(found[i].error()));
      }
    }
    return {};
  }

  duckdb::ClientContext& context_;
  std::string location_;
  std::shared_ptr<LakeInstance> lake_;
  LakeInstance::MetadataPtr metadata_;
  iceberg::Problems problems_;
  std::set<Location> seen_;
  std::map<Location, iceberg::ManifestSource::ManifestPtr> manifests_;  // that were read
  std::set<const DataFile*> checked_;                                   // entries of theirs
  std::unordered_map<const DataFile*, PositionDeletes> deletes_;
  bool all_read_ = true;
};

}  // namespace

Result<std::vector<iceberg::Problem>> VerifyTable(duckdb::ClientContext& context, const std::string& location) {
  return TableCheck(context, location).Run();
}

}  // namespace lake::server
