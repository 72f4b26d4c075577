#include "storage/store_router.h"

#include <algorithm>
#include <utility>

#include "storage/location.h"

namespace lake::storage {
namespace {

constexpr size_t kMaxS3Stores = 64;

}  // namespace

StoreRouter::StoreRouter(LocalPolicy local, std::shared_ptr<CredentialSource> credentials, S3Options s3_options)
    : local_(std::make_shared<LocalStore>(std::move(local))),
      credentials_(std::move(credentials)),
      s3_options_(s3_options),
      http_(std::make_shared<HttpClient>()) {}

StoreRouter::~StoreRouter() = default;

Result<std::shared_ptr<S3Store>> StoreRouter::S3For(const std::string& location) {
  S3Credentials wanted;
  if (credentials_) {
    LAKE_ASSIGN_OR_RETURN(auto found, credentials_->Find(location));
    if (found) wanted = std::move(*found);
  }
  wanted.scope.clear();  // two secrets that differ in their scope alone share connections
  std::lock_guard lock(mutex_);
  auto known = std::find_if(s3_stores_.begin(), s3_stores_.end(), [&](const auto& one) { return one.first == wanted; });
  if (known == s3_stores_.end()) {
    if (s3_stores_.size() >= kMaxS3Stores) s3_stores_.erase(s3_stores_.begin());
    s3_stores_.emplace_back(wanted, std::make_shared<S3Store>(http_, wanted, s3_options_));
  } else {
    std::rotate(known, known + 1, s3_stores_.end());
  }
  return s3_stores_.back().second;
}

Result<std::shared_ptr<ObjectStore>> StoreRouter::StoreFor(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(location));
  if (parsed.scheme == Scheme::kFile) return std::shared_ptr<ObjectStore>(local_);
  if (parsed.scheme == Scheme::kS3) {
    LAKE_ASSIGN_OR_RETURN(auto store, S3For(location));
    return std::shared_ptr<ObjectStore>(std::move(store));
  }
  return Unsupported("unsupported URL \"{}\": storage of scheme \"{}\" is not supported yet", location,
                     location.substr(0, location.find(':')))
      .WithHint("Locations that start with s3://, s3a:// or file:/// are supported.");
}

Result<ObjectInfo> StoreRouter::Head(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->Head(location, options);
}

Result<std::string> StoreRouter::Get(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->Get(location, options);
}

Result<std::string> StoreRouter::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                          const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->GetRange(location, offset, length, options);
}

Result<ObjectInfo> StoreRouter::Put(const std::string& location, std::string_view bytes, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->Put(location, bytes, options);
}

Result<std::unique_ptr<ObjectWriter>> StoreRouter::OpenWriter(const std::string& location,
                                                              const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->OpenWriter(location, options);
}

Status StoreRouter::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                         const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(prefix));
  return store->List(prefix, visit, options);
}

Status StoreRouter::SyncNames(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->SyncNames(location);
}

Status StoreRouter::Remove(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->Remove(location);
}

Result<std::unique_ptr<ObjectReader>> StoreRouter::OpenReader(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
  return store->OpenReader(location, options);
}

Status StoreRouter::RemoveMany(const std::vector<std::string>& locations) {
  std::vector<std::pair<std::shared_ptr<ObjectStore>, std::vector<std::string>>> by_store;
  for (const std::string& location : locations) {
    LAKE_ASSIGN_OR_RETURN(auto store, StoreFor(location));
    if (by_store.empty() || by_store.back().first != store) by_store.push_back({store, {}});
    by_store.back().second.push_back(location);
  }
  for (auto& [store, group] : by_store) LAKE_RETURN_IF_ERROR(store->RemoveMany(group));
  return {};
}

Result<std::string> StoreRouter::BucketRegion(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(location));
  if (parsed.scheme != Scheme::kS3) return Unsupported("location \"{}\" is not in S3", location);
  LAKE_ASSIGN_OR_RETURN(auto store, S3For(location));
  return store->BucketRegion(location);
}

}  // namespace lake::storage
