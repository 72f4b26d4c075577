#include "storage/backoff.h"

#include <algorithm>
#include <thread>

namespace lake::storage {
namespace {

constexpr std::chrono::milliseconds kPoll{50};

bool IsSet(const CancelFlag* flag) { return flag != nullptr && flag->load(std::memory_order_relaxed); }

}  // namespace

Backoff::Backoff(const RetryPolicy& policy)
    : policy_(policy),
      start_(std::chrono::steady_clock::now()),
      next_delay_(policy.first_delay),
      attempts_left_(policy.attempts - 1) {}

bool Backoff::Wait(std::chrono::milliseconds at_least, const CancelFlag* cancel, const CancelFlag* abort) {
  if (attempts_left_-- <= 0) return false;
  thread_local std::minstd_rand random{std::random_device{}()};
  auto half = next_delay_.count() / 2;
  std::chrono::milliseconds delay(half + std::uniform_int_distribution<int64_t>(0, half)(random));
  delay = std::max(delay, at_least);
  next_delay_ = std::min(next_delay_ * 2, policy_.longest_delay);
  auto wake = std::chrono::steady_clock::now() + delay;
  if (wake > start_ + policy_.budget) return false;
  while (true) {
    if (IsSet(cancel) || IsSet(abort)) return false;
    auto now = std::chrono::steady_clock::now();
    if (now >= wake) return true;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(kPoll, wake - now));
  }
}

}  // namespace lake::storage
