// See the header.
#include "server/lake/variant_binary.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "base/civil_time.h"
#include "base/text_encoding.h"
#include "base/uuid.h"
#include "server/functions/json_text.h"
#include "wire/binary_value.h"

namespace lake::server {

namespace {

enum class BasicType : uint8_t { kPrimitive, kShortString, kObject, kArray };

enum class PrimitiveType : uint8_t {
  kNull,
  kTrue,
  kFalse,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kDouble,
  kDecimal4,  // a byte for the scale, then the unscaled number
  kDecimal8,
  kDecimal16,
  kDate,           // int32 days
  kTimestampTz,    // int64 microseconds, in UTC
  kTimestamp,      // without zone
  kFloat,          //
  kBinary,         // uint32 length
  kString,         // uint32 length
  kTime,           // int64 microseconds
  kTimestampTzNs,  // int64 nanoseconds
  kTimestampNs,    //
  kUuid,           // 16 bytes, big-endian
};

constexpr uint8_t kVersion = 1;
constexpr uint8_t kSortedNames = 1 << 4;
constexpr size_t kMaxShortString = 63;
constexpr int kMaxDecimalDigits = 38;
constexpr int64_t kMicrosPerSecond = 1'000'000;

Error Broken(std::string_view what) { return Corrupt("invalid variant: {}", what); }

uint64_t LoadLittle(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

template <typename T>
T LoadSigned(std::string_view bytes) {
  return static_cast<T>(LoadLittle(bytes, 0, sizeof(T)));
}

Int128 LoadUnscaled(std::string_view bytes) {
  if (bytes.size() == 4) return LoadSigned<int32_t>(bytes);
  if (bytes.size() == 8) return LoadSigned<int64_t>(bytes);
  auto high = static_cast<int64_t>(LoadLittle(bytes, 8, 8));
  return static_cast<Int128>(high) << 64 | LoadLittle(bytes, 0, 8);
}

/// Offsets of values that lie one behind the other, or of names.
struct Offsets {
  std::string_view bytes;
  size_t width = 1;
  size_t operator[](size_t i) const { return LoadLittle(bytes, i * width, width); }
};

/// Takes so many bytes off the front.
Result<std::string_view> Take(std::string_view& bytes, size_t count, std::string_view what) {
  if (bytes.size() < count) return Broken(fmt::format("{} {} bytes where {} are needed", what, bytes.size(), count));
  std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

/// Without zeros at the end of the fraction, as Java prints it.
std::string ShortFraction(std::string text) {
  if (text.find('.') != text.npos) text.erase(text.find_last_not_of('0') + 1);
  return text;
}

void AppendTimestamp(std::string text, bool in_utc, std::string& json) {
  text[text.find('T')] = ' ';
  json += fmt::format("\"{}{}\"", ShortFraction(std::move(text)), in_utc ? "+00:00" : "");
}

template <typename T>
void AppendFloating(T value, std::string& json) {
  if (std::isfinite(value)) {
    json += fmt::format("{}", value);
  } else {
    json += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
}

/// One value and what lies in it. Each byte may be read once: else a few bytes, named again and again, would become
/// more text than any memory holds.
class Reader {
 public:
  Reader(const VariantNames& names, std::string_view value, std::string& json)
      : names_(names), unread_(value.size()), json_(json) {}

  Status Value(std::string_view bytes, int depth) {
    if (depth > kMaxVariantDepth) return Broken(fmt::format("more than {} levels", kMaxVariantDepth));
    if (bytes.empty()) return Broken("no bytes");
    auto header = static_cast<uint8_t>(bytes[0]);
    LAKE_RETURN_IF_ERROR(Note(1));
    bytes.remove_prefix(1);
    switch (static_cast<BasicType>(header & 3)) {
      case BasicType::kPrimitive: return Primitive(static_cast<PrimitiveType>(header >> 2), bytes);
      case BasicType::kShortString: return String(bytes, header >> 2);
      case BasicType::kObject: {
        json_ += '{';
        LAKE_RETURN_IF_ERROR(Members(header >> 2, bytes, depth));
        json_ += '}';
        return {};
      }
      case BasicType::kArray: return Array(header >> 2, bytes, depth);
    }
    return {};
  }

  Status Members(uint8_t header, std::string_view bytes, int depth) {
    size_t id_bytes = (header >> 2 & 3) + 1;
    LAKE_ASSIGN_OR_RETURN(size_t count, Size(bytes, (header & 1 << 4) != 0));
    LAKE_ASSIGN_OR_RETURN(std::string_view ids, Table(bytes, count, id_bytes));
    LAKE_ASSIGN_OR_RETURN(Offsets offsets, TakeOffsets(bytes, count, (header & 3) + 1));
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) json_ += ',';
      LAKE_ASSIGN_OR_RETURN(std::string_view name, names_.At(LoadLittle(ids, i * id_bytes, id_bytes)));
      LAKE_RETURN_IF_ERROR(AppendVariantString(name, json_));
      json_ += ':';
      if (offsets[i] > bytes.size()) return Broken("a field lies outside of its object");
      LAKE_RETURN_IF_ERROR(Value(bytes.substr(offsets[i]), depth + 1));  // in any order: its length is its own affair
    }
    return {};
  }

 private:
  Status Note(size_t bytes) {
    if (bytes > unread_) return Broken("values overlap");
    unread_ -= bytes;
    return {};
  }

  Result<size_t> Size(std::string_view& bytes, bool is_large) {
    size_t width = is_large ? 4 : 1;
    LAKE_ASSIGN_OR_RETURN(std::string_view size, Take(bytes, width, "size has"));
    LAKE_RETURN_IF_ERROR(Note(width));
    return LoadLittle(size, 0, width);
  }

  Result<std::string_view> Table(std::string_view& bytes, size_t count, size_t width) {
    LAKE_RETURN_IF_ERROR(Note(count * width));
    return Take(bytes, count * width, "table has");
  }

  Result<Offsets> TakeOffsets(std::string_view& bytes, size_t count, size_t width) {
    LAKE_ASSIGN_OR_RETURN(std::string_view table, Table(bytes, count + 1, width));
    return Offsets{table, width};
  }

  Status Array(uint8_t header, std::string_view bytes, int depth) {
    LAKE_ASSIGN_OR_RETURN(size_t count, Size(bytes, (header & 1 << 2) != 0));
    LAKE_ASSIGN_OR_RETURN(Offsets offsets, TakeOffsets(bytes, count, (header & 3) + 1));
    json_ += '[';
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) json_ += ',';
      if (offsets[i] > bytes.size()) return Broken("an element lies outside of its array");
      LAKE_RETURN_IF_ERROR(Value(bytes.substr(offsets[i]), depth + 1));
    }
    json_ += ']';
    return {};
  }

