#include "server/session/session_settings.h"

#include <charconv>

namespace lake::server {

namespace {

struct Default {
  std::string_view name;
  std::string_view value;
};

constexpr Default kSettings[] = {
    {"application_name", ""},
    {"backslash_quote", "safe_encoding"},
    {"bytea_output", "hex"},
    {"check_function_bodies", "on"},
    {"client_encoding", "UTF8"},
    {"client_min_messages", "notice"},
    {"datestyle", "ISO, MDY"},
    {"deadlock_timeout", "1s"},
    {"default_table_access_method", "heap"},
    {"default_tablespace", ""},
    {"default_transaction_isolation", "repeatable read"},
    {"default_transaction_read_only", "off"},
    {"escape_string_warning", "on"},
    {"extra_float_digits", "1"},
    {"idle_in_transaction_session_timeout", "0"},
    {"idle_session_timeout", "0"},
    {"integer_datetimes", "on"},
    {"intervalstyle", "postgres"},
    {"is_superuser", "on"},
    {"jit", "off"},
    {"lc_messages", "C"},
    {"lc_monetary", "C"},
    {"lc_numeric", "C"},
    {"lc_time", "C"},
    {"lock_timeout", "0"},
    {"max_identifier_length", "63"},
    {"query_memory_limit", "0"},
    {"row_security", "on"},
    {"server_encoding", "UTF8"},
    {"server_version", "16.4.DuckPG"},
    {"server_version_num", "160004"},
    {"session_authorization", "postgres"},
    {"session_replication_role", "origin"},
    {"standard_conforming_strings", "on"},
    {"statement_timeout", "0"},
    {"synchronize_seqscans", "on"},
    {"synchronous_commit", "on"},
    {"transaction_isolation", "repeatable read"},
    {"transaction_read_only", "off"},
    {"transaction_timeout", "0"},
    {"work_mem", "4MB"},
    {"xmloption", "content"},
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

const Default* FindDefault(std::string_view name) {
  std::string lower = Lower(name);
  for (const Default& setting : kSettings) {
    if (setting.name == lower) return &setting;
  }
  return nullptr;
}

bool IsUtf8Name(std::string_view encoding) {
  std::string lower = Lower(encoding);
  return lower == "utf8" || lower == "utf-8" || lower == "unicode";
}

}  // namespace

bool SessionSettings::Knows(std::string_view name) { return FindDefault(name) != nullptr; }

Status SessionSettings::Set(std::string_view name, std::string_view value) {
  std::string lower = Lower(name);
  if (lower == "client_encoding" && !IsUtf8Name(value)) {
    return InvalidInput("client_encoding \"{}\" is not supported, it must be UTF8", value);
  }
  if (lower == "transaction_isolation")
    return {};  // DuckDB has one level, which is at least as strict as what was asked for
  if (lower == "query_memory_limit" && started_) {
    return InvalidInput("parameter \"query_memory_limit\" cannot be set after connection start");
  }
  if (lower == "statement_timeout") {
    LAKE_ASSIGN_OR_RETURN(statement_timeout_ms_, ParseMilliseconds(value));
  }
  values_[lower] = value;
  return {};
}

void SessionSettings::Reset(std::string_view name) {
  std::string lower = Lower(name);
  values_.erase(lower);
  if (lower == "statement_timeout") statement_timeout_ms_ = 0;
}

std::string SessionSettings::Get(std::string_view name) const {
  if (auto found = values_.find(Lower(name)); found != values_.end()) return found->second;
  const Default* setting = FindDefault(name);
  return setting == nullptr ? std::string() : std::string(setting->value);
}

Result<int64_t> ParseMilliseconds(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  struct Unit {
    std::string_view name;
    int64_t factor;
  };
  constexpr Unit kUnits[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  for (const Unit& known : kUnits) {
    int64_t milliseconds;
    if (error == std::errc() && unit == known.name && value >= 0 &&
        !__builtin_mul_overflow(value, known.factor, &milliseconds) && milliseconds <= INT32_MAX) {
      return milliseconds;
    }
  }
  return InvalidInput("invalid value for parameter \"statement_timeout\": \"{}\"", text);
}

}  // namespace lake::server
