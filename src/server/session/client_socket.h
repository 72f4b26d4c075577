// The socket of one client: blocking for its session, but every wait also ends when the session is interrupted.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "server/listener/session_registry.h"

namespace lake::server {

class ClientSocket {
 public:
  /// Takes the descriptor over. on_stall is called while Send() waits, each second that the client took nothing.
  ClientSocket(int fd, const SessionControl& control, std::function<void()> on_stall);
  ~ClientSocket();
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  int fd() const { return fd_; }

  enum class Wait {
    kReadable,
    kInterrupted,  // control.reason() says why
    kTimeout,
  };
  /// timeout_ms -1: none. With watch_cancel a cancelled statement ends the wait too, else only the end of the session.
  Wait WaitReadable(int timeout_ms, bool watch_cancel);
  /// Bytes read; 0 at the end of the stream or when the connection broke.
  size_t Receive(char* at, size_t room);
  /// Sends everything; false when the client is gone or the session has to end. A cancel does not stop it: a message
  /// once begun has to be completed.
  bool Send(std::string_view bytes);

 private:
  const int fd_;
  const SessionControl& control_;
  const std::function<void()> on_stall_;
};

}  // namespace lake::server
