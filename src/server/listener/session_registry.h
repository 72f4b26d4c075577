// The live sessions as other threads see them: who may interrupt what.
//
// A session's own thread owns everything of it but its SessionControl, which it shares with the listener, the watcher
// and cancel requests. An interrupt only ever hits the statement that was running when it was asked for: the session
// says when a statement begins and ends, under the lock that Cancel() takes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace duckdb {
class ClientContext;
}

namespace lake::server {

enum class InterruptReason : uint8_t {
  kNone,
  kCancel,      // a CancelRequest
  kTimeout,     // statement_timeout
  kDisconnect,  // the client is gone
  kShutdown,    // the server ends
};

class SessionControl {
 public:
  SessionControl(uint32_t id, uint32_t key);
  ~SessionControl();
  SessionControl(const SessionControl&) = delete;
  SessionControl& operator=(const SessionControl&) = delete;

  uint32_t id() const { return id_; }
  uint32_t key() const { return key_; }
  /// Readable when the session has to look at reason(): waits on the socket wait on it too.
  int wake_fd() const { return wake_fd_; }

  // The session's own thread.
  void Attach(duckdb::ClientContext* context);  // null before the connection is destroyed
  void BeginStatement(std::string_view text);   // forgets an earlier cancel
  void EndStatement();
  void SetApplication(std::string name);
  /// Whether the statement waits for its turn.
  void SetWaiting(bool waiting) { waiting_.store(waiting, std::memory_order_relaxed); }
  /// Repeats an interrupt that DuckDB may have lost (it resets its flag when a query starts). Cheap when there is none.
  void RepeatInterrupt();
  InterruptReason reason() const { return reason_.load(std::memory_order_acquire); }
  /// Whether the session has to end, not just its statement.
  bool must_end() const { return reason() == InterruptReason::kDisconnect || reason() == InterruptReason::kShutdown; }

  // Any thread.
  /// Interrupts the running statement; for kDisconnect and kShutdown also an idle session. False when nothing was
  /// running.
  bool Interrupt(InterruptReason reason);

  struct Activity {
    uint32_t id = 0;
    std::string query;                                           // the last one when idle
    std::optional<std::chrono::system_clock::time_point> start;  // nullopt: nothing ran yet
    bool active = false;
    double progress = -1;  // percent, -1 when unknown
    uint64_t rows_processed = 0;
    uint64_t rows_total = 0;
    std::string application;  // application_name, as the client gave it at start-up
    bool waiting = false;     // for its turn
  };
  Activity activity();

 private:
  const uint32_t id_;
  const uint32_t key_;
  const int wake_fd_;
  std::atomic<InterruptReason> reason_{InterruptReason::kNone};
  std::mutex mutex_;
  duckdb::ClientContext* context_ = nullptr;
  bool running_ = false;
  std::string query_;
  std::string application_;
  std::atomic<bool> waiting_{false};
  std::optional<std::chrono::system_clock::time_point> start_;
};

class SessionRegistry {
 public:
  /// A new session with a random, unique id, which is also its process id on the wire.
  std::shared_ptr<SessionControl> Add();
  void Remove(const SessionControl& session);
  std::shared_ptr<SessionControl> Find(uint32_t id);
  std::vector<std::shared_ptr<SessionControl>> All();
  size_t size();

  /// False when there is no such session or the key is wrong: the client is not told.
  bool Cancel(uint32_t id, uint32_t key);

 private:
  std::mutex mutex_;
  std::map<uint32_t, std::shared_ptr<SessionControl>> sessions_;
};

}  // namespace lake::server
