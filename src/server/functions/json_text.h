// JSON as text, as PostgreSQL's json and jsonb print it: reading what may be wrong, and walking what is known to be
// right.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lake::server {

/// Raises 22P02 when the text is no JSON (RFC 8259). With `check_escapes` also when an escape names no character, and
/// 22P05 for \u0000, which no text can hold.
void CheckJson(std::string_view text, bool check_escapes);

/// The text that jsonb prints: keys by length and bytes, the last of equal ones, numbers as numeric, one blank behind
/// commas and colons. Errors as with check_escapes.
std::string NormalizeJson(std::string_view text);

/// With quotes, escaped as PostgreSQL does.
std::string QuoteJson(std::string_view text);

// ---- walking valid JSON; a value is its text without blanks around it

enum class JsonKind { kNull, kBoolean, kNumber, kString, kArray, kObject };

std::string_view TrimJson(std::string_view text);
JsonKind KindOfJson(std::string_view value);
inline bool IsJsonScalar(JsonKind kind) { return kind != JsonKind::kArray && kind != JsonKind::kObject; }

/// The text of a string value or key, escapes resolved.
std::string DecodeJson(std::string_view string_value);

/// Calls for each element until the function answers false.
void ForEachElement(std::string_view array, const std::function<bool(std::string_view value)>& function);
/// Keys come with quotes and escapes.
void ForEachMember(std::string_view object,
                   const std::function<bool(std::string_view key, std::string_view value)>& function);

/// The last member of that name.
std::optional<std::string_view> FindMember(std::string_view object, std::string_view name);

}  // namespace lake::server
