// A store that can be told to write certain names never again: the cleaner removes what a dead transaction left, and
// what the server was still about to write for it must not come afterwards, when no ledger names it any more.
//
//   LAKE_RETURN_IF_ERROR(store.Revoke("s3://b/t/data/ab/<uuid>", true));   // nothing of this prefix appears from here
//   on
//
// Only for names that are never used again (ledger rows hold UUIDs). The youngest kRemembered of them are remembered:
// who still writes does so within minutes.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>

#include "storage/object_store.h"

namespace lake::storage {

class RevokingStore : public ObjectStore {
 public:
  static constexpr size_t kRemembered = 10000;

  explicit RevokingStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

  /// Writes of these names that have not begun fail with kCancelled from now on; waits for those that are under way.
  Status Revoke(const std::string& name, bool is_prefix, const ReadOptions& options = {});

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

 private:
  friend class RevocableWriter;

  struct Name {
    std::string text;
    bool is_prefix = false;

    bool Covers(const std::string& location) const { return is_prefix ? location.starts_with(text) : location == text; }
  };

  /// Runs the call that makes the object appear, unless its name is revoked.
  Result<ObjectInfo> Write(const std::string& location, const std::function<Result<ObjectInfo>()>& call);

  Status Begin(const std::string& location);
  void End(const std::string& location);

  std::shared_ptr<ObjectStore> inner_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::deque<Name> revoked_;             // youngest last
  std::multiset<std::string> underway_;  // locations
};

}  // namespace lake::storage
