// Turns for statements that keep much in memory: so many at a time as the memory limit is good for, the others wait. A
// statement that runs out of memory beside others, before its first row, is repeated when it is alone.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "server/listener/session_registry.h"

namespace duckdb {
class DatabaseInstance;
class PhysicalOperator;
}  // namespace duckdb

namespace lake::server {

/// First come, first served; one for the server.
class Admission {
 public:
  /// db must outlive it.
  explicit Admission(duckdb::DatabaseInstance& db) : db_(db) {}

  enum class Kind : uint8_t {
    kShared,  // with others: memory_limit / (threads * 128 MB) of them, at least one
    kAlone,   // without any other turn
  };

 private:
  friend class Turn;
  struct Ticket {
    uint64_t number;
    Kind kind;
  };

  void Wait(SessionControl& control, Kind kind, std::chrono::milliseconds pause);
  void Release();
  bool MayRun(const Ticket& ticket) const;
  size_t Slots() const;
  bool Reserve(uint64_t bytes);
  void FreeReserved(uint64_t bytes);

  duckdb::DatabaseInstance& db_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ticket> queue_;
  uint64_t next_ticket_ = 0;
  size_t running_ = 0;
  bool alone_ = false;            // the one that is running asked to be alone
  std::atomic<int> started_ = 0;  // statements that have memory, with and without a turn
};

/// A session's turn. Used by the session's own thread.
class Turn {
 public:
  Turn(Admission& admission, SessionControl& control) : admission_(admission), control_(control) {}
  ~Turn() { Release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  /// The session has a memory limit of its own: while it has a turn, so many bytes are set aside for it in the memory
  /// of the server.
  void SetLimit(uint64_t bytes) { limit_ = bytes; }

  /// Waits until it is granted, at least as long as `pause`. One that is held already is given up before. Throws when
  /// the statement is interrupted, and OutOfMemoryException when the session's limit is more than the server has left.
  void Wait(Admission::Kind kind, std::chrono::milliseconds pause = {});
  /// Nothing when none is held. Also while the statement still runs: when its client does not take its rows, others
  /// need not wait for that.
  void Release();

  /// A statement has memory from its start to its end, also one that needs no turn.
  void Started() { ++admission_.started_; }
  void Ended() { --admission_.started_; }
  /// Whether there are statements beside the session's own, which has started, that take of the same memory.
  bool HasOthers() const { return limit_ == 0 && admission_.started_ > 1; }

 private:
  Admission& admission_;
  SessionControl& control_;
  bool held_ = false;
  uint64_t limit_ = 0;
  bool reserved_ = false;
};

/// Whether the plan may keep more than 16 MB in memory at once, as its cardinalities are estimated: hash tables, sorts,
/// windows, CTEs.
bool NeedsTurn(const duckdb::PhysicalOperator& root);

}  // namespace lake::server