  Result<std::string_view> Content(std::string_view bytes, size_t count) {
    LAKE_ASSIGN_OR_RETURN(std::string_view content, Take(bytes, count, "value has"));
    LAKE_RETURN_IF_ERROR(Note(count));
    return content;
  }

  Status String(std::string_view bytes, size_t length) {
    LAKE_ASSIGN_OR_RETURN(std::string_view text, Content(bytes, length));
    return AppendVariantString(text, json_);
  }

  /// Behind its length.
  Result<std::string_view> Counted(std::string_view bytes) {
    LAKE_ASSIGN_OR_RETURN(std::string_view length, Content(bytes, 4));
    return Content(bytes.substr(4), LoadLittle(length, 0, 4));
  }

  template <typename T>
  Status Integer(std::string_view bytes) {
    LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, sizeof(T)));
    json_ += fmt::format("{}", static_cast<int64_t>(LoadSigned<T>(content)));
    return {};
  }

  Status Decimal(std::string_view bytes, size_t size) {
    LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, size + 1));
    auto scale = static_cast<uint8_t>(content[0]);
    if (scale > kMaxDecimalDigits) return Broken(fmt::format("a decimal of scale {}", scale));
    AppendVariantDecimal(LoadUnscaled(content.substr(1)), scale, json_);
    return {};
  }

  /// A temporal type of 8 bytes.
  Status Time(PrimitiveType type, std::string_view bytes) {
    LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, 8));
    auto count = LoadSigned<int64_t>(content);
    switch (type) {
      case PrimitiveType::kTime:
        if (count < 0 || count >= 24 * 3600 * kMicrosPerSecond) return Broken("a time outside of its day");
        AppendVariantTime(count * 1000, json_);
        return {};
      case PrimitiveType::kTimestampTz:
      case PrimitiveType::kTimestamp:
        AppendVariantTimestampMicros(count, type == PrimitiveType::kTimestampTz, json_);
        return {};
      default: AppendVariantTimestampNanos(count, type == PrimitiveType::kTimestampTzNs, json_); return {};
    }
  }

  Status Primitive(PrimitiveType type, std::string_view bytes) {
    switch (type) {
      case PrimitiveType::kNull: json_ += "null"; return {};
      case PrimitiveType::kTrue: json_ += "true"; return {};
      case PrimitiveType::kFalse: json_ += "false"; return {};
      case PrimitiveType::kInt8: return Integer<int8_t>(bytes);
      case PrimitiveType::kInt16: return Integer<int16_t>(bytes);
      case PrimitiveType::kInt32: return Integer<int32_t>(bytes);
      case PrimitiveType::kInt64: return Integer<int64_t>(bytes);
      case PrimitiveType::kDecimal4: return Decimal(bytes, 4);
      case PrimitiveType::kDecimal8: return Decimal(bytes, 8);
      case PrimitiveType::kDecimal16: return Decimal(bytes, 16);
      case PrimitiveType::kDouble: {
        LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, 8));
        AppendVariantDouble(std::bit_cast<double>(LoadLittle(content, 0, 8)), json_);
        return {};
      }
      case PrimitiveType::kFloat: {
        LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, 4));
        AppendVariantFloat(std::bit_cast<float>(static_cast<uint32_t>(LoadLittle(content, 0, 4))), json_);
        return {};
      }
      case PrimitiveType::kDate: {
        LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, 4));
        AppendVariantDate(LoadSigned<int32_t>(content), json_);
        return {};
      }
      case PrimitiveType::kTime:
      case PrimitiveType::kTimestampTz:
      case PrimitiveType::kTimestamp:
      case PrimitiveType::kTimestampTzNs:
      case PrimitiveType::kTimestampNs: return Time(type, bytes);
      case PrimitiveType::kString: {
        LAKE_ASSIGN_OR_RETURN(std::string_view text, Counted(bytes));
        return AppendVariantString(text, json_);
      }
      case PrimitiveType::kBinary: {
        LAKE_ASSIGN_OR_RETURN(std::string_view content, Counted(bytes));
        AppendVariantBinary(content, json_);
        return {};
      }
      case PrimitiveType::kUuid: {
        LAKE_ASSIGN_OR_RETURN(std::string_view content, Content(bytes, 16));
        lake::Uuid uuid;
        std::memcpy(uuid.bytes.data(), content.data(), content.size());
        json_ += fmt::format("\"{}\"", uuid.ToString());
        return {};
      }
    }
    return Broken(fmt::format("primitive type {} is not known", static_cast<int>(type)));
  }

  const VariantNames& names_;
  size_t unread_;
  std::string& json_;
};

