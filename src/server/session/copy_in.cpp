// COPY lake_write(...) FROM STDIN: rows from the client go to the writer as they come (docs/link.md, "Writing rows").
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "server/session/session.h"

namespace lake::server {

void Session::StartCopyIn(const Command& command) {
  ReleaseConnection();
  connection_->context->ClearInterrupt();
  control_->RepeatInterrupt();
  copy_in_ = ValueOrThrow(OpenRowWriter(*connection_->context, command.text));
  state_ = State::kCopyIn;
  wire::AppendCopyInResponse(out_, wire::Format::kBinary,
                             0);  // the columns are in the specification, the client knows them
  Flush();
}

void Session::CopyInMessage(const wire::Message& message) {
  try {
    if (control_->reason() != InterruptReason::kNone) ThrowInterrupted(control_->reason());
    switch (message.type) {
      case 'd': return ThrowIfError(copy_in_->Append(message.body));
      case 'c': return FinishCopyIn();
      case 'f':
        ThrowReport("57014", fmt::format("COPY from stdin failed: {}", ValueOrThrow(wire::ParseString(message.body))));
      case 'H':
      case 'S': return;  // a client may send them ahead: the protocol says to ignore them here
      default:
        ThrowReport("08P01", fmt::format("unexpected message type 0x{:02X} during COPY from stdin", message.type));
    }
  } catch (...) {
    LeaveCopyIn();
    throw;
  }
}

void Session::FinishCopyIn() {
  Written written = ValueOrThrow(copy_in_->Finish());
  int64_t rows = written.rows;
  SetLastWritten(*connection_->context, std::move(written));
  LeaveCopyIn();
  wire::AppendCommandComplete(out_, fmt::format("COPY {}", rows));
  if (copy_in_simple_) {
    ContinueCommands();
  } else {
    EndStatement();
  }
}

/// The writer goes: without Finish() it leaves no file.
void Session::LeaveCopyIn() {
  copy_in_.reset();
  state_ = copy_in_simple_ ? State::kIdle : State::kExtended;
}

}  // namespace lake::server
