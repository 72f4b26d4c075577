#include "wire/backend.h"

namespace lake::wire {

namespace {

/// One message: the length is filled in when its scope ends.
class MessageScope {
 public:
  MessageScope(OutBuffer& out, char type) : out_(out), start_(out.size()) {
    out.AppendByte(type);
    out.Append32(0);
  }
  ~MessageScope() { StoreBig32(out_.data() + start_ + 1, static_cast<uint32_t>(out_.size() - start_ - 1)); }

 private:
  OutBuffer& out_;
  size_t start_;
};

void AppendBodyless(OutBuffer& out, char type) { MessageScope message(out, type); }

/// A zero byte in a text (it may quote what a client sent) would end the field early: the text stops there.
void AppendField(OutBuffer& out, char code, std::string_view text) {
  out.AppendByte(code);
  out.AppendZeroTerminated(text.substr(0, text.find('\0')));
}

void AppendReport(OutBuffer& out, char type, const ErrorFields& fields) {
  MessageScope message(out, type);
  AppendField(out, 'S', fields.severity);
  AppendField(out, 'V', fields.severity);
  AppendField(out, 'C', fields.sqlstate);
  AppendField(out, 'M', fields.message);
  if (!fields.detail.empty()) AppendField(out, 'D', fields.detail);
  if (!fields.hint.empty()) AppendField(out, 'H', fields.hint);
  out.AppendByte('\0');
}

void AppendCopyResponse(OutBuffer& out, char type, Format format, size_t columns) {
  MessageScope message(out, type);
  out.AppendByte(static_cast<char>(format));
  out.Append16(static_cast<uint16_t>(columns));
  for (size_t i = 0; i < columns; ++i) out.Append16(static_cast<uint16_t>(format));
}

}  // namespace

void AppendAuthenticationOk(OutBuffer& out) {
  MessageScope message(out, 'R');
  out.Append32(0);
}

void AppendNegotiateProtocolVersion(OutBuffer& out, std::span<const std::string_view> unknown_options) {
  MessageScope message(out, 'v');
  out.Append32(kProtocolVersion3);
  out.Append32(static_cast<uint32_t>(unknown_options.size()));
  for (std::string_view option : unknown_options) out.AppendZeroTerminated(option);
}

void AppendParameterStatus(OutBuffer& out, std::string_view name, std::string_view value) {
  MessageScope message(out, 'S');
  out.AppendZeroTerminated(name);
  out.AppendZeroTerminated(value);
}

void AppendBackendKeyData(OutBuffer& out, uint32_t process_id, uint32_t secret_key) {
  MessageScope message(out, 'K');
  out.Append32(process_id);
  out.Append32(secret_key);
}

void AppendReadyForQuery(OutBuffer& out, TransactionStatus status) {
  MessageScope message(out, 'Z');
  out.AppendByte(static_cast<char>(status));
}

void AppendRowDescription(OutBuffer& out, std::span<const ColumnDescription> columns) {
  MessageScope message(out, 'T');
  out.Append16(static_cast<uint16_t>(columns.size()));
  for (const ColumnDescription& column : columns) {
    out.AppendZeroTerminated(column.name.substr(0, column.name.find('\0')));
    out.Append32(0);  // table
    out.Append16(0);  // attribute number
    out.Append32(column.type);
    out.Append16(static_cast<uint16_t>(column.type_size));
    out.Append32(static_cast<uint32_t>(column.type_modifier));
    out.Append16(static_cast<uint16_t>(column.format));
  }
}

void AppendParameterDescription(OutBuffer& out, std::span<const Oid> types) {
  MessageScope message(out, 't');
  out.Append16(static_cast<uint16_t>(types.size()));
  for (Oid type : types) out.Append32(type);
}

void AppendCommandComplete(OutBuffer& out, std::string_view tag) {
  MessageScope message(out, 'C');
  out.AppendZeroTerminated(tag);
}

void AppendErrorResponse(OutBuffer& out, const ErrorFields& fields) { AppendReport(out, 'E', fields); }
void AppendNoticeResponse(OutBuffer& out, const ErrorFields& fields) { AppendReport(out, 'N', fields); }

void AppendCopyOutResponse(OutBuffer& out, Format format, size_t columns) {
  AppendCopyResponse(out, 'H', format, columns);
}
void AppendCopyInResponse(OutBuffer& out, Format format, size_t columns) {
  AppendCopyResponse(out, 'G', format, columns);
}

void AppendEmptyQueryResponse(OutBuffer& out) { AppendBodyless(out, 'I'); }
void AppendParseComplete(OutBuffer& out) { AppendBodyless(out, '1'); }
void AppendBindComplete(OutBuffer& out) { AppendBodyless(out, '2'); }
void AppendCloseComplete(OutBuffer& out) { AppendBodyless(out, '3'); }
void AppendNoData(OutBuffer& out) { AppendBodyless(out, 'n'); }
void AppendPortalSuspended(OutBuffer& out) { AppendBodyless(out, 's'); }
void AppendCopyDone(OutBuffer& out) { AppendBodyless(out, 'c'); }

}  // namespace lake::wire
