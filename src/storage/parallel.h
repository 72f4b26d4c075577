// Independent storage calls side by side: the round trips of a commit or a scan cost as much as the slowest of them.
//
//   LAKE_RETURN_IF_ERROR(RunParallel(files.size(), 8, [&](size_t i) { return Write(files[i]); }));
//   LAKE_ASSIGN_OR_RETURN(auto bodies, ReadParallel(store, {{location_a}, {location_b, 4, 1000}}, 8));
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace lake::storage {

/// Calls task(0) ... task(count - 1), at most `parallelism` at a time, one of them always in the caller's thread.
/// Returns when all have ended. After an error no further task starts; the error of the lowest index is returned.
Status RunParallel(size_t count, size_t parallelism, const std::function<Status(size_t)>& task);

struct ByteRange {
  std::string location;
  uint64_t offset = 0;
  uint64_t length = UINT64_MAX;  // to the end
};

/// Reads all ranges; the results are in the order of `ranges`.
Result<std::vector<std::string>> ReadParallel(ObjectStore& store, const std::vector<ByteRange>& ranges,
                                              size_t parallelism, const ReadOptions& options = {});

struct ObjectToWrite {
  std::string location;
  std::string_view bytes;
};

/// Puts all objects, durable on success; after an error some may exist. The results are in the order of `objects`.
Result<std::vector<ObjectInfo>> WriteParallel(ObjectStore& store, const std::vector<ObjectToWrite>& objects,
                                              size_t parallelism, const WriteOptions& options = {});

}  // namespace lake::storage
