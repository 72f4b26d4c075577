#include "server/engine/execution.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

using duckdb::PendingExecutionResult;

void ThrowInterrupted(InterruptReason reason) {
  switch (reason) {
    case InterruptReason::kTimeout: ThrowReport("57014", "canceling statement due to statement timeout");
    case InterruptReason::kShutdown: ThrowReport("57P01", "terminating connection due to administrator command");
    case InterruptReason::kDisconnect: ThrowReport("08006", "connection to client lost");
    default: throw duckdb::InterruptException();
  }
}

Execution::Execution(duckdb::unique_ptr<duckdb::PendingQueryResult> pending, duckdb::ClientContext& context,
                     SessionControl& control)
    : context_(context), control_(control), pending_(std::move(pending)) {
  if (pending_->HasError()) Fail(pending_->GetErrorObject());
  types_ = pending_->types;
  names_ = pending_->names;
  statement_type_ = pending_->statement_type;
  return_type_ = pending_->properties.return_type;
}

void Execution::Fail(duckdb::ErrorData error) {
  done_ = true;
  InterruptReason reason = control_.reason();
  if (error.Type() == duckdb::ExceptionType::INTERRUPT && reason != InterruptReason::kNone) ThrowInterrupted(reason);
  error.Throw();
}

void Execution::RunUntilReady() {
  for (;;) {
    control_.RepeatInterrupt();
    PendingExecutionResult state = pending_->ExecuteTask();
    if (duckdb::PendingQueryResult::IsResultReady(state)) break;
    if (state == PendingExecutionResult::BLOCKED || state == PendingExecutionResult::NO_TASKS_AVAILABLE) {
      pending_->WaitForTask();
    }
  }
  if (pending_->HasError()) Fail(pending_->GetErrorObject());
  result_ = pending_->Execute();
  pending_.reset();
  if (result_->HasError()) Fail(result_->GetErrorObject());
}

duckdb::DataChunk* Execution::Fetch() {
  if (pending_) RunUntilReady();
  control_.RepeatInterrupt();
  chunk_ = result_->FetchRaw();
  if (result_->HasError()) Fail(result_->GetErrorObject());
  if (chunk_ && chunk_->size() > 0) return chunk_.get();
  done_ = true;
  result_.reset();
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
