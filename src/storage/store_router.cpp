#include "storage/store_router.h"

#include <utility>

#include "storage/location.h"

namespace lake::storage {

StoreRouter::StoreRouter(LocalPolicy local, std::shared_ptr<CredentialSource> credentials)
    : local_(std::move(local)), credentials_(std::move(credentials)) {}

StoreRouter::~StoreRouter() = default;

Result<ObjectStore*> StoreRouter::StoreFor(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(location));
  if (parsed.scheme == Scheme::kFile) return static_cast<ObjectStore*>(&local_);
  return Unsupported("unsupported URL \"{}\": storage of scheme \"{}\" is not supported yet", location,
                     location.substr(0, location.find(':')))
      .WithHint("Locations that start with s3://, s3a:// or file:/// are supported.");
}

Result<ObjectInfo> StoreRouter::Head(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->Head(location, options);
}

Result<std::string> StoreRouter::Get(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->Get(location, options);
}

Result<std::string> StoreRouter::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                          const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->GetRange(location, offset, length, options);
}

Result<ObjectInfo> StoreRouter::Put(const std::string& location, std::string_view bytes, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->Put(location, bytes, options);
}

Result<std::unique_ptr<ObjectWriter>> StoreRouter::OpenWriter(const std::string& location,
                                                              const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->OpenWriter(location, options);
}

Status StoreRouter::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                         const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(prefix));
  return store->List(prefix, visit, options);
}

Status StoreRouter::Remove(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->Remove(location);
}

Result<std::unique_ptr<ObjectReader>> StoreRouter::OpenReader(const std::string& location,
                                                              const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
  return store->OpenReader(location, options);
}

Status StoreRouter::RemoveMany(const std::vector<std::string>& locations) {
  std::vector<std::pair<ObjectStore*, std::vector<std::string>>> by_store;
  for (const std::string& location : locations) {
    LAKE_ASSIGN_OR_RETURN(ObjectStore * store, StoreFor(location));
    if (by_store.empty() || by_store.back().first != store) by_store.push_back({store, {}});
    by_store.back().second.push_back(location);
  }
  for (auto& [store, group] : by_store) LAKE_RETURN_IF_ERROR(store->RemoveMany(group));
  return {};
}

}  // namespace lake::storage
