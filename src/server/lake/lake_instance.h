// What belongs to the DuckDB instances that are a lake: the object store and the cache of parsed Iceberg files.
// Found from any ClientContext; made by RegisterLake, gone with the last instance that shares it.
#pragma once

#include <memory>
#include <string>

#include "duckdb/storage/object_cache.hpp"
#include "iceberg/manifest_source.h"
#include "iceberg/operation/prepared_commit.h"
#include "server/lake/change_cache.h"
#include "server/lake/lru_cache.h"
#include "storage/revoking_store.h"

namespace duckdb {
class ClientContext;
class DatabaseInstance;
}  // namespace duckdb

namespace lake::server {

/// A base may be about a branch: "branch <bytes of its name>:<name>" and a plain base.
struct Base {
  std::string plain;   // a metadata location, or the metadata document itself
  std::string branch;  // empty: main
};
Result<Base> ParseBase(const std::string& text);
/// What a base holds: the head of its branch, or the current snapshot where the table has no branch of that name; null
/// for a table without a snapshot. kInvalidInput for a tag.
Result<const iceberg::Snapshot*> HeadOf(const Base& base, const iceberg::TableMetadata& metadata);
/// The branch that rows written on the base go to: main, too, while the table has no snapshot from which there could be
/// a branch. kInvalidInput when it has no branch of the name.
Result<std::string> BranchToWrite(const Base& base, const iceberg::TableMetadata& metadata);

class LakeInstance : public duckdb::ObjectCacheEntry {
 public:
  using MetadataPtr = std::shared_ptr<const iceberg::TableMetadata>;

  explicit LakeInstance(std::shared_ptr<storage::RevokingStore> store)
      : store_(std::move(store)), cache_(kCacheBytes) {}

  /// The instance that RegisterLake attached; without it there is no lake function that could ask.
  static std::shared_ptr<LakeInstance> Of(duckdb::ClientContext& context);
  static std::shared_ptr<LakeInstance> Of(duckdb::DatabaseInstance& db);
  static void Attach(duckdb::DatabaseInstance& db, std::shared_ptr<storage::RevokingStore> store);

  /// The entry of another instance.
  static void Share(duckdb::DatabaseInstance& db, duckdb::DatabaseInstance& lake);

  storage::RevokingStore& store() { return *store_; }
  const std::shared_ptr<storage::RevokingStore>& shared_store() const { return store_; }
  LruCache& cache() { return cache_; }
  ChangeCache& changes() { return changes_; }

  /// The metadata at a location, from the cache or the store.
  Result<MetadataPtr> Metadata(const std::string& location, const storage::ReadOptions& options = {});
  /// What a commit has just written: the next commit and the next scan need not fetch it, nor parse its metadata.
  void Remember(iceberg::PreparedCommit commit);
  /// A manifest or manifest list, from what was just written or the store.
  Result<std::string> Read(const iceberg::Location& location, const storage::ReadOptions& options);
  /// The metadata that a base as docs/link.md has it is about, whatever its branch.
  Result<MetadataPtr> MetadataOfBase(const std::string& base, const storage::ReadOptions& options = {});

  /// The same for those who write rows: the base's branch exists.
  Result<MetadataPtr> MetadataToWrite(const std::string& base, const storage::ReadOptions& options = {});

  /// Whether a plain base is a document rather than a location.
  static bool IsInline(const std::string& base) { return !base.empty() && base.front() == '{'; }

  static std::string ObjectType() { return "pg_lake_instance"; }
  std::string GetObjectType() override { return ObjectType(); }
  /// None: the entry must never be evicted.
  duckdb::optional_idx GetEstimatedCacheMemory() const override { return {}; }

 private:
  static constexpr size_t kCacheBytes = size_t{256} << 20;

  std::shared_ptr<storage::RevokingStore> store_;
  LruCache cache_;
  ChangeCache changes_;
};

/// Manifests through the cache; several misses are read in parallel. What it once returned stays the same object for
/// its own life, so that a DataFile's address identifies a file.
class CachedManifests : public iceberg::ManifestSource {
 public:
  explicit CachedManifests(std::shared_ptr<LakeInstance> lake, storage::ReadOptions options = {})
      : lake_(std::move(lake)), options_(options) {}

  Result<ListPtr> List(const iceberg::Location& manifest_list) override;
  Result<ManifestPtr> Get(const iceberg::ManifestFile& manifest) override;
  Result<std::vector<ManifestPtr>> GetAll(const std::vector<iceberg::ManifestFile>& manifests) override;

 private:
  /// Null when it is neither seen nor cached.
  ManifestPtr Known(const std::string& location);
  ManifestPtr Remember(const std::string& location, ManifestPtr manifest);

  std::shared_ptr<LakeInstance> lake_;
  storage::ReadOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::string, ManifestPtr> seen_;
};

/// Reads that end when the connection's query is cancelled. The context must outlive them.
storage::ReadOptions Cancellable(duckdb::ClientContext& context);

}  // namespace lake::server
