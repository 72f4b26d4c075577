#include "storage/revoking_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace lake::storage {

/// A streamed write: its object appears with Finish().
class RevocableWriter : public ObjectWriter {
 public:
  RevocableWriter(RevokingStore& store, std::unique_ptr<ObjectWriter> inner, std::string location)
      : store_(store), inner_(std::move(inner)), location_(std::move(location)) {}

  Status Append(std::string_view bytes) override { return inner_->Append(bytes); }
  Result<ObjectInfo> Finish() override {
    return store_.Write(location_, [this] { return inner_->Finish(); });
  }
  void Abort() override { inner_->Abort(); }

 private:
  RevokingStore& store_;
  std::unique_ptr<ObjectWriter> inner_;
  std::string location_;
};

Status RevokingStore::Revoke(const std::string& name, bool is_prefix, const ReadOptions& options) {
  std::unique_lock lock(mutex_);
  Name revoked{name, is_prefix};
  revoked_.push_back(revoked);
  if (revoked_.size() > kRemembered) revoked_.pop_front();
  auto is_underway = [&] {
    return std::any_of(underway_.begin(), underway_.end(),
                       [&](const std::string& location) { return revoked.Covers(location); });
  };
  while (is_underway()) {
    if (options.cancel != nullptr && options.cancel->load())
      return Cancelled("waiting for the end of a write of \"{}\" was cancelled", name);
    ended_.wait_for(lock, std::chrono::milliseconds(100));
  }
  return {};
}

Status RevokingStore::Begin(const std::string& location) {
  std::lock_guard lock(mutex_);
  if (std::any_of(revoked_.begin(), revoked_.end(), [&](const Name& name) { return name.Covers(location); }))
    return Cancelled("\"{}\" was given up: its transaction is over", location);
  underway_.insert(location);
  return {};
}

void RevokingStore::End(const std::string& location) {
  {
    std::lock_guard lock(mutex_);
    underway_.erase(underway_.find(location));
  }
  ended_.notify_all();
}

Result<ObjectInfo> RevokingStore::Write(const std::string& location, const std::function<Result<ObjectInfo>()>& call) {
  LAKE_RETURN_IF_ERROR(Begin(location));
  struct Ending {
    RevokingStore& store;
    const std::string& location;
    ~Ending() { store.End(location); }
  } ending{*this, location};
  return call();
}

Result<ObjectInfo> RevokingStore::Put(const std::string& location, std::string_view bytes,
                                      const WriteOptions& options) {
  return Write(location, [&] { return inner_->Put(location, bytes, options); });
}

Result<std::unique_ptr<ObjectWriter>> RevokingStore::OpenWriter(const std::string& location,
                                                                const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto writer, inner_->OpenWriter(location, options));
  return std::unique_ptr<ObjectWriter>(std::make_unique<RevocableWriter>(*this, std::move(writer), location));
}

Result<ObjectInfo> RevokingStore::Head(const std::string& location, const ReadOptions& options) {
  return inner_->Head(location, options);
}

Result<std::string> RevokingStore::Get(const std::string& location, const ReadOptions& options) {
  return inner_->Get(location, options);
}

Result<std::string> RevokingStore::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                            const ReadOptions& options) {
  return inner_->GetRange(location, offset, length, options);
}

Status RevokingStore::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                           const ReadOptions& options) {
  return inner_->List(prefix, visit, options);
}

Status RevokingStore::SyncNames(const std::string& location) { return inner_->SyncNames(location); }

Status RevokingStore::Remove(const std::string& location) { return inner_->Remove(location); }

Result<std::unique_ptr<ObjectReader>> RevokingStore::OpenReader(const std::string& location,
                                                                const ReadOptions& options) {
  return inner_->OpenReader(location, options);
}

Status RevokingStore::RemoveMany(const std::vector<std::string>& locations) { return inner_->RemoveMany(locations); }

}  // namespace lake::storage