// ---- writing

void StoreLittle(std::string& bytes, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i, value >>= 8) bytes += static_cast<char>(value);
}

/// Bytes that an offset or a field id of at most `most` takes: 1 to 4.
size_t BytesOf(size_t most) { return most < 1 << 8 ? 1 : most < 1 << 16 ? 2 : most < 1 << 24 ? 3 : 4; }

void StoreHeader(std::string& bytes, BasicType type, uint8_t header) {
  bytes += static_cast<char>(header << 2 | static_cast<uint8_t>(type));
}

void StoreType(std::string& bytes, PrimitiveType type) {
  StoreHeader(bytes, BasicType::kPrimitive, static_cast<uint8_t>(type));
}

class Writer {
 public:
  Result<VariantBytes> Encode(std::string_view json) {
    LAKE_RETURN_IF_ERROR(CollectNames(json, 0));
    VariantBytes bytes;
    bytes.metadata = Metadata();
    LAKE_RETURN_IF_ERROR(Value(json, bytes.value));
    if (std::max(bytes.metadata.size(), bytes.value.size()) > std::numeric_limits<int32_t>::max()) {
      return InvalidInput("a variant of more than 2 GB");
    }
    return bytes;
  }

 private:
  Status CollectNames(std::string_view json, int depth) {
    if (depth > kMaxVariantDepth) return InvalidInput("a variant has at most {} levels", kMaxVariantDepth);
    Status status;
    JsonKind kind = KindOfJson(json);
    if (kind == JsonKind::kArray) {
      ForEachElement(json, [&](std::string_view value) {
        status = CollectNames(value, depth + 1);
        return status.ok();
      });
    } else if (kind == JsonKind::kObject) {
      ForEachMember(json, [&](std::string_view key, std::string_view value) {
        ids_.emplace(DecodeJson(key), 0);
        status = CollectNames(value, depth + 1);
        return status.ok();
      });
    }
    return status;
  }

