// Objects in local directories: file:///dir/name, below permitted roots only (local_policy.h).
//
// An object is a regular file. Directories come into being with the first object in them (mode 0700) and go with the
// last. Nothing half-written is ever seen (pending_file.h). Symbolic links are followed on the way to a location as
// long as they stay in the roots, but a link itself is never an object, so List() and Remove() do not leave the tree.
// Removal is not made durable: a power failure may bring a removed file back.
#pragma once

#include "storage/local_policy.h"
#include "storage/object_store.h"

namespace lake::storage {

class LocalStore : public ObjectStore {
 public:
  explicit LocalStore(LocalPolicy policy) : policy_(std::move(policy)) {}

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

 private:
  /// The permitted, resolved path of an object.
  Result<LocalPolicy::Resolved> ResolveObject(const std::string& location) const;

  LocalPolicy policy_;
};

}  // namespace lake::storage
