#include "base/json.h"

#include <cmath>
#include <limits>

namespace lake {

namespace {

/// Depth of nesting, found before the parser builds anything. Brackets inside strings do not count; whether the text is
/// JSON at all is the parser's business.
bool IsDeeperThan(std::string_view text, int limit) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if (c == '}' || c == ']') {
      depth--;
    }
  }
  return false;
}

Error WrongType(std::string_view what, std::string_view expected, const Json& json) {
  return Corrupt("{} is not {} but {}", what, expected, json.type_name());
}

}  // namespace

Result<Json> ParseJson(std::string_view text, std::string_view name, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Corrupt("JSON of {} has {} bytes, at most {} are allowed", name, text.size(), limits.max_bytes);
  }
  if (IsDeeperThan(text, limits.max_depth)) {
    return Corrupt("JSON of {} is nested deeper than {} levels", name, limits.max_depth);
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return Corrupt("invalid JSON in {} at byte {}", name, error.byte);
  } catch (const Json::exception& error) {
    return Corrupt("invalid JSON in {}: {}", name, error.what());
  }
}

Result<std::string> DumpJson(const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception& error) {
    return InvalidInput("value cannot be written as JSON: {}", error.what());
  }
}

Result<int64_t> JsonToInt64(const Json& json, std::string_view what) {
  if (json.is_number_unsigned()) {
    auto value = json.get<uint64_t>();
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return static_cast<int64_t>(value);
    return Corrupt("{} is out of range: {}", what, value);
  }
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number_float()) {
    double value = json.get<double>();
    if (std::nearbyint(value) == value && std::abs(value) < 9e15) return static_cast<int64_t>(value);
  }
  return WrongType(what, "an integer", json);
}

Result<int32_t> JsonToInt32(const Json& json, std::string_view what) {
  LAKE_ASSIGN_OR_RETURN(int64_t value, JsonToInt64(json, what));
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    return Corrupt("{} is out of range: {}", what, value);
  }
  return static_cast<int32_t>(value);
}

Status JsonObject::Check() const {
  if (!json_.is_object()) return WrongType(name_, "an object", json_);
  return {};
}

const Json* JsonObject::Find(std::string_view key) const {
  if (!json_.is_object()) return nullptr;
  auto at = json_.find(key);
  return at == json_.end() || at->is_null() ? nullptr : &*at;
}

Result<const Json*> JsonObject::Get(std::string_view key) const {
  LAKE_RETURN_IF_ERROR(Check());
  const Json* member = Find(key);
  if (member == nullptr) return Corrupt("missing field in {}: {}", name_, key);
  return member;
}

Result<const Json*> JsonObject::Array(std::string_view key) const {
  LAKE_ASSIGN_OR_RETURN(const Json* member, Get(key));
  if (!member->is_array()) return WrongType(fmt::format("\"{}\" of {}", key, name_), "an array", *member);
  return member;
}

Result<bool> JsonObject::Bool(std::string_view key) const {
  LAKE_ASSIGN_OR_RETURN(const Json* member, Get(key));
  if (!member->is_boolean()) return WrongType(fmt::format("\"{}\" of {}", key, name_), "a boolean", *member);
  return member->get<bool>();
}

Result<int32_t> JsonObject::Int32(std::string_view key) const {
  LAKE_ASSIGN_OR_RETURN(const Json* member, Get(key));
  return JsonToInt32(*member, fmt::format("\"{}\" of {}", key, name_));
}

Result<int64_t> JsonObject::Int64(std::string_view key) const {
  LAKE_ASSIGN_OR_RETURN(const Json* member, Get(key));
  return JsonToInt64(*member, fmt::format("\"{}\" of {}", key, name_));
}

Result<std::string> JsonObject::String(std::string_view key) const {
  LAKE_ASSIGN_OR_RETURN(const Json* member, Get(key));
  if (!member->is_string()) return WrongType(fmt::format("\"{}\" of {}", key, name_), "a string", *member);
  return member->get<std::string>();
}

namespace {

template <typename T, typename Read>
Result<std::optional<T>> IfPresent(const JsonObject& object, std::string_view key, Read read) {
  LAKE_RETURN_IF_ERROR(object.Check());
  if (object.Find(key) == nullptr) return std::optional<T>();
  LAKE_ASSIGN_OR_RETURN(T value, read());
  return std::optional<T>(std::move(value));
}

}  // namespace

Result<std::optional<bool>> JsonObject::OptionalBool(std::string_view key) const {
  return IfPresent<bool>(*this, key, [&] { return Bool(key); });
}
Result<std::optional<int32_t>> JsonObject::OptionalInt32(std::string_view key) const {
  return IfPresent<int32_t>(*this, key, [&] { return Int32(key); });
}
Result<std::optional<int64_t>> JsonObject::OptionalInt64(std::string_view key) const {
  return IfPresent<int64_t>(*this, key, [&] { return Int64(key); });
}
Result<std::optional<std::string>> JsonObject::OptionalString(std::string_view key) const {
  return IfPresent<std::string>(*this, key, [&] { return String(key); });
}

}  // namespace lake
