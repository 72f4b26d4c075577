// Object storage as the rest of the project sees it: immutable objects named by a location such as
// "s3://bucket/key" or "file:///dir/name", written whole or streamed, read whole or by range.
//
//   LAKE_ASSIGN_OR_RETURN(auto info, store.Put("s3://b/t/metadata/00000-x.metadata.json", bytes, {.if_absent = true}));
//   LAKE_ASSIGN_OR_RETURN(std::string head, store.GetRange(info.location, 0, 16));
//
// All calls block, may be made from any thread, and return only when the outcome is known and durable, or an Error:
// kNotFound, kAlreadyExists (if_absent), kPermissionDenied (keys, policy), kUnavailable (gave up after retries),
// kDiskFull, kCancelled, kUnknownOutcome (a conditional write whose answer was lost), kInvalidInput (bad location).
// No error text ever contains a credential or a signature.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lake::storage {

struct ObjectInfo {
  std::string location;     // as the caller named it, byte for byte
  uint64_t size = 0;        // bytes
  int64_t modified_us = 0;  // microseconds since 1970 UTC; 0 when the store does not say
  std::string etag;         // without quotes; empty when the store has none
};

/// Set by another thread to stop a call early; polled at least every 100 ms. May be shared by many calls.
using CancelFlag = std::atomic<bool>;

struct ReadOptions {
  const CancelFlag* cancel = nullptr;
};

struct WriteOptions {
  bool if_absent = false;         // fail with kAlreadyExists when the object exists (atomic)
  std::string content_type = {};  // empty: application/octet-stream
  const CancelFlag* cancel = nullptr;
  bool name_later = false;  // the caller calls SyncNames() before anything relies on the object
};

/// A streamed write. Nothing is visible under the location before Finish() succeeds; destroying the writer without
/// Finish(), or calling Abort(), removes all traces (a multipart upload is aborted, a partial file unlinked).
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Status Append(std::string_view bytes) = 0;
  /// Makes the object durable and visible. With name_later it may yet be gone after a power failure.
  virtual Result<ObjectInfo> Finish() = 0;
  virtual void Abort() = 0;
};

/// An object opened for many reads. Safe for concurrent ReadAt() from several threads.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;
  /// Reads up to `length` bytes at `offset` into `buffer`; returns how many, fewer only at the end of the object.
  virtual Result<uint64_t> ReadAt(uint64_t offset, char* buffer, uint64_t length, const ReadOptions& options = {}) = 0;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual Result<ObjectInfo> Head(const std::string& location, const ReadOptions& options = {}) = 0;
  virtual Result<std::string> Get(const std::string& location, const ReadOptions& options = {}) = 0;
  /// Bytes [offset, offset + length), fewer only at the end of the object.
  virtual Result<std::string> GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                       const ReadOptions& options = {}) = 0;
  virtual Result<ObjectInfo> Put(const std::string& location, std::string_view bytes,
                                 const WriteOptions& options = {}) = 0;
  virtual Result<std::unique_ptr<ObjectWriter>> OpenWriter(const std::string& location,
                                                           const WriteOptions& options = {}) = 0;
  /// All objects whose location starts with `prefix` (a plain string prefix, not a directory), in byte order.
  /// `visit` returns false to stop.
  virtual Status List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                      const ReadOptions& options = {}) = 0;
  /// Makes the objects durable that were finished with name_later in the directory of this location: once for many. Has
  /// nothing to do where Finish() does all.
  virtual Status SyncNames(const std::string& location);
  /// Removing what does not exist is success. On a local directory a removed file may be back after a power failure.
  virtual Status Remove(const std::string& location) = 0;

  /// Opens an object to read ranges of it without a copy in between; kNotFound now rather than at the first read.
  /// Stores that can hold something open (a descriptor) override it; the rest does Head() here and GetRange() later.
  /// The reader borrows the store, which must outlive it.
  virtual Result<std::unique_ptr<ObjectReader>> OpenReader(const std::string& location,
                                                           const ReadOptions& options = {});
  /// Removes all of them, in bulk where the store can; stops at the first error.
  virtual Status RemoveMany(const std::vector<std::string>& locations);
};

}  // namespace lake::storage
