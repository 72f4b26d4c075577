#include "storage/parallel.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace lake::storage {

Status RunParallel(size_t count, size_t parallelism, const std::function<Status(size_t)>& task) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::optional<std::pair<size_t, Error>> first_error;
  auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      Status status = task(i);
      if (status.ok()) continue;
      next = count;
      std::lock_guard lock(mutex);
      if (!first_error || i < first_error->first) first_error = {i, std::move(status).error()};
    }
  };
  std::vector<std::thread> threads;
  try {
    // Threads are started anew: that costs some 20 microseconds, a storage call a thousand.
    for (size_t i = 1; i < std::min(count, parallelism); ++i) threads.emplace_back(work);
  } catch (const std::system_error&) {
    // No more threads to be had: fewer do the same work.
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (first_error) return std::move(first_error->second);
  return {};
}

Result<std::vector<std::string>> ReadParallel(ObjectStore& store, const std::vector<ByteRange>& ranges,
                                              size_t parallelism, const ReadOptions& options) {
  std::vector<std::string> bodies(ranges.size());
  LAKE_RETURN_IF_ERROR(RunParallel(ranges.size(), parallelism, [&](size_t i) -> Status {
    const ByteRange& range = ranges[i];
    bool whole = range.offset == 0 && range.length == UINT64_MAX;
    LAKE_ASSIGN_OR_RETURN(bodies[i], whole ? store.Get(range.location, options)
                                           : store.GetRange(range.location, range.offset, range.length, options));
    return {};
  }));
  return bodies;
}

Result<std::vector<ObjectInfo>> WriteParallel(ObjectStore& store, const std::vector<ObjectToWrite>& objects,
                                              size_t parallelism, const WriteOptions& options) {
  std::vector<ObjectInfo> infos(objects.size());
  LAKE_RETURN_IF_ERROR(RunParallel(objects.size(), parallelism, [&](size_t i) -> Status {
    LAKE_ASSIGN_OR_RETURN(infos[i], store.Put(objects[i].location, objects[i].bytes, options));
    return {};
  }));
  return infos;
}

}  // namespace lake::storage
