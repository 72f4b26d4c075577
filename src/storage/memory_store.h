// Objects in memory, for tests: exact semantics of the interface, any scheme, no limits.
#pragma once

#include <map>
#include <mutex>

#include "storage/object_store.h"

namespace lake::storage {

class MemoryStore : public ObjectStore {
 public:
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
  Status Remove(const std::string& location) override;

 private:
  struct Object {
    std::string bytes;
    int64_t modified_us = 0;
    uint64_t version = 0;
  };
  static ObjectInfo InfoOf(const std::string& location, const Object& object);

  std::mutex mutex_;
  std::map<std::string, Object> objects_;
  uint64_t last_version_ = 0;
};

}  // namespace lake::storage
