#include "server/session/client_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace lake::server {

ClientSocket::ClientSocket(int fd, const SessionControl& control, std::function<void()> on_stall)
    : fd_(fd), control_(control), on_stall_(std::move(on_stall)) {}

ClientSocket::~ClientSocket() { close(fd_); }

ClientSocket::Wait ClientSocket::WaitReadable(int timeout_ms, bool watch_cancel) {
  for (;;) {
    if (control_.must_end() || (watch_cancel && control_.reason() != InterruptReason::kNone)) return Wait::kInterrupted;
    // A cancel that came too late leaves wake_fd readable until the next statement: do not spin on it.
    bool watch_wake = watch_cancel || control_.reason() == InterruptReason::kNone;
    pollfd fds[2] = {{fd_, POLLIN, 0}, {control_.wake_fd(), POLLIN, 0}};
    int ready = poll(fds, watch_wake ? 2 : 1, watch_wake ? timeout_ms : 1000);
    if (ready < 0 && errno != EINTR) return Wait::kReadable;  // Receive() finds out
    if (ready == 0 && watch_wake) return Wait::kTimeout;
    if (ready > 0 && fds[0].revents != 0) return Wait::kReadable;
  }
}

size_t ClientSocket::Receive(char* at, size_t room) {
  for (;;) {
    ssize_t count = recv(fd_, at, room, 0);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return 0;
  }
}

bool ClientSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return false;
    if (control_.must_end()) return false;
    // Only the end of the session may break a message, and a cancel leaves wake_fd readable: look at the reason once a
    // second.
    bool watch_wake = control_.reason() == InterruptReason::kNone;
    pollfd fds[2] = {{fd_, POLLOUT, 0}, {control_.wake_fd(), POLLIN, 0}};
    int ready = poll(fds, watch_wake ? 2 : 1, 1000);
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0) on_stall_();
  }
  return true;
}

}  // namespace lake::server
