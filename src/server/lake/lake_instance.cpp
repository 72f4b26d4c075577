// See the header. Weights in the cache are estimates of parsed size: a few times the bytes of the file.
#include "server/lake/lake_instance.h"

#include <charconv>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database.hpp"
#include "iceberg/metadata.h"
#include "server/lake/parallel.h"

namespace lake::server {

namespace {

constexpr const char* kCacheKey = "pg_lake";
constexpr std::string_view kBranchPrefix = "branch ";
constexpr size_t kParsedPerByte = 4;
constexpr size_t kReadThreads = 8;

}  // namespace

std::shared_ptr<LakeInstance> LakeInstance::Of(duckdb::DatabaseInstance& db) {
  // DuckDB's shared_ptr is a type of its own; the instance's std one lives in the deleter of what is handed out here.
  auto entry = db.GetObjectCache().Get<LakeInstance>(kCacheKey);
  if (!entry) return nullptr;
  LakeInstance* instance = entry.get();
  return std::shared_ptr<LakeInstance>(instance, [entry](LakeInstance*) {});
}

void LakeInstance::Attach(duckdb::DatabaseInstance& db, std::shared_ptr<storage::RevokingStore> store) {
  db.GetObjectCache().Put(kCacheKey, duckdb::make_shared_ptr<LakeInstance>(std::move(store)));
}

void LakeInstance::Share(duckdb::DatabaseInstance& db, duckdb::DatabaseInstance& lake) {
  db.GetObjectCache().Put(kCacheKey, lake.GetObjectCache().GetObject(kCacheKey));
}

std::shared_ptr<LakeInstance> LakeInstance::Of(duckdb::ClientContext& context) { return Of(*context.db); }

storage::ReadOptions Cancellable(duckdb::ClientContext& context) { return {.cancel = &context.interrupted}; }

Result<LakeInstance::MetadataPtr> LakeInstance::Metadata(const std::string& location,
                                                         const storage::ReadOptions& options) {
  std::string name = "metadata " + location;
  if (auto known = cache_.Get<iceberg::TableMetadata>(name)) return known;
  LAKE_ASSIGN_OR_RETURN(std::string bytes, store_->Get(location, options));
  LAKE_ASSIGN_OR_RETURN(iceberg::TableMetadata metadata, iceberg::ParseMetadata(bytes, location));
  auto shared = std::make_shared<const iceberg::TableMetadata>(std::move(metadata));
  cache_.Put<iceberg::TableMetadata>(name, shared, bytes.size() * kParsedPerByte);
  return shared;
}

void LakeInstance::Remember(iceberg::PreparedCommit commit) {
  iceberg::NewFile metadata = std::move(commit.files.back());
  commit.files.pop_back();
  cache_.Put<iceberg::TableMetadata>("metadata " + metadata.location.str(),
                                     std::make_shared<const iceberg::TableMetadata>(std::move(commit.metadata)),
                                     metadata.bytes.size() * kParsedPerByte);
  for (iceberg::NewFile& file : commit.files) {
    size_t size = file.bytes.size();
    cache_.Put<std::string>("bytes " + file.location.str(), std::make_shared<const std::string>(std::move(file.bytes)),
                            size);
  }
}

Result<std::string> LakeInstance::Read(const iceberg::Location& location, const storage::ReadOptions& options) {
  if (auto known = cache_.Get<std::string>("bytes " + location.str())) return *known;
  return store_->Get(location.str(), options);
}

Result<Base> ParseBase(const std::string& text) {
  if (!text.starts_with(kBranchPrefix)) return Base{text, ""};
  std::string_view rest = std::string_view(text).substr(kBranchPrefix.size());
  size_t length = 0;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
  size_t digits = static_cast<size_t>(end - rest.data());
  if (error != std::errc() || digits == rest.size() || *end != ':' || rest.size() - digits - 1 < length) {
    return InvalidInput("malformed base \"{}\"", text);
  }
  std::string branch(rest.substr(digits + 1, length));
  return Base{std::string(rest.substr(digits + 1 + length)), branch == iceberg::kMainBranch ? "" : branch};
}

Result<const iceberg::Snapshot*> HeadOf(const Base& base, const iceberg::TableMetadata& metadata) {
  auto at = metadata.refs.find(base.branch);
  if (base.branch.empty() || at == metadata.refs.end()) return metadata.current_snapshot();
  LAKE_ASSIGN_OR_RETURN(std::string branch, BranchToWrite(base, metadata));
  return metadata.FindRef(branch);
}

Result<std::string> BranchToWrite(const Base& base, const iceberg::TableMetadata& metadata) {
  if (base.branch.empty() || metadata.snapshots.empty()) return std::string(iceberg::kMainBranch);
  auto at = metadata.refs.find(base.branch);
  if (at == metadata.refs.end()) {
    return InvalidInput("branch \"{}\" does not exist in the table at \"{}\"", base.branch, metadata.location.str());
  }
  if (at->second.kind != iceberg::SnapshotRef::Kind::kBranch) {
    return InvalidInput("\"{}\" is a tag of the table at \"{}\", not a branch", base.branch, metadata.location.str());
  }
  return base.branch;
}

Result<LakeInstance::MetadataPtr> LakeInstance::MetadataOfBase(const std::string& text,
                                                               const storage::ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Base parsed, ParseBase(text));
  const std::string& base = parsed.plain;
  if (!IsInline(base)) return Metadata(base, options);
  LAKE_ASSIGN_OR_RETURN(iceberg::TableMetadata metadata, iceberg::ParseMetadata(base, "inline metadata"));
  return std::make_shared<const iceberg::TableMetadata>(std::move(metadata));
}

