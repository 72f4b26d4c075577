// One thread that looks after sessions while they are busy: it notices that a client went away and that a statement ran
// into its timeout, and interrupts it. Sessions pay nothing for it per statement, unless they have a timeout.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "server/listener/session_registry.h"

namespace lake::server {

class Watcher {
 public:
  explicit Watcher(SessionRegistry& sessions);
  ~Watcher();

  /// Watches the client's socket until it is closed.
  void Watch(const SessionControl& session, int socket);
  void SetDeadline(const SessionControl& session, std::chrono::steady_clock::time_point deadline);
  void ClearDeadline(const SessionControl& session);

 private:
  void Run();
  void Wake();
  int InterruptLateStatements();

  SessionRegistry& sessions_;
  const int epoll_fd_;
  const int wake_fd_;
  std::mutex mutex_;
  std::map<uint32_t, std::chrono::steady_clock::time_point> deadlines_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lake::server
