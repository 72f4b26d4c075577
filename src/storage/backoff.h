// How often and how long to wait between attempts: exponential, half of it random, bounded in number and in time.
#pragma once

#include <chrono>
#include <random>

#include "storage/object_store.h"

namespace lake::storage {

struct RetryPolicy {
  int attempts = 6;
  std::chrono::milliseconds first_delay{200};
  std::chrono::milliseconds longest_delay{5000};
  std::chrono::milliseconds budget{20000};  // no attempt starts later than this after the first one
};

class Backoff {
 public:
  explicit Backoff(const RetryPolicy& policy);

  /// Waits before the next attempt, at least `at_least` (a server's Retry-After). False: no attempt is left, or one of
  /// the flags was set meanwhile.
  bool Wait(std::chrono::milliseconds at_least, const CancelFlag* cancel, const CancelFlag* abort);

 private:
  RetryPolicy policy_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::milliseconds next_delay_;
  int attempts_left_;
};

}  // namespace lake::storage