Result<LakeInstance::MetadataPtr> LakeInstance::MetadataToWrite(const std::string& text,
                                                                const storage::ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Base base, ParseBase(text));
  LAKE_ASSIGN_OR_RETURN(MetadataPtr metadata, MetadataOfBase(base.plain, options));
  auto branch = BranchToWrite(base, *metadata);
  if (!branch.ok()) return std::move(branch).error();
  return metadata;
}

Result<iceberg::ManifestSource::ListPtr> CachedManifests::List(const iceberg::Location& manifest_list) {
  std::string name = "list " + manifest_list.str();
  if (auto known = lake_->cache().Get<std::vector<iceberg::ManifestFile>>(name)) return known;
  LAKE_ASSIGN_OR_RETURN(std::string bytes, lake_->Read(manifest_list, options_));
  LAKE_ASSIGN_OR_RETURN(auto list, iceberg::ReadManifestList(bytes, manifest_list.str()));
  auto shared = std::make_shared<const std::vector<iceberg::ManifestFile>>(std::move(list));
  size_t weight = bytes.size() + shared->size() * sizeof(iceberg::ManifestFile) * 2;
  lake_->cache().Put<std::vector<iceberg::ManifestFile>>(name, shared, weight);
  return shared;
}

iceberg::ManifestSource::ManifestPtr CachedManifests::Remember(const std::string& location, ManifestPtr manifest) {
  std::lock_guard lock(mutex_);
  return seen_.emplace(location, std::move(manifest)).first->second;
}

iceberg::ManifestSource::ManifestPtr CachedManifests::Known(const std::string& location) {
  {
    std::lock_guard lock(mutex_);
    if (auto at = seen_.find(location); at != seen_.end()) return at->second;
  }
  auto cached = lake_->cache().Get<iceberg::Manifest>("manifest " + location);
  return cached ? Remember(location, std::move(cached)) : nullptr;
}

Result<iceberg::ManifestSource::ManifestPtr> CachedManifests::Get(const iceberg::ManifestFile& manifest) {
  const std::string& location = manifest.manifest_path.str();
  if (ManifestPtr known = Known(location)) return known;
  LAKE_ASSIGN_OR_RETURN(std::string bytes, lake_->Read(manifest.manifest_path, options_));
  LAKE_ASSIGN_OR_RETURN(iceberg::Manifest read, iceberg::ReadManifest(bytes, manifest));
  auto parsed = std::make_shared<const iceberg::Manifest>(std::move(read));
  lake_->cache().Put<iceberg::Manifest>("manifest " + location, parsed, parsed->MemoryUsage());
  return Remember(location, std::move(parsed));
}

Result<std::vector<iceberg::ManifestSource::ManifestPtr>> CachedManifests::GetAll(
    const std::vector<iceberg::ManifestFile>& manifests) {
  std::vector<ManifestPtr> result(manifests.size());
  std::vector<size_t> missing;
  for (size_t i = 0; i < manifests.size(); ++i) {
    result[i] = Known(manifests[i].manifest_path.str());
    if (!result[i]) missing.push_back(i);
  }
  LAKE_RETURN_IF_ERROR(RunParallel(missing.size(), kReadThreads, [&](size_t i) -> Status {
    LAKE_ASSIGN_OR_RETURN(result[missing[i]], Get(manifests[missing[i]]));
    return {};
  }));
  return result;
}

}  // namespace lake::server
