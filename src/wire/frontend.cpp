// See the header for the formats.
#include "wire/frontend.h"

#include <algorithm>

#include "wire/byte_order.h"

namespace lake::wire {

namespace {

constexpr uint32_t kCancelCode = 80877102;
constexpr uint32_t kSslCode = 80877103;
constexpr uint32_t kGssCode = 80877104;
constexpr size_t kReceiveBytes = 16 * 1024;
constexpr size_t kKeepBytes = 1024 * 1024;  // a receive buffer beyond this is given back between messages

/// The longest body of a message type; 0 for types a client does not send.
size_t BodyLimit(char type) {
  switch (type) {
    case 'Q':
    case 'P':
    case 'B':
    case 'F':
    case 'd':
    case 'f': return kMaxLargeMessage;
    case 'C':
    case 'D':
    case 'E':
    case 'H':
    case 'S':
    case 'X':
    case 'c':
    case 'p': return kMaxSmallMessage;
    default: return 0;
  }
}

/// Reads the parts of one body; the first thing that does not fit makes every later read fail, seen by Finish().
class BodyParser {
 public:
  explicit BodyParser(std::string_view body) : left_(body) {}

  uint8_t Byte() {
    std::string_view bytes = Bytes(1);
    return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
  }
  uint16_t Int16() {
    std::string_view bytes = Bytes(2);
    return bytes.empty() ? 0 : LoadBig16(bytes.data());
  }
  uint32_t Int32() {
    std::string_view bytes = Bytes(4);
    return bytes.empty() ? 0 : LoadBig32(bytes.data());
  }
  std::string_view String() {
    size_t end = left_.find('\0');
    if (failed_ || end == std::string_view::npos) {
      failed_ = true;
      return {};
    }
    std::string_view text = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    return text;
  }
  std::string_view Bytes(size_t count) {
    if (failed_ || left_.size() < count) {
      failed_ = true;
      return {};
    }
    std::string_view bytes = left_.substr(0, count);
    left_.remove_prefix(count);
    return bytes;
  }
  /// Whether `count` items of at least `size` bytes can still follow: asked before reserving memory for them.
  bool Has(size_t count, size_t size) {
    if (failed_ || left_.size() / size < count) failed_ = true;
    return !failed_;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && left_.empty(); }
  Status Finish(const char* message) const {
    if (at_end()) return {};
    return Corrupt("invalid {} message: {}", message, failed_ ? "it ends too early" : "bytes are left over");
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

Status ReadFormats(BodyParser& parser, std::vector<Format>& formats) {
  size_t count = parser.Int16();
  if (!parser.Has(count, 2)) return {};
  formats.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    uint16_t code = parser.Int16();
    if (code > 1) return Corrupt("invalid Bind message: format code {}", code);
    formats.push_back(static_cast<Format>(code));
  }
  return {};
}

}  // namespace

Result<std::optional<Message>> MessageReader::Next() {
  size_t have = buffer_.size() - consumed_;
  if (have < 5) {
    wanted_ = 5 - have;
    return std::optional<Message>();
  }
  const char* at = buffer_.data() + consumed_;
  char type = at[0];
  size_t limit = BodyLimit(type);
  if (limit == 0) return Corrupt("invalid frontend message type {}", static_cast<int>(static_cast<uint8_t>(type)));
  uint32_t length = LoadBig32(at + 1);
  if (length < 4 || length - 4 > limit) return Corrupt("invalid length {} of frontend message \"{}\"", length, type);
  size_t total = size_t{1} + length;
  if (have < total) {
    wanted_ = total - have;
    return std::optional<Message>();
  }
  consumed_ += total;
  return std::optional<Message>(Message{type, {at + 5, length - 4}});
}

Result<std::optional<std::string_view>> MessageReader::NextStartup() {
  size_t have = buffer_.size() - consumed_;
  if (have < 4) {
    wanted_ = 4 - have;
    return std::optional<std::string_view>();
  }
  const char* at = buffer_.data() + consumed_;
  uint32_t length = LoadBig32(at);
  if (length < 8 || length > kMaxStartupBytes) return Corrupt("invalid length of startup packet");
  if (have < length) {
    wanted_ = length - have;
    return std::optional<std::string_view>();
  }
  consumed_ += length;
  return std::optional<std::string_view>(std::string_view(at + 4, length - 4));
}

void MessageReader::Compact() {
  size_t have = buffer_.size() - consumed_;
  if (have == 0) {
    buffer_.Release(kKeepBytes);
  } else if (consumed_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + consumed_, have);
    buffer_.Truncate(have);
  }
  consumed_ = 0;
}

std::pair<char*, size_t> MessageReader::Room() {
  Compact();
  // Doubling with what is there, not with what is claimed: a client has to send half of what it makes us hold.
  buffer_.Reserve(std::max(kReceiveBytes, std::min(wanted_, buffer_.size())));
  size_t room = buffer_.capacity() - buffer_.size();
  return {buffer_.data() + buffer_.size(), room};
}

Result<Startup> ParseStartup(std::string_view packet) {
  BodyParser parser(packet);
  Startup startup;
  uint32_t code = parser.Int32();
  if (code == kCancelCode) {
    startup.kind = Startup::Kind::kCancel;
    startup.process_id = parser.Int32();
    startup.secret_key = parser.Int32();
    LAKE_RETURN_IF_ERROR(parser.Finish("CancelRequest"));
    return startup;
  }
  if (code == kSslCode || code == kGssCode) {
    startup.kind = code == kSslCode ? Startup::Kind::kSslRequest : Startup::Kind::kGssRequest;
    LAKE_RETURN_IF_ERROR(parser.Finish("negotiation"));
    return startup;
  }
  startup.version = code;
  if (parser.failed()) return Corrupt("invalid startup message: it ends too early");
  if (code >> 16 != 3) {
    return Unsupported("unsupported frontend protocol {}.{}: server supports 3.0", code >> 16, code & 0xffff);
  }
  while (!parser.failed()) {
    std::string_view name = parser.String();
    if (name.empty()) break;
    std::string_view value = parser.String();
    startup.parameters.emplace_back(name, value);
  }
  LAKE_RETURN_IF_ERROR(parser.Finish("startup"));
  return startup;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseOptions(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool blank = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');
    if (!blank && !in_word) words.emplace_back();
    in_word = !blank;
    if (blank) continue;
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    words.back() += text[i];
  }
  std::vector<std::pair<std::string, std::string>> settings;
  for (size_t i = 0; i < words.size(); ++i) {
    std::string setting = words[i];
    if (setting == "-c") {
      setting = ++i < words.size() ? words[i] : std::string();
    } else if (setting.starts_with("-c") || setting.starts_with("--")) {
      setting.erase(0, 2);
    } else {
      return InvalidInput("invalid option \"{}\": an option is -c name=value", setting);
    }
    size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidInput("invalid option \"{}\": an option is -c name=value", setting);
    }
    std::string name = setting.substr(0, equals);
    std::ranges::replace(name, '-', '_');
    settings.emplace_back(std::move(name), setting.substr(equals + 1));
  }
  return settings;
}