  /// Numbers the names, too: in their order, which is that of the fields of objects.
  std::string Metadata() {
    size_t length = 0;
    uint32_t next = 0;
    for (auto& [name, id] : ids_) {
      length += name.size();
      id = next++;
    }
    size_t width = BytesOf(std::max(length, ids_.size()));
    std::string bytes(1, static_cast<char>(kVersion | kSortedNames | (width - 1) << 6));
    StoreLittle(bytes, ids_.size(), width);
    size_t offset = 0;
    StoreLittle(bytes, offset, width);
    for (const auto& [name, id] : ids_) StoreLittle(bytes, offset += name.size(), width);
    for (const auto& [name, id] : ids_) bytes += name;
    return bytes;
  }

  Status Value(std::string_view json, std::string& bytes) const {
    switch (KindOfJson(json)) {
      case JsonKind::kNull: StoreType(bytes, PrimitiveType::kNull); return {};
      case JsonKind::kBoolean:
        StoreType(bytes, json == "true" ? PrimitiveType::kTrue : PrimitiveType::kFalse);
        return {};
      case JsonKind::kNumber: return Number(json, bytes);
      case JsonKind::kString: String(DecodeJson(json), bytes); return {};
      case JsonKind::kArray: return Array(json, bytes);
      case JsonKind::kObject: return Object(json, bytes);
    }
    return {};
  }

  static void String(const std::string& text, std::string& bytes) {
    if (text.size() <= kMaxShortString) {
      StoreHeader(bytes, BasicType::kShortString, static_cast<uint8_t>(text.size()));
    } else {
      StoreType(bytes, PrimitiveType::kString);
      StoreLittle(bytes, text.size(), 4);
    }
    bytes += text;
  }

  Status Array(std::string_view json, std::string& bytes) const {
    std::string values;
    std::vector<size_t> offsets = {0};
    Status status;
    ForEachElement(json, [&](std::string_view element) {
      status = Value(element, values);
      offsets.push_back(values.size());
      return status.ok();
    });
    LAKE_RETURN_IF_ERROR(status);
    size_t count = offsets.size() - 1;
    size_t width = BytesOf(values.size());
    bool is_large = count > std::numeric_limits<uint8_t>::max();
    StoreHeader(bytes, BasicType::kArray, static_cast<uint8_t>((is_large ? 1 << 2 : 0) | (width - 1)));
    StoreLittle(bytes, count, is_large ? 4 : 1);
    for (size_t offset : offsets) StoreLittle(bytes, offset, width);
    bytes += values;
    return {};
  }

