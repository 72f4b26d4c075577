// See the header. A scalar alone is, to jsonb's operators, an array of one element, and so it is here.
#include "server/functions/pg_json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/json_text.h"
#include "server/functions/scalar_function.h"

namespace lake::server {

namespace {

using Slice = std::optional<std::string_view>;
using Texts = std::optional<std::string>;

// ---------------------------------------------------------------- casts

std::string JsonIn(std::string_view text) {
  CheckJson(text, false);
  return std::string(text);
}

std::string JsonbIn(std::string_view text) { return NormalizeJson(text); }

// ---------------------------------------------------------------- looking up

// PostgreSQL resolves all escapes of a json value that it looks into, and finds errors in them.
std::string_view Looked(std::string_view json) {
  if (json.find("\\u") != json.npos) CheckJson(json, true);
  return TrimJson(json);
}

std::vector<std::string_view> Elements(std::string_view array) {
  std::vector<std::string_view> values;
  ForEachElement(array, [&](std::string_view value) {
    values.push_back(value);
    return true;
  });
  return values;
}

Slice ElementAt(std::string_view array, int64_t index) {
  std::vector<std::string_view> values = Elements(array);
  auto size = static_cast<int64_t>(values.size());
  if (index < 0) index += size;
  if (index < 0 || index >= size) return std::nullopt;
  return values[static_cast<size_t>(index)];
}

Slice Member(std::string_view value, std::string_view key) {
  return KindOfJson(value) == JsonKind::kObject ? FindMember(value, key) : std::nullopt;
}

Slice JsonGet(std::string_view json, std::string_view key) { return Member(Looked(json), key); }
Slice JsonbGet(std::string_view jsonb, std::string_view key) { return Member(jsonb, key); }

Slice JsonGetAt(std::string_view json, int32_t index) {
  std::string_view value = Looked(json);
  return KindOfJson(value) == JsonKind::kArray ? ElementAt(value, index) : std::nullopt;
}

Slice JsonbGetAt(std::string_view jsonb, int32_t index) {
  JsonKind kind = KindOfJson(jsonb);
  if (IsJsonScalar(kind)) return index == 0 || index == -1 ? Slice(jsonb) : std::nullopt;
  return kind == JsonKind::kArray ? ElementAt(jsonb, index) : std::nullopt;
}

// ->> and #>>
Texts AsText(Slice value) {
  if (!value || KindOfJson(*value) == JsonKind::kNull) return std::nullopt;
  return KindOfJson(*value) == JsonKind::kString ? DecodeJson(*value) : std::string(*value);
}

Texts JsonGetText(std::string_view json, std::string_view key) { return AsText(JsonGet(json, key)); }
Texts JsonGetTextAt(std::string_view json, int32_t index) { return AsText(JsonGetAt(json, index)); }
Texts JsonbGetText(std::string_view jsonb, std::string_view key) { return AsText(JsonbGet(jsonb, key)); }
Texts JsonbGetTextAt(std::string_view jsonb, int32_t index) { return AsText(JsonbGetAt(jsonb, index)); }

// As strtol reads it, all of the text.
std::optional<int32_t> Position(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int32_t position = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return position;
}

Slice Follow(std::string_view value, std::string_view path) {
  Slice at = value;
  for (std::string_view step : Elements(path)) {
    std::string name = DecodeJson(step);
    std::optional<int32_t> position = Position(name);
    switch (KindOfJson(*at)) {
      case JsonKind::kObject: at = FindMember(*at, name); break;
      case JsonKind::kArray: at = position ? ElementAt(*at, *position) : std::nullopt; break;
      default: return std::nullopt;
    }
    if (!at) return std::nullopt;
  }
  return at;
}

Slice JsonPath(std::string_view json, std::string_view path) { return Follow(Looked(json), path); }
Slice JsonbPath(std::string_view jsonb, std::string_view path) { return Follow(jsonb, path); }
Texts JsonPathText(std::string_view json, std::string_view path) { return AsText(JsonPath(json, path)); }
Texts JsonbPathText(std::string_view jsonb, std::string_view path) { return AsText(JsonbPath(jsonb, path)); }

std::string_view TypeOf(std::string_view json) {
  switch (KindOfJson(TrimJson(json))) {
    case JsonKind::kObject: return "object";
    case JsonKind::kArray: return "array";
    case JsonKind::kString: return "string";
    case JsonKind::kBoolean: return "boolean";
    case JsonKind::kNull: return "null";
    default: return "number";
  }
}

int32_t ArrayLength(std::string_view json) {
  std::string_view value = TrimJson(json);
  JsonKind kind = KindOfJson(value);
  if (IsJsonScalar(kind)) ThrowReport("22023", "cannot get array length of a scalar");
  if (kind == JsonKind::kObject) ThrowReport("22023", "cannot get array length of a non-array");
  return static_cast<int32_t>(Elements(value).size());
}

// ---------------------------------------------------------------- comparing

// Numbers of a jsonb have no exponent: zeros behind the point, and then the point, can go.
std::string Key(std::string_view jsonb) {
  std::string key;
  for (size_t at = 0; at < jsonb.size();) {
    if (jsonb[at] == '"') {
      size_t end = at + 1;
      while (jsonb[end] != '"') end += jsonb[end] == '\\' ? 2 : 1;
      key += jsonb.substr(at, end + 1 - at);
      at = end + 1;
    } else if (jsonb[at] >= '0' && jsonb[at] <= '9') {
      size_t end = std::min(jsonb.find_first_not_of("0123456789.", at), jsonb.size());
      std::string_view number = jsonb.substr(at, end - at);
      if (number.find('.') != number.npos) {
        number = number.substr(0, number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.remove_suffix(1);
      }
      key += number;
      at = end;
    } else {
      key += jsonb[at++];
    }
  }
  return key;
}

bool ContainsValue(std::string_view whole, std::string_view part);

bool ContainsElement(const std::vector<std::string_view>& values, std::string_view element) {
  bool scalar = IsJsonScalar(KindOfJson(element));
  std::string key = scalar ? Key(element) : std::string();
  return std::any_of(values.begin(), values.end(), [&](std::string_view value) {
    return scalar ? IsJsonScalar(KindOfJson(value)) && Key(value) == key : ContainsValue(value, element);
  });
}

bool ContainsValue(std::string_view whole, std::string_view part) {
  JsonKind kind = KindOfJson(whole);
  if (kind != KindOfJson(part)) return false;
  if (IsJsonScalar(kind)) return Key(whole) == Key(part);
  bool contained = true;
  if (kind == JsonKind::kArray) {
    std::vector<std::string_view> values = Elements(whole);
    ForEachElement(part, [&](std::string_view element) { return contained = ContainsElement(values, element); });
  } else {
    ForEachMember(part, [&](std::string_view key, std::string_view value) {
      Slice found = FindMember(whole, DecodeJson(key));
      return contained = found && ContainsValue(*found, value);
    });
  }
  return contained;
}

// A scalar alone may be contained in an array, and in a scalar.
bool Contains(std::string_view whole, std::string_view part) {
  JsonKind kind = KindOfJson(whole);
  if (kind == JsonKind::kArray && IsJsonScalar(KindOfJson(part))) return ContainsElement(Elements(whole), part);
  return ContainsValue(whole, part);
}

bool HasKey(std::string_view jsonb, std::string_view key) {
  JsonKind kind = KindOfJson(jsonb);
  if (kind == JsonKind::kObject) return FindMember(jsonb, key).has_value();
  if (kind == JsonKind::kString) return DecodeJson(jsonb) == key;
  bool found = false;
  if (kind == JsonKind::kArray) {
    ForEachElement(jsonb, [&](std::string_view value) {
      found = KindOfJson(value) == JsonKind::kString && DecodeJson(value) == key;
      return !found;
    });
  }
  return found;
}

bool HasAnyKey(std::string_view jsonb, std::string_view keys) {
  std::vector<std::string_view> all = Elements(keys);
  return std::any_of(all.begin(), all.end(), [&](std::string_view key) { return HasKey(jsonb, DecodeJson(key)); });
}

bool HasAllKeys(std::string_view jsonb, std::string_view keys) {
  std::vector<std::string_view> all = Elements(keys);
  return std::all_of(all.begin(), all.end(), [&](std::string_view key) { return HasKey(jsonb, DecodeJson(key)); });
}

// ---------------------------------------------------------------- changing

// Members by their keys with quotes; NormalizeJson brings them into order and drops what is there twice.
std::string ConcatObjects(std::string_view left, std::string_view right) {
  if (left == "{}") return std::string(right);
  if (right == "{}") return std::string(left);
  std::string both(left.substr(0, left.size() - 1));
  both += ", ";
  both += right.substr(1);
  return NormalizeJson(both);
}

// The elements, without brackets; what is no array is one element.
std::string_view Inside(std::string_view value) {
  return KindOfJson(value) == JsonKind::kArray ? value.substr(1, value.size() - 2) : value;
}

std::string Concat(std::string_view left, std::string_view right) {
  if (KindOfJson(left) == JsonKind::kObject && KindOfJson(right) == JsonKind::kObject)
    return ConcatObjects(left, right);
  std::string_view first = Inside(left);
  std::string_view second = Inside(right);
  return fmt::format("[{}{}{}]", first, first.empty() || second.empty() ? "" : ", ", second);
}

void Append(std::string& text, std::string_view part) {
  if (text.size() > 1) text += ", ";
  text += part;
}

template <class Predicate>
std::string DeleteNames(std::string_view jsonb, Predicate is_deleted) {
  JsonKind kind = KindOfJson(jsonb);
  if (IsJsonScalar(kind)) ThrowReport("22023", "cannot delete from scalar");
  std::string result(jsonb.substr(0, 1));
  if (kind == JsonKind::kObject) {
    ForEachMember(jsonb, [&](std::string_view key, std::string_view value) {
      if (!is_deleted(DecodeJson(key))) Append(result, fmt::format("{}: {}", key, value));
      return true;
    });
  } else {
    ForEachElement(jsonb, [&](std::string_view value) {
      if (KindOfJson(value) != JsonKind::kString || !is_deleted(DecodeJson(value))) Append(result, value);
      return true;
    });
  }
  result += jsonb.back();
  return result;
}

std::string Delete(std::string_view jsonb, std::string_view key) {
  return DeleteNames(jsonb, [&](const std::string& name) { return name == key; });
}

std::string DeleteAll(std::string_view jsonb, std::string_view keys) {
  std::vector<std::string> names;
  for (std::string_view key : Elements(keys)) names.push_back(DecodeJson(key));
  return DeleteNames(
      jsonb, [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); });
}

std::string DeleteAt(std::string_view jsonb, int32_t index) {
  JsonKind kind = KindOfJson(jsonb);
  if (IsJsonScalar(kind)) ThrowReport("22023", "cannot delete from scalar");
  if (kind == JsonKind::kObject) ThrowReport("22023", "cannot delete from object using integer index");
  std::vector<std::string_view> values = Elements(jsonb);
  auto size = static_cast<int64_t>(values.size());
  int64_t at = index < 0 ? index + size : index;
  std::string result = "[";
  for (int64_t i = 0; i < size; ++i) {
    if (i != at) Append(result, values[static_cast<size_t>(i)]);
  }
  return result + "]";
}

std::string StripNulls(std::string_view jsonb) {
  JsonKind kind = KindOfJson(jsonb);
  if (IsJsonScalar(kind)) return std::string(jsonb);
  std::string result(jsonb.substr(0, 1));
  if (kind == JsonKind::kArray) {
    for (std::string_view value : Elements(jsonb)) Append(result, StripNulls(value));
  } else {
    ForEachMember(jsonb, [&](std::string_view key, std::string_view value) {
      if (KindOfJson(value) != JsonKind::kNull) Append(result, fmt::format("{}: {}", key, StripNulls(value)));
      return true;
    });
  }
  result += jsonb.back();
  return result;
}

std::string PrettyAt(std::string_view jsonb, size_t level) {
  JsonKind kind = KindOfJson(jsonb);
  if (IsJsonScalar(kind)) return std::string(jsonb);
  std::string result(jsonb.substr(0, 1));
  std::string indent(4 * (level + 1), ' ');
  auto start = [&] { result += (result.size() > 1 ? ",\n" : "\n") + indent; };
  if (kind == JsonKind::kArray) {
    for (std::string_view value : Elements(jsonb)) {
      start();
      result += PrettyAt(value, level + 1);
    }
  } else {
    ForEachMember(jsonb, [&](std::string_view key, std::string_view value) {
      start();
      result += fmt::format("{}: {}", key, PrettyAt(value, level + 1));
      return true;
    });
  }
  result += "\n" + std::string(4 * level, ' ') + jsonb.back();
  return result;
}

std::string Pretty(std::string_view jsonb) { return PrettyAt(jsonb, 0); }

// ---------------------------------------------------------------- building

std::string Quote(std::string_view text) { return QuoteJson(text); }

// The text of a float: NaN and infinities are no JSON numbers.
std::string Number(std::string_view text) {
  char last = text.back();
  return last >= '0' && last <= '9' ? std::string(text) : QuoteJson(text);
}

}  // namespace

void RegisterPgJson(duckdb::ExtensionLoader& loader) {
  RegisterScalar<JsonIn>(loader, "pg_json_in");
  RegisterScalar<JsonbIn>(loader, "pg_jsonb_in");
  RegisterScalar<JsonGet, JsonGetAt>(loader, "pg_json_get");
  RegisterScalar<JsonbGet, JsonbGetAt>(loader, "pg_jsonb_get");
  RegisterScalar<JsonGetText, JsonGetTextAt>(loader, "pg_json_get_text");
  RegisterScalar<JsonbGetText, JsonbGetTextAt>(loader, "pg_jsonb_get_text");
  RegisterScalar<JsonPath>(loader, "pg_json_path");
  RegisterScalar<JsonbPath>(loader, "pg_jsonb_path");
  RegisterScalar<JsonPathText>(loader, "pg_json_path_text");
  RegisterScalar<JsonbPathText>(loader, "pg_jsonb_path_text");
  RegisterScalar<TypeOf>(loader, "pg_json_typeof");
  RegisterScalar<ArrayLength>(loader, "pg_json_array_length");
  RegisterScalar<Key>(loader, "pg_jsonb_key");
  RegisterScalar<Contains>(loader, "pg_jsonb_contains");
  RegisterScalar<HasKey>(loader, "pg_jsonb_exists");
  RegisterScalar<HasAnyKey>(loader, "pg_jsonb_exists_any");
  RegisterScalar<HasAllKeys>(loader, "pg_jsonb_exists_all");
  RegisterScalar<Concat>(loader, "pg_jsonb_concat");
  RegisterScalar<Delete, DeleteAt>(loader, "pg_jsonb_delete");
  RegisterScalar<DeleteAll>(loader, "pg_jsonb_delete_all");
  RegisterScalar<StripNulls>(loader, "pg_jsonb_strip_nulls");
  RegisterScalar<Pretty>(loader, "pg_jsonb_pretty");
  RegisterScalar<Quote>(loader, "pg_json_quote");
  RegisterScalar<Number>(loader, "pg_json_number");
}

}  // namespace lake::server
