// A few blocking calls at the same time: storage latency and fsync overlap, and nothing else is promised.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"

namespace lake::server {

/// Runs task(0) ... task(count - 1) on up to `threads` threads, the caller's among them. All of them have returned when
/// it does. After a failure no further task is started; the first error is the answer.
inline Status RunParallel(size_t count, size_t threads, const std::function<Status(size_t)>& task) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;
  auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      Status status = task(i);
      if (status.ok()) continue;
      next = count;
      std::lock_guard lock(mutex);
      if (!error) error = std::move(status).error();
    }
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(count, threads); ++i) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // no more threads to be had: the ones there are do it
    }
  }
  work();
  for (std::thread& other : others) other.join();
  if (error) return std::move(*error);
  return {};
}

/// The same for tasks that throw, as DuckDB's code does: the first exception goes on in the caller's thread.
inline Status RunParallelThrowing(size_t count, size_t threads, const std::function<Status(size_t)>& task) {
  std::mutex mutex;
  std::exception_ptr thrown;
  Status status = RunParallel(count, threads, [&](size_t i) -> Status {
    try {
      return task(i);
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
      return Internal("a task has thrown");
    }
  });
  if (thrown) std::rethrow_exception(thrown);
  return status;
}

}  // namespace lake::server
