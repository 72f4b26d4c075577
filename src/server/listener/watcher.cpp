#include "server/listener/watcher.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>

namespace lake::server {

namespace {
constexpr uint64_t kWakeId = 0;  // session ids are never 0
}

Watcher::Watcher(SessionRegistry& sessions)
    : sessions_(sessions), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeId;
  if (epoll_fd_ < 0 || wake_fd_ < 0 || epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event) != 0) {
    throw std::runtime_error("could not start the session watcher");
  }
  thread_ = std::thread([this] { Run(); });
}

Watcher::~Watcher() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  close(wake_fd_);
  close(epoll_fd_);
}

void Watcher::Watch(const SessionControl& session, int socket) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;  // edge: reported once; closing the descriptor takes it out
  event.data.u64 = session.id();
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, socket, &event);
}

void Watcher::SetDeadline(const SessionControl& session, std::chrono::steady_clock::time_point deadline) {
  {
    std::lock_guard lock(mutex_);
    deadlines_[session.id()] = deadline;
  }
  Wake();
}

void Watcher::ClearDeadline(const SessionControl& session) {
  std::lock_guard lock(mutex_);
  deadlines_.erase(session.id());
}

void Watcher::Wake() {
  uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof(one));
}

/// Milliseconds until the next deadline, -1 when there is none.
int Watcher::InterruptLateStatements() {
  auto now = std::chrono::steady_clock::now();
  int timeout = -1;
  for (auto entry = deadlines_.begin(); entry != deadlines_.end();) {
    if (entry->second <= now) {
      if (auto session = sessions_.Find(entry->first)) session->Interrupt(InterruptReason::kTimeout);
      entry = deadlines_.erase(entry);
      continue;
    }
    auto left = std::chrono::ceil<std::chrono::milliseconds>(entry->second - now).count();
    if (timeout < 0 || left < timeout) timeout = static_cast<int>(left);
    ++entry;
  }
  return timeout;
}

void Watcher::Run() {
  for (;;) {
    int timeout;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      timeout = InterruptLateStatements();
    }
    epoll_event events[64];
    int count = epoll_wait(epoll_fd_, events, 64, timeout);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kWakeId) {
        uint64_t drained;
        (void)!read(wake_fd_, &drained, sizeof(drained));
      } else if ((events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        if (auto session = sessions_.Find(static_cast<uint32_t>(events[i].data.u64))) {
          session->Interrupt(InterruptReason::kDisconnect);
        }
      }
    }
  }
}

}  // namespace lake::server
