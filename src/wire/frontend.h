// What a client sends: the protocol's framing and its messages, parsed (PostgreSQL documentation, "Message Formats").
//
//   start-up packet := length:int32 (protocol version | request code):int32 ...       length counts itself
//   message         := type:byte length:int32 body                                    length counts itself, not the
//   type
//
// Everything is hostile: a length is checked against the limit of its message type before anything is allocated, and
// memory grows with the bytes that arrived. Errors are kCorrupt; after one the connection cannot be used (framing is
// lost).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/out_buffer.h"
#include "wire/type_oid.h"

namespace lake::wire {

inline constexpr uint32_t kProtocolVersion3 = 3 << 16;
inline constexpr size_t kMaxStartupBytes = 10'000;
inline constexpr size_t kMaxSmallMessage = 10'000;          // Sync, Execute, Describe, ...
inline constexpr size_t kMaxLargeMessage = (1u << 30) - 1;  // Query, Parse, Bind, CopyData

struct Message {
  char type = 0;
  std::string_view body;
};

/// The receive buffer of a connection and the framing in it.
///
///   for (;;) {
///     LAKE_ASSIGN_OR_RETURN(std::optional<Message> message, reader.Next());
///     if (message) { use(*message); continue; }          // body is valid until the next call of Next()
///     auto [at, room] = reader.Room();
///     reader.Received(recv(fd, at, room, 0));
///   }
class MessageReader {
 public:
  /// A complete message; nullopt when more bytes are needed.
  Result<std::optional<Message>> Next();
  /// The same for the packets before the session starts: no type byte, small.
  Result<std::optional<std::string_view>> NextStartup();

  /// Where the next bytes go. May move what is buffered: not while a message's body is in use.
  std::pair<char*, size_t> Room();
  void Received(size_t count) { buffer_.Extend(count); }
  /// Whether bytes beyond the last message are buffered.
  bool has_bytes() const { return consumed_ < buffer_.size(); }

 private:
  void Compact();

  OutBuffer buffer_;
  size_t consumed_ = 0;  // bytes of buffer_ that belong to messages already given out
  size_t wanted_ = 0;    // bytes that the message under way still needs
};

struct Startup {
  enum class Kind { kSession, kSslRequest, kGssRequest, kCancel };
  Kind kind = Kind::kSession;
  uint32_t version = 0;                                         // kSession
  std::vector<std::pair<std::string, std::string>> parameters;  // kSession
  uint32_t process_id = 0;                                      // kCancel
  uint32_t secret_key = 0;                                      // kCancel
};
/// `packet` is what follows the length. kUnsupported for a protocol version other than 3.x.
Result<Startup> ParseStartup(std::string_view packet);

/// The settings in the start-up parameter "options": "-c name=value", "-cname=value", "--name=value", blanks between
/// them, a backslash before a blank or backslash that belongs to a value. kInvalidInput names what is none of these.
Result<std::vector<std::pair<std::string, std::string>>> ParseOptions(std::string_view text);

struct ParseMessage {
  std::string_view statement;  // empty: the unnamed one
  std::string_view query;
  std::vector<Oid> parameter_types;  // may be fewer than the query has; 0 means unspecified
};
Result<ParseMessage> ParseParse(std::string_view body);

enum class Format : int16_t { kText = 0, kBinary = 1 };

struct BindMessage {
  std::string_view portal;
  std::string_view statement;
  std::vector<Format> parameter_formats;  // none: text; one: for all; else one for each
  std::vector<std::optional<std::string_view>> parameters;
  std::vector<Format> result_formats;  // likewise
};
Result<BindMessage> ParseBind(std::string_view body);

/// The format of item `index` under the rule above.
inline Format FormatAt(const std::vector<Format>& formats, size_t index) {
  if (formats.empty()) return Format::kText;
  return formats.size() == 1 ? formats[0] : formats[index];
}

/// Describe and Close.
struct NamedMessage {
  enum class Kind : char { kStatement = 'S', kPortal = 'P' };
  Kind kind = Kind::kStatement;
  std::string_view name;
};
Result<NamedMessage> ParseNamed(std::string_view body);

struct ExecuteMessage {
  std::string_view portal;
  int32_t max_rows = 0;  // 0: all
};
Result<ExecuteMessage> ParseExecute(std::string_view body);

/// Query and CopyFail: one zero-terminated string.
Result<std::string_view> ParseString(std::string_view body);

}  // namespace lake::wire
