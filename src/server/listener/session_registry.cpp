#include "server/listener/session_registry.h"

#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include <stdexcept>

#include "duckdb/main/client_context.hpp"
#include "server/session/secret_text.h"

namespace lake::server {

namespace {

uint32_t RandomNumber() {
  uint32_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != sizeof(number)) throw std::runtime_error("no random numbers");
  return number;
}

}  // namespace

namespace {

/// As much of a statement as the list of activity shows, in whole characters.
std::string_view Beginning(std::string_view text) {
  constexpr size_t kShown = 16 * 1024;
  if (text.size() <= kShown) return text;
  size_t size = kShown;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

SessionControl::SessionControl(uint32_t id, uint32_t key)
    : id_(id), key_(key), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::runtime_error("out of file descriptors");
}

SessionControl::~SessionControl() { close(wake_fd_); }

void SessionControl::Attach(duckdb::ClientContext* context) {
  std::lock_guard lock(mutex_);
  context_ = context;
}

void SessionControl::SetApplication(std::string name) {
  std::lock_guard lock(mutex_);
  application_ = std::move(name);
}

void SessionControl::BeginStatement(std::string_view text) {
  std::lock_guard lock(mutex_);
  query_ = RedactSecrets(Beginning(text));
  start_ = std::chrono::system_clock::now();
  running_ = true;
  if (reason_ == InterruptReason::kCancel || reason_ == InterruptReason::kTimeout) {
    reason_ = InterruptReason::kNone;
    uint64_t count;
    (void)!read(wake_fd_, &count, sizeof(count));
  }
}

void SessionControl::EndStatement() {
  std::lock_guard lock(mutex_);
  running_ = false;
}

void SessionControl::RepeatInterrupt() {
  if (reason() == InterruptReason::kNone) return;
  std::lock_guard lock(mutex_);
  if (context_ != nullptr) context_->Interrupt();
}

bool SessionControl::Interrupt(InterruptReason reason) {
  std::lock_guard lock(mutex_);
  bool was_running = running_;
  bool ends_session = reason == InterruptReason::kDisconnect || reason == InterruptReason::kShutdown;
  if (!was_running && !ends_session) return false;
  if (!must_end()) reason_.store(reason, std::memory_order_release);
  if (context_ != nullptr) context_->Interrupt();
  uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof(one));
  return was_running;
}

SessionControl::Activity SessionControl::activity() {
  std::lock_guard lock(mutex_);
  Activity activity{id_, query_, start_, running_};
  if (running_ && context_ != nullptr) {
    auto progress = context_->GetQueryProgress();
    activity.progress = progress.GetPercentage();
    activity.rows_processed = progress.GetRowsProcesseed();
    activity.rows_total = progress.GetTotalRowsToProcess();
  }
  activity.application = application_;
  activity.waiting = waiting_.load(std::memory_order_relaxed);
  return activity;
}

std::shared_ptr<SessionControl> SessionRegistry::Add() {
  std::lock_guard lock(mutex_);
  uint32_t id;
  do {
    id = RandomNumber() & 0x7fffffff;  // clients print it as a signed number
  } while (id == 0 || sessions_.contains(id));
  auto session = std::make_shared<SessionControl>(id, RandomNumber());
  sessions_.emplace(id, session);
  return session;
}

void SessionRegistry::Remove(const SessionControl& session) {
  std::lock_guard lock(mutex_);
  sessions_.erase(session.id());
}

std::shared_ptr<SessionControl> SessionRegistry::Find(uint32_t id) {
  std::lock_guard lock(mutex_);
  auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<SessionControl>> SessionRegistry::All() {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<SessionControl>> all;
  for (auto& [id, session] : sessions_) all.push_back(session);
  return all;
}

size_t SessionRegistry::size() {
  std::lock_guard lock(mutex_);
  return sessions_.size();
}

bool SessionRegistry::Cancel(uint32_t id, uint32_t key) {
  auto session = Find(id);
  return session != nullptr && session->key() == key && session->Interrupt(InterruptReason::kCancel);
}

}  // namespace lake::server
