#include "server/engine/admission.h"

#include <algorithm>

#include "duckdb/execution/physical_operator.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "server/engine/execution.h"

namespace lake::server {

namespace {

constexpr uint64_t kMemoryOfThread = uint64_t{128} << 20;
constexpr double kSmall = 16 << 20;
// How soon a waiting statement notices that it was cancelled.
constexpr std::chrono::milliseconds kLook{50};

double RowWidth(const duckdb::PhysicalOperator& op) {
  double width = 16;
  for (const auto& type : op.types) {
    width += type.InternalType() == duckdb::PhysicalType::VARCHAR ? 32 : duckdb::GetTypeIdSize(type.InternalType());
  }
  return width;
}

double Bytes(const duckdb::PhysicalOperator& op) {
  return static_cast<double>(op.estimated_cardinality) * RowWidth(op);
}

/// What the operator itself keeps until its input has ended.
double Kept(const duckdb::PhysicalOperator& op) {
  auto child = [&](size_t index) { return Bytes(op.children[index].get()); };
  using Type = duckdb::PhysicalOperatorType;
  switch (op.type) {
    case Type::HASH_JOIN:
    case Type::NESTED_LOOP_JOIN:
    case Type::BLOCKWISE_NL_JOIN:
    case Type::CROSS_PRODUCT: return op.children.size() > 1 ? child(1) : child(0);
    case Type::PIECEWISE_MERGE_JOIN:
    case Type::IE_JOIN:
    case Type::ASOF_JOIN: return op.children.size() > 1 ? child(0) + child(1) : child(0);
    case Type::HASH_GROUP_BY: return Bytes(op);
    case Type::ORDER_BY:
    case Type::WINDOW:
    case Type::CTE:
    case Type::RECURSIVE_CTE:
    case Type::LEFT_DELIM_JOIN:
    case Type::RIGHT_DELIM_JOIN: return op.children.size() > 0 ? child(0) : Bytes(op);
    default: return 0;
  }
}

double KeptBelow(const duckdb::PhysicalOperator& op) {
  double bytes = Kept(op);
  for (const auto& child : op.GetChildren()) bytes += KeptBelow(child.get());
  return bytes;
}

}  // namespace

size_t Admission::Slots() const {
  auto memory = duckdb::BufferManager::GetBufferManager(db_).GetMaxMemory();
  auto threads = std::max(duckdb::TaskScheduler::GetScheduler(db_).NumberOfThreads(), 1);
  return std::max<size_t>(memory / (kMemoryOfThread * static_cast<uint64_t>(threads)), 1);
}

bool Admission::MayRun(const Ticket& ticket) const {
  if (queue_.front().number != ticket.number) return false;
  return ticket.kind == Kind::kAlone ? running_ == 0 : !alone_ && running_ < Slots();
}

void Admission::Wait(SessionControl& control, Kind kind, std::chrono::milliseconds pause) {
  auto earliest = std::chrono::steady_clock::now() + pause;
  std::unique_lock lock(mutex_);
  Ticket ticket{next_ticket_++, kind};
  queue_.push_back(ticket);
  control.SetWaiting(true);
  while (control.reason() == InterruptReason::kNone &&
         (!MayRun(ticket) || std::chrono::steady_clock::now() < earliest)) {
    changed_.wait_for(lock, kLook);
  }
  control.SetWaiting(false);
  bool interrupted = control.reason() != InterruptReason::kNone;
  std::erase_if(queue_, [&](const Ticket& other) { return other.number == ticket.number; });
  if (!interrupted) {
    ++running_;
    alone_ = kind == Kind::kAlone;
  }
  changed_.notify_all();
  if (interrupted) ThrowInterrupted(control.reason());
}

void Admission::Release() {
  std::scoped_lock lock(mutex_);
  --running_;
  alone_ = false;
  changed_.notify_all();
}

bool Admission::Reserve(uint64_t bytes) {
  try {
    duckdb::BufferManager::GetBufferManager(db_).ReserveMemory(bytes);
    return true;
  } catch (const duckdb::OutOfMemoryException&) {
    return false;
  }
}

void Admission::FreeReserved(uint64_t bytes) { duckdb::BufferManager::GetBufferManager(db_).FreeReservedMemory(bytes); }

void Turn::Wait(Admission::Kind kind, std::chrono::milliseconds pause) {
  Release();
  admission_.Wait(control_, kind, pause);
  held_ = true;
  if (limit_ == 0) return;
  reserved_ = admission_.Reserve(limit_);
  if (reserved_) return;
  if (kind == Admission::Kind::kShared) return Wait(Admission::Kind::kAlone, pause);
  Release();
  throw duckdb::OutOfMemoryException(
      "the server has less memory left than the session's query_memory_limit of %llu bytes", limit_);
}

void Turn::Release() {
  if (reserved_) admission_.FreeReserved(limit_);
  reserved_ = false;
  if (held_) admission_.Release();
  held_ = false;
}

bool NeedsTurn(const duckdb::PhysicalOperator& root) { return KeptBelow(root) > kSmall; }

}  // namespace lake::server
