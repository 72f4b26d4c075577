// What the server sends: builders of all backend messages, appended to a buffer that one send() flushes.
//
//   message := type:byte length:int32 body        length counts itself, not the type
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "wire/frontend.h"
#include "wire/out_buffer.h"
#include "wire/type_oid.h"

namespace lake::wire {

struct ColumnDescription {
  std::string_view name;
  Oid type = kTextOid;
  int16_t type_size = -1;  // bytes of a fixed-size type, else -1
  int32_t type_modifier = -1;
  Format format = Format::kText;
};

enum class TransactionStatus : char { kIdle = 'I', kInTransaction = 'T', kFailed = 'E' };

struct ErrorFields {
  std::string_view severity = "ERROR";  // ERROR, FATAL; NOTICE, WARNING for notices
  std::string_view sqlstate;
  std::string_view message;
  std::string_view detail;  // empty: left out
  std::string_view hint;    // empty: left out
};

void AppendAuthenticationOk(OutBuffer& out);
void AppendNegotiateProtocolVersion(OutBuffer& out, std::span<const std::string_view> unknown_options);
void AppendParameterStatus(OutBuffer& out, std::string_view name, std::string_view value);
void AppendBackendKeyData(OutBuffer& out, uint32_t process_id, uint32_t secret_key);
void AppendReadyForQuery(OutBuffer& out, TransactionStatus status);
void AppendRowDescription(OutBuffer& out, std::span<const ColumnDescription> columns);
void AppendParameterDescription(OutBuffer& out, std::span<const Oid> types);
void AppendCommandComplete(OutBuffer& out, std::string_view tag);
void AppendErrorResponse(OutBuffer& out, const ErrorFields& fields);
void AppendNoticeResponse(OutBuffer& out, const ErrorFields& fields);
/// `columns` formats, all the same.
void AppendCopyOutResponse(OutBuffer& out, Format format, size_t columns);
void AppendCopyInResponse(OutBuffer& out, Format format, size_t columns);

// Messages without a body.
void AppendEmptyQueryResponse(OutBuffer& out);
void AppendParseComplete(OutBuffer& out);
void AppendBindComplete(OutBuffer& out);
void AppendCloseComplete(OutBuffer& out);
void AppendNoData(OutBuffer& out);
void AppendPortalSuspended(OutBuffer& out);
void AppendCopyDone(OutBuffer& out);

// Row messages are written by the result encoder itself, after these headers.
inline constexpr size_t kDataRowHeader = 7;   // 'D' length:int32 columns:int16
inline constexpr size_t kCopyDataHeader = 5;  // 'd' length:int32

/// `body_bytes`: all of the message behind the header.
inline void WriteDataRowHeader(char* out, size_t body_bytes, uint16_t columns) {
  out[0] = 'D';
  StoreBig32(out + 1, static_cast<uint32_t>(4 + 2 + body_bytes));
  StoreBig16(out + 5, columns);
}

inline void WriteCopyDataHeader(char* out, size_t body_bytes) {
  out[0] = 'd';
  StoreBig32(out + 1, static_cast<uint32_t>(4 + body_bytes));
}

}  // namespace lake::wire
