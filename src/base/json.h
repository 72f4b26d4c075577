// JSON from outside, without exceptions: parsing with limits on size and depth, and typed access to the members of an
// object with errors that name the member and what it should have been.
//
//   LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(bytes, location));
//   JsonObject object(json, location);
//   LAKE_ASSIGN_OR_RETURN(int64_t id, object.Int64("snapshot-id"));
//
// All errors are kCorrupt: a document that breaks its format.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake {

using Json = nlohmann::json;

struct JsonLimits {
  size_t max_bytes = size_t{1} << 30;
  int max_depth = 200;  // nested arrays and objects
};

/// Parses one JSON document. `name` (a location, "request body") appears in errors, beside the byte offset.
Result<Json> ParseJson(std::string_view text, std::string_view name, const JsonLimits& limits = {});

/// Compact text. kInvalidInput when a string in it is not UTF-8.
Result<std::string> DumpJson(const Json& json);

/// Read access to one JSON object; `json` must outlive it. `name` says what the object is, for errors.
/// The Optional forms give nullopt for a member that is absent or null.
class JsonObject {
 public:
  JsonObject(const Json& json, std::string name) : json_(json), name_(std::move(name)) {}

  /// kCorrupt unless the value is an object at all; every accessor also checks it.
  Status Check() const;
  /// The member, or null when it is absent or JSON null (or this is not an object).
  const Json* Find(std::string_view key) const;
  Result<const Json*> Get(std::string_view key) const;
  Result<const Json*> Array(std::string_view key) const;

  Result<bool> Bool(std::string_view key) const;
  Result<int32_t> Int32(std::string_view key) const;
  Result<int64_t> Int64(std::string_view key) const;
  Result<std::string> String(std::string_view key) const;

  Result<std::optional<bool>> OptionalBool(std::string_view key) const;
  Result<std::optional<int32_t>> OptionalInt32(std::string_view key) const;
  Result<std::optional<int64_t>> OptionalInt64(std::string_view key) const;
  Result<std::optional<std::string>> OptionalString(std::string_view key) const;

  const Json& json() const { return json_; }
  const std::string& name() const { return name_; }

 private:
  const Json& json_;
  std::string name_;
};

/// The value of a JSON integer, also one written as 1.0; kCorrupt outside 64 (32) bits. `what` names it in errors.
Result<int64_t> JsonToInt64(const Json& json, std::string_view what);
Result<int32_t> JsonToInt32(const Json& json, std::string_view what);

}  // namespace lake
