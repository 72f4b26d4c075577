// What every store gets for free: a reader over Head() and GetRange(), removal one by one, names that are durable.
#include "storage/object_store.h"

#include <algorithm>
#include <utility>

namespace lake::storage {
namespace {

class RangeReader : public ObjectReader {
 public:
  RangeReader(ObjectStore& store, ObjectInfo info) : store_(store), info_(std::move(info)) {}

  const ObjectInfo& info() const override { return info_; }

  Result<uint64_t> ReadAt(uint64_t offset, char* buffer, uint64_t length, const ReadOptions& options) override {
    if (offset >= info_.size || length == 0) return uint64_t{0};
    length = std::min(length, info_.size - offset);
    LAKE_ASSIGN_OR_RETURN(std::string bytes, store_.GetRange(info_.location, offset, length, options));
    length = std::min<uint64_t>(length, bytes.size());
    std::copy_n(bytes.data(), length, buffer);
    return length;
  }

 private:
  ObjectStore& store_;
  ObjectInfo info_;
};

}  // namespace

Result<std::unique_ptr<ObjectReader>> ObjectStore::OpenReader(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(ObjectInfo info, Head(location, options));
  return std::unique_ptr<ObjectReader>(std::make_unique<RangeReader>(*this, std::move(info)));
}

Status ObjectStore::SyncNames(const std::string&) { return {}; }

Status ObjectStore::RemoveMany(const std::vector<std::string>& locations) {
  for (const std::string& location : locations) LAKE_RETURN_IF_ERROR(Remove(location));
  return {};
}

}  // namespace lake::storage
