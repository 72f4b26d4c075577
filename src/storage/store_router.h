// The one store the server uses: sends every call to the store of the location's scheme.
//
//   auto store = std::make_shared<StoreRouter>(LocalPolicy({"/srv/lake"}), credential_source);
//   store->Put("file:///srv/lake/t/data/x.parquet", bytes);   store->Get("s3://bucket/t/metadata/v1.metadata.json");
//
// Schemes that locations may have but that do not work yet are refused with kUnsupported, naming those that do.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/credentials.h"
#include "storage/local_store.h"
#include "storage/object_store.h"
#include "storage/s3_store.h"

namespace lake::storage {

class StoreRouter : public ObjectStore {
 public:
  /// `credentials` may be null: then buckets are accessed without a signature.
  StoreRouter(LocalPolicy local, std::shared_ptr<CredentialSource> credentials, S3Options s3_options = {});
  ~StoreRouter() override;

  Result<ObjectInfo> Head(const std::string& location, const ReadOptions& options = {}) override;
  Result<std::string> Get(const std::string& location, const ReadOptions& options = {}) override;
  Result<std::string> GetRange(const std::string& location, uint64_t offset, uint64_t length,
                               const ReadOptions& options = {}) override;
  Result<ObjectInfo> Put(const std::string& location, std::string_view bytes,
                         const WriteOptions& options = {}) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const std::string& location,
                                                   const WriteOptions& options = {}) override;
  Status List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
              const ReadOptions& options = {}) override;
  Status SyncNames(const std::string& location) override;
  Status Remove(const std::string& location) override;
  Result<std::unique_ptr<ObjectReader>> OpenReader(const std::string& location,
                                                   const ReadOptions& options = {}) override;
  Status RemoveMany(const std::vector<std::string>& locations) override;

  /// See S3Store; kUnsupported for what is not in S3.
  Result<std::string> BucketRegion(const std::string& location);

 private:
  /// Stays valid for the call that asked, whatever happens to the secrets meanwhile.
  Result<std::shared_ptr<ObjectStore>> StoreFor(const std::string& location);
  Result<std::shared_ptr<S3Store>> S3For(const std::string& location);

  std::shared_ptr<LocalStore> local_;
  std::shared_ptr<CredentialSource> credentials_;
  S3Options s3_options_;
  std::shared_ptr<HttpClient> http_;

  std::mutex mutex_;
  // One per distinct credentials, the last used at the end. Bounded: session tokens come and go.
  std::vector<std::pair<S3Credentials, std::shared_ptr<S3Store>>> s3_stores_;
};

}  // namespace lake::storage
