#include "storage/memory_store.h"

#include <chrono>
#include <utility>

namespace lake::storage {
namespace {

Status CheckCancel(const CancelFlag* cancel, const std::string& location) {
  if (cancel != nullptr && cancel->load()) return Cancelled("access to \"{}\" was cancelled", location);
  return {};
}

Error Missing(const std::string& location) { return NotFound("object \"{}\" does not exist", location); }

class MemoryWriter : public ObjectWriter {
 public:
  MemoryWriter(MemoryStore& store, std::string location, WriteOptions options)
      : store_(store), location_(std::move(location)), options_(std::move(options)) {}

  Status Append(std::string_view bytes) override {
    if (ended_) return Internal("write to \"{}\" after its end", location_);
    LAKE_RETURN_IF_ERROR(CheckCancel(options_.cancel, location_));
    bytes_ += bytes;
    return {};
  }

  Result<ObjectInfo> Finish() override {
    if (ended_) return Internal("write to \"{}\" after its end", location_);
    ended_ = true;
    return store_.Put(location_, bytes_, options_);
  }

  void Abort() override { ended_ = true; }

 private:
  MemoryStore& store_;
  std::string location_;
  WriteOptions options_;
  std::string bytes_;
  bool ended_ = false;
};

}  // namespace

ObjectInfo MemoryStore::InfoOf(const std::string& location, const Object& object) {
  return {location, object.bytes.size(), object.modified_us, fmt::format("{}", object.version)};
}

Result<ObjectInfo> MemoryStore::Head(const std::string& location, const ReadOptions& options) {
  LAKE_RETURN_IF_ERROR(CheckCancel(options.cancel, location));
  std::lock_guard lock(mutex_);
  auto found = objects_.find(location);
  if (found == objects_.end()) return Missing(location);
  return InfoOf(location, found->second);
}

Result<std::string> MemoryStore::Get(const std::string& location, const ReadOptions& options) {
  return GetRange(location, 0, UINT64_MAX, options);
}

Result<std::string> MemoryStore::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                          const ReadOptions& options) {
  LAKE_RETURN_IF_ERROR(CheckCancel(options.cancel, location));
  std::lock_guard lock(mutex_);
  auto found = objects_.find(location);
  if (found == objects_.end()) return Missing(location);
  const std::string& bytes = found->second.bytes;
  return offset >= bytes.size() ? std::string() : bytes.substr(offset, length);
}

Result<ObjectInfo> MemoryStore::Put(const std::string& location, std::string_view bytes, const WriteOptions& options) {
  LAKE_RETURN_IF_ERROR(CheckCancel(options.cancel, location));
  auto now = std::chrono::system_clock::now().time_since_epoch();
  std::lock_guard lock(mutex_);
  if (options.if_absent && objects_.count(location) > 0) return AlreadyExists("object \"{}\" already exists", location);
  Object& object = objects_[location];
  object.bytes = bytes;
  object.modified_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  object.version = ++last_version_;
  return InfoOf(location, object);
}

Result<std::unique_ptr<ObjectWriter>> MemoryStore::OpenWriter(const std::string& location,
                                                              const WriteOptions& options) {
  return std::unique_ptr<ObjectWriter>(std::make_unique<MemoryWriter>(*this, location, options));
}

Status MemoryStore::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                         const ReadOptions& options) {
  std::vector<ObjectInfo> found;
  {
    std::lock_guard lock(mutex_);
    for (auto it = objects_.lower_bound(prefix); it != objects_.end(); ++it) {
      if (it->first.compare(0, prefix.size(), prefix) != 0) break;
      found.push_back(InfoOf(it->first, it->second));
    }
  }
  for (const ObjectInfo& info : found) {
    LAKE_RETURN_IF_ERROR(CheckCancel(options.cancel, prefix));
    if (!visit(info)) break;
  }
  return {};
}

Status MemoryStore::Remove(const std::string& location) {
  std::lock_guard lock(mutex_);
  objects_.erase(location);
  return {};
}

}  // namespace lake::storage
