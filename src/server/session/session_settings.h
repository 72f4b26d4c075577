// PostgreSQL settings that DuckDB does not know and clients set all the same (DateStyle, extra_float_digits, ...). They
// are remembered and shown, and have no effect, but for statement_timeout. And one of our own: query_memory_limit,
// which the start-up packet alone can set.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake::server {

class SessionSettings {
 public:
  /// Whether `name` (any case) is a setting of PostgreSQL that is kept here.
  static bool Knows(std::string_view name);

  /// kInvalidInput for values we would have to obey and cannot: another client_encoding, a malformed statement_timeout,
  /// query_memory_limit once the session has begun.
  Status Set(std::string_view name, std::string_view value);
  void Reset(std::string_view name);
  void Started() { started_ = true; }
  /// The value of a known setting.
  std::string Get(std::string_view name) const;

  /// 0: none.
  int64_t statement_timeout_ms() const { return statement_timeout_ms_; }

 private:
  std::map<std::string, std::string> values_;  // by lower-case name, only what was set
  int64_t statement_timeout_ms_ = 0;
  bool started_ = false;
};

/// "30s", "1min", "500" (milliseconds), "0". kInvalidInput names the text.
Result<int64_t> ParseMilliseconds(std::string_view text);

}  // namespace lake::server