  Status Object(std::string_view json, std::string& bytes) const {
    std::map<uint32_t, size_t> fields;  // ids, in the order of their names, and offsets
    std::string values;
    Status status;
    ForEachMember(json, [&](std::string_view key, std::string_view value) {
      fields.emplace(ids_.at(DecodeJson(key)), values.size());
      status = Value(value, values);
      return status.ok();
    });
    LAKE_RETURN_IF_ERROR(status);
    size_t id_width = fields.empty() ? 1 : BytesOf(fields.rbegin()->first);
    size_t width = BytesOf(values.size());
    bool is_large = fields.size() > std::numeric_limits<uint8_t>::max();
    StoreHeader(bytes, BasicType::kObject,
                static_cast<uint8_t>((is_large ? 1 << 4 : 0) | (id_width - 1) << 2 | (width - 1)));
    StoreLittle(bytes, fields.size(), is_large ? 4 : 1);
    for (const auto& [id, offset] : fields) StoreLittle(bytes, id, id_width);
    for (const auto& [id, offset] : fields) StoreLittle(bytes, offset, width);
    StoreLittle(bytes, values.size(), width);
    bytes += values;
    return {};
  }

  template <typename T>
  static bool TryInteger(int64_t value, PrimitiveType type, std::string& bytes) {
    if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return false;
    StoreType(bytes, type);
    StoreLittle(bytes, static_cast<uint64_t>(value), sizeof(T));
    return true;
  }

  static Status Number(std::string_view json, std::string& bytes) {
    size_t point = std::min(json.find('.'), json.size());
    int scale = point == json.size() ? 0 : static_cast<int>(json.size() - point - 1);
    std::string digits(json.substr(0, point));
    digits += json.substr(json.size() - static_cast<size_t>(scale));
    auto unscaled = ParseInt128(digits);
    if (!unscaled.ok() || scale > kMaxDecimalDigits || DigitsOf(*unscaled) > kMaxDecimalDigits)
      return Double(json, bytes);
    bool is_long = *unscaled >= std::numeric_limits<int64_t>::min() && *unscaled <= std::numeric_limits<int64_t>::max();
    if (scale == 0 && is_long) {
      auto value = static_cast<int64_t>(*unscaled);
      static_cast<void>(TryInteger<int8_t>(value, PrimitiveType::kInt8, bytes) ||
                        TryInteger<int16_t>(value, PrimitiveType::kInt16, bytes) ||
                        TryInteger<int32_t>(value, PrimitiveType::kInt32, bytes) ||
                        TryInteger<int64_t>(value, PrimitiveType::kInt64, bytes));
      return {};
    }
    int precision = std::max(DigitsOf(*unscaled), scale);
    size_t size = precision <= 9 ? 4 : precision <= 18 ? 8 : 16;
    StoreType(bytes, size == 4   ? PrimitiveType::kDecimal4
                     : size == 8 ? PrimitiveType::kDecimal8
                                 : PrimitiveType::kDecimal16);
    bytes += static_cast<char>(scale);
    StoreLittle(bytes, static_cast<uint64_t>(*unscaled), std::min<size_t>(size, 8));
    if (size == 16) StoreLittle(bytes, static_cast<uint64_t>(*unscaled >> 64), 8);
    return {};
  }

  static int DigitsOf(Int128 value) {
    std::string text = Int128ToString(value);
    return static_cast<int>(text.size()) - (value < 0 ? 1 : 0);
  }

  static Status Double(std::string_view json, std::string& bytes) {
    double value = 0;
    auto parsed = std::from_chars(json.data(), json.data() + json.size(), value);
    if (parsed.ec != std::errc() || NormalizeJson(fmt::format("{}", value)) != json) {
      return InvalidInput("number {}{} is none that a variant can hold: a decimal of 38 digits or a double",
                          json.substr(0, 50), json.size() > 50 ? "..." : "")
          .WithHint("Store it as a string.");
    }
    StoreType(bytes, PrimitiveType::kDouble);
    StoreLittle(bytes, std::bit_cast<uint64_t>(value), 8);
    return {};
  }

