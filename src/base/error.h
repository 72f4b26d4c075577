// The one error type of the libraries and the server.
//
// A kind says what the caller must *do*, not where the error arose. Messages follow PostgreSQL's style: lower case,
// no full stop, naming the thing, the value that was wrong and what would be right; detail and hint are sentences.
//
//   if (size > limit) return InvalidInput("file \"{}\" has {} bytes, at most {} are allowed", path, size, limit);
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace lake {

enum class ErrorKind {
  kInvalidInput,      // the user's value is wrong: fix it and try again
  kUnsupported,       // valid, but not something this version does
  kNotFound,          // the named object does not exist
  kAlreadyExists,     // the named object exists and must not
  kConflict,          // someone else changed the table: retry the transaction (40001)
  kPermissionDenied,  // credentials or policy forbid it
  kUnavailable,       // storage or network does not answer: retrying later may help
  kDiskFull,          // no space or quota left where we write
  kOutOfMemory,       // a memory limit was reached; this operation alone fails
  kUnknownOutcome,    // a write may or may not have happened: nothing may be deleted
  kCorrupt,           // a file or message breaks its format
  kCancelled,         // the user or a timeout asked for it
  kInternal,          // a broken invariant of ours
};

/// The PostgreSQL SQLSTATE of a kind, for example "40001" for kConflict. Five characters, never null.
const char* SqlState(ErrorKind kind);

/// A short stable name of a kind for logs, for example "conflict".
const char* KindName(ErrorKind kind);

class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& detail() const { return detail_; }
  const std::string& hint() const { return hint_; }

  Error&& WithDetail(std::string detail) && {
    detail_ = std::move(detail);
    return std::move(*this);
  }
  Error&& WithHint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }
  /// Puts "<context>: " in front of the message.
  Error&& WithContext(std::string_view context) && {
    message_ = fmt::format("{}: {}", context, message_);
    return std::move(*this);
  }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string detail_;
  std::string hint_;
};

#define LAKE_ERROR_MAKER(name)                                                        \
  template <typename... Args>                                                         \
  [[nodiscard]] Error name(fmt::format_string<Args...> text, Args&&... args) {        \
    return Error(ErrorKind::k##name, fmt::format(text, std::forward<Args>(args)...)); \
  }
LAKE_ERROR_MAKER(InvalidInput)
LAKE_ERROR_MAKER(Unsupported)
LAKE_ERROR_MAKER(NotFound)
LAKE_ERROR_MAKER(AlreadyExists)
LAKE_ERROR_MAKER(Conflict)
LAKE_ERROR_MAKER(PermissionDenied)
LAKE_ERROR_MAKER(Unavailable)
LAKE_ERROR_MAKER(DiskFull)
LAKE_ERROR_MAKER(OutOfMemory)
LAKE_ERROR_MAKER(UnknownOutcome)
LAKE_ERROR_MAKER(Corrupt)
LAKE_ERROR_MAKER(Cancelled)
LAKE_ERROR_MAKER(Internal)
#undef LAKE_ERROR_MAKER

}  // namespace lake