Result<ParseMessage> ParseParse(std::string_view body) {
  BodyParser parser(body);
  ParseMessage message;
  message.statement = parser.String();
  message.query = parser.String();
  size_t count = parser.Int16();
  if (parser.Has(count, 4)) {
    message.parameter_types.reserve(count);
    for (size_t i = 0; i < count; ++i) message.parameter_types.push_back(parser.Int32());
  }
  LAKE_RETURN_IF_ERROR(parser.Finish("Parse"));
  return message;
}

Result<BindMessage> ParseBind(std::string_view body) {
  BodyParser parser(body);
  BindMessage message;
  message.portal = parser.String();
  message.statement = parser.String();
  LAKE_RETURN_IF_ERROR(ReadFormats(parser, message.parameter_formats));
  size_t count = parser.Int16();
  if (parser.Has(count, 4)) {
    message.parameters.reserve(count);
    for (size_t i = 0; i < count && !parser.failed(); ++i) {
      auto length = static_cast<int32_t>(parser.Int32());
      if (length == -1) {
        message.parameters.emplace_back();
      } else if (length < 0) {
        return Corrupt("invalid Bind message: parameter {} of {} bytes", i + 1, length);
      } else {
        message.parameters.emplace_back(parser.Bytes(static_cast<size_t>(length)));
      }
    }
  }
  LAKE_RETURN_IF_ERROR(ReadFormats(parser, message.result_formats));
  LAKE_RETURN_IF_ERROR(parser.Finish("Bind"));
  if (message.parameter_formats.size() > 1 && message.parameter_formats.size() != message.parameters.size()) {
    return Corrupt("invalid Bind message: {} parameter formats for {} parameters", message.parameter_formats.size(),
                   message.parameters.size());
  }
  return message;
}

Result<NamedMessage> ParseNamed(std::string_view body) {
  BodyParser parser(body);
  NamedMessage message;
  uint8_t kind = parser.Byte();
  message.name = parser.String();
  LAKE_RETURN_IF_ERROR(parser.Finish("Describe or Close"));
  if (kind != 'S' && kind != 'P') return Corrupt("invalid Describe or Close message: kind {}", kind);
  message.kind = static_cast<NamedMessage::Kind>(kind);
  return message;
}

Result<ExecuteMessage> ParseExecute(std::string_view body) {
  BodyParser parser(body);
  ExecuteMessage message;
  message.portal = parser.String();
  message.max_rows = static_cast<int32_t>(parser.Int32());
  LAKE_RETURN_IF_ERROR(parser.Finish("Execute"));
  return message;
}

Result<std::string_view> ParseString(std::string_view body) {
  BodyParser parser(body);
  std::string_view text = parser.String();
  LAKE_RETURN_IF_ERROR(parser.Finish("Query"));
  return text;
}

}  // namespace lake::wire