  std::map<std::string, uint32_t> ids_;
};

}  // namespace

Result<VariantNames> VariantNames::Parse(std::string_view metadata) {
  if (metadata.empty()) return Broken("no metadata");
  auto header = static_cast<uint8_t>(metadata[0]);
  if ((header & 0xf) != kVersion) return Broken(fmt::format("metadata of version {}", header & 0xf));
  VariantNames names;
  names.offset_bytes_ = static_cast<size_t>(header >> 6) + 1;
  metadata.remove_prefix(1);
  LAKE_ASSIGN_OR_RETURN(std::string_view size, Take(metadata, names.offset_bytes_, "metadata has"));
  names.size_ = LoadLittle(size, 0, names.offset_bytes_);
  LAKE_ASSIGN_OR_RETURN(names.offsets_, Take(metadata, (names.size_ + 1) * names.offset_bytes_, "metadata has"));
  names.names_ = metadata;
  return names;
}

Result<std::string_view> VariantNames::At(size_t id) const {
  if (id >= size_) return Broken(fmt::format("field {} of {} names", id, size_));
  Offsets offsets{offsets_, offset_bytes_};
  size_t begin = offsets[id], end = offsets[id + 1];
  if (begin > end || end > names_.size()) return Broken("a name lies outside of the metadata");
  return names_.substr(begin, end - begin);
}

Status AppendVariant(const VariantNames& names, std::string_view value, std::string& json) {
  return Reader(names, value, json).Value(value, 0);
}

Status AppendVariantMembers(const VariantNames& names, std::string_view object, std::string& json) {
  auto header = object.empty() ? uint8_t{0} : static_cast<uint8_t>(object[0]);
  if (static_cast<BasicType>(header & 3) != BasicType::kObject) return Broken("a shredded object's rest is no object");
  return Reader(names, object, json).Members(header >> 2, object.substr(1), 0);
}

Status AppendVariantString(std::string_view text, std::string& json) {
  Status checked = wire::CheckText(text);
  if (!checked.ok()) return Broken(checked.error().message());
  json += QuoteJson(text);
  return {};
}

void AppendVariantDouble(double value, std::string& json) { AppendFloating(value, json); }

void AppendVariantFloat(float value, std::string& json) { AppendFloating(value, json); }

void AppendVariantDecimal(Int128 unscaled, int scale, std::string& json) {
  std::string text = Int128ToString(unscaled);
  size_t sign = unscaled < 0 ? 1 : 0;
  auto digits = static_cast<size_t>(scale);
  if (text.size() - sign <= digits) text.insert(sign, digits + 1 - (text.size() - sign), '0');
  if (scale > 0) text.insert(text.size() - digits, 1, '.');
  json += text;
}

void AppendVariantDate(int64_t days, std::string& json) { json += fmt::format("\"{}\"", FormatDate(days)); }

void AppendVariantTime(int64_t nanos, std::string& json) {
  json += fmt::format("\"{}\"", ShortFraction(FormatTimeNanos(nanos)));
}

void AppendVariantTimestampMicros(int64_t micros, bool in_utc, std::string& json) {
  AppendTimestamp(FormatTimestampMicros(micros), in_utc, json);
}

void AppendVariantTimestampNanos(int64_t nanos, bool in_utc, std::string& json) {
  AppendTimestamp(FormatTimestampNanos(nanos), in_utc, json);
}

void AppendVariantBinary(std::string_view bytes, std::string& json) {
  json += fmt::format("\"{}\"", Base64Encode(bytes));
}

Result<VariantBytes> EncodeVariant(std::string_view json) { return Writer().Encode(json); }

}  // namespace lake::server
