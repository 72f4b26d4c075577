// The server's sockets, its clients' threads, and its end.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "server/options.h"
#include "server/session/session.h"

namespace lake::server {

class Listener {
 public:
  explicit Listener(ServerContext& server) : server_(server) {}
  ~Listener();

  /// Opens the unix socket and, if asked for, TCP. A socket file nobody listens on is removed; a live one is an error.
  Status Open(const Options& options);
  /// Accepts clients until `signal_fd` (a signalfd) becomes readable.
  void Serve(int signal_fd);
  /// Accepts nobody any more, interrupts all sessions and waits until they have ended. Returns how many statements were
  /// running.
  int Stop();

 private:
  Status OpenUnix(const Options& options);
  Status OpenTcp(const std::string& host, uint16_t port);
  void Accept(int fd);
  void CloseSockets();

  ServerContext& server_;
  std::vector<int> sockets_;
  std::string socket_path_;  // to be removed; empty for an abstract socket
  std::mutex mutex_;
  std::condition_variable ended_;
  int threads_ = 0;  // sessions whose thread has not ended
};

}  // namespace lake::server
