#include "server/engine/execution.h"

#include <algorithm>
#include <thread>

#include "duckdb/main/client_context.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

using duckdb::PendingExecutionResult;

namespace {
constexpr int kRepeats = 5;
constexpr std::chrono::milliseconds kFirstPause{250};

/// Waits longer and longer for something that nobody announces.
class Backoff {
 public:
  void Wait() {
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(pause_ * 2, kLongest);
  }
  void Reset() { pause_ = kShortest; }

 private:
  static constexpr std::chrono::microseconds kShortest{20};
  static constexpr std::chrono::microseconds kLongest{500};
  std::chrono::microseconds pause_ = kShortest;
};
}  // namespace

void ThrowInterrupted(InterruptReason reason) {
  switch (reason) {
    case InterruptReason::kTimeout: ThrowReport("57014", "canceling statement due to statement timeout");
    case InterruptReason::kShutdown: ThrowReport("57P01", "terminating connection due to administrator command");
    case InterruptReason::kDisconnect: ThrowReport("08006", "connection to client lost");
    default: throw duckdb::InterruptException();
  }
}

Execution::Execution(Launch launch, duckdb::ClientContext& context, SessionControl& control, Turn& turn)
    : context_(context), control_(control), turn_(turn), launch_(std::move(launch)) {
  if (launch_.needs_turn) turn_.Wait(Admission::Kind::kShared);
  turn_.Started();
  counted_ = true;
  try {
    Start();
  } catch (...) {
    Finish();
    throw;
  }
  types_ = pending_->types;
  names_ = pending_->names;
  statement_type_ = pending_->statement_type;
  return_type_ = pending_->properties.return_type;
}

Execution::~Execution() { Finish(); }

/// Nothing is left of it but a chunk.
void Execution::Finish() {
  done_ = true;
  result_.reset();
  pending_.reset();
  if (counted_) turn_.Ended();
  counted_ = false;
}

void Execution::Start() {
  pending_ = launch_.start();
  if (pending_->HasError()) Fail(pending_->GetErrorObject());
}

void Execution::Fail(duckdb::ErrorData error) {
  Finish();
  InterruptReason reason = control_.reason();
  if (error.Type() == duckdb::ExceptionType::INTERRUPT && reason != InterruptReason::kNone) ThrowInterrupted(reason);
  error.Throw();
}

duckdb::ErrorData Execution::RunUntilReady() {
  Backoff idle;
  for (;;) {
    control_.RepeatInterrupt();
    PendingExecutionResult state = pending_->ExecuteTask();
    if (duckdb::PendingQueryResult::IsResultReady(state)) break;
    if (state == PendingExecutionResult::NO_TASKS_AVAILABLE) {
      idle.Wait();  // all tasks run on other threads: WaitForTask() would return at once
      continue;
    }
    idle.Reset();
    if (state == PendingExecutionResult::BLOCKED) pending_->WaitForTask();
  }
  if (pending_->HasError()) return pending_->GetErrorObject();
  result_ = pending_->Execute();
  pending_.reset();
  return result_->HasError() ? result_->GetErrorObject() : FetchChunk();
}

duckdb::ErrorData Execution::FetchChunk() {
  control_.RepeatInterrupt();
  chunk_ = result_->FetchRaw();
  return result_->HasError() ? result_->GetErrorObject() : duckdb::ErrorData();
}

/// While other statements have memory, too: without any that has a turn, and later and later.
duckdb::ErrorData Execution::RepeatAlone(duckdb::ErrorData error) {
  std::chrono::milliseconds pause{0};
  for (int repeats = 0; repeats < kRepeats && turn_.HasOthers() && error.Type() == duckdb::ExceptionType::OUT_OF_MEMORY;
       ++repeats) {
    chunk_.reset();
    result_.reset();
    pending_.reset();
    if (launch_.forget) launch_.forget();
    done_ = true;  // where the wait is interrupted
    turn_.Wait(Admission::Kind::kAlone, pause);
    done_ = false;
    pause = pause * 2 + kFirstPause;
    Start();
    error = RunUntilReady();
  }
  return error;
}

duckdb::DataChunk* Execution::Fetch() {
  bool is_first = pending_ != nullptr;
  auto error = is_first ? RunUntilReady() : FetchChunk();
  if (is_first && launch_.may_repeat) error = RepeatAlone(std::move(error));
  if (error.HasError()) Fail(std::move(error));
  if (chunk_ && chunk_->size() > 0) return chunk_.get();
  Finish();
  return nullptr;
}

duckdb::DataChunk* Execution::Next() {
  if (done_) return nullptr;
  if (!spool_) return Fetch();
  chunk_->Reset();
  if (spool_->Scan(spool_scan_, *chunk_)) return chunk_.get();
  done_ = true;
  return nullptr;
}

void Execution::Spool() {
  last_chunk_ = std::move(chunk_);
  auto spool =
      std::make_unique<duckdb::ColumnDataCollection>(duckdb::BufferManager::GetBufferManager(context_), types_);
  while (duckdb::DataChunk* chunk = Fetch()) spool->Append(*chunk);
  done_ = false;
  spool_ = std::move(spool);
  spool_->InitializeScan(spool_scan_);
  chunk_ = duckdb::make_uniq<duckdb::DataChunk>();
  spool_->InitializeScanChunk(*chunk_);
}

}  // namespace lake::server
