// See the header.
#include "server/lake/variant_column.h"

#include "base/civil_time.h"
#include "duckdb/common/operator/cast_operators.hpp"
#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/function/cast/default_casts.hpp"
#include "duckdb/function/cast_rules.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/hugeint.h"
#include "server/engine/lake_exception.h"
#include "server/functions/json_text.h"
#include "server/lake/nanoseconds.h"
#include "server/lake/variant_binary.h"

namespace lake::server {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;
using Format = duckdb::RecursiveUnifiedVectorFormat;

namespace {

/// Where the row's value is in the data; nullopt where it is null.
std::optional<idx_t> PositionOf(const Format& column, idx_t row) {
  idx_t at = column.unified.sel->get_index(row);
  if (!column.unified.validity.RowIsValid(at)) return std::nullopt;
  return at;
}

template <typename T>
const T& ValueAt(const Format& column, idx_t at) {
  return UnifiedVectorFormat::GetData<T>(column.unified)[at];
}

std::string_view BytesAt(const Format& column, idx_t at) {
  const auto& bytes = ValueAt<duckdb::string_t>(column, at);
  return {bytes.GetData(), bytes.GetSize()};
}

const Format* Part(const Format& group, std::string_view name) {
  const auto& fields = duckdb::StructType::GetChildTypes(group.logical_type);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].first == name) return &group.children[i];
  }
  return nullptr;
}

Int128 UnscaledAt(const Format& column, idx_t at) {
  switch (column.logical_type.InternalType()) {
    case duckdb::PhysicalType::INT16: return ValueAt<int16_t>(column, at);
    case duckdb::PhysicalType::INT32: return ValueAt<int32_t>(column, at);
    case duckdb::PhysicalType::INT64: return ValueAt<int64_t>(column, at);
    default: return FromHugeint(ValueAt<duckdb::hugeint_t>(column, at));
  }
}

Status AppendScalar(const Format& column, idx_t at, std::string& json) {
  const LogicalType& type = column.logical_type;
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN: json += ValueAt<bool>(column, at) ? "true" : "false"; return {};
    case LogicalTypeId::TINYINT: json += std::to_string(ValueAt<int8_t>(column, at)); return {};
    case LogicalTypeId::SMALLINT: json += std::to_string(ValueAt<int16_t>(column, at)); return {};
    case LogicalTypeId::INTEGER: json += std::to_string(ValueAt<int32_t>(column, at)); return {};
    case LogicalTypeId::BIGINT: json += std::to_string(ValueAt<int64_t>(column, at)); return {};
    case LogicalTypeId::FLOAT: AppendVariantFloat(ValueAt<float>(column, at), json); return {};
    case LogicalTypeId::DOUBLE: AppendVariantDouble(ValueAt<double>(column, at), json); return {};
    case LogicalTypeId::DECIMAL:
      AppendVariantDecimal(UnscaledAt(column, at), duckdb::DecimalType::GetScale(type), json);
      return {};
    case LogicalTypeId::DATE: AppendVariantDate(ValueAt<int32_t>(column, at), json); return {};
    case LogicalTypeId::TIME: AppendVariantTime(ValueAt<int64_t>(column, at) * 1000, json); return {};
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      AppendVariantTimestampMicros(ValueAt<int64_t>(column, at), type.id() == LogicalTypeId::TIMESTAMP_TZ, json);
      return {};
    case LogicalTypeId::TIMESTAMP_NS:
      AppendVariantTimestampNanos(ValueAt<int64_t>(column, at), type == NanosecondsInUtc(), json);
      return {};
    case LogicalTypeId::VARCHAR: return AppendVariantString(BytesAt(column, at), json);
    case LogicalTypeId::BLOB: AppendVariantBinary(BytesAt(column, at), json); return {};
    case LogicalTypeId::UUID:
      json += '"' + duckdb::UUID::ToString(ValueAt<duckdb::hugeint_t>(column, at)) + '"';
      return {};
    default: return Corrupt("invalid variant: typed_value of type {}", type.ToString());
  }
}

/// One row of a variant group.
class Row {
 public:
  Row(const VariantNames& names, std::string& json) : names_(names), json_(json) {}

  /// Whether there is a value: not where `value` and `typed_value` are null. What a struct has in it is counted by rows
  /// as the struct is, not by the positions of its data: DuckDB slices all of them by themselves.
  Result<bool> Append(const Format& group, idx_t row) {
    if (!PositionOf(group, row)) return false;
    const Format* value = Part(group, "value");
    const Format* typed = Part(group, "typed_value");
    auto value_at = value != nullptr ? PositionOf(*value, row) : std::nullopt;
    auto typed_at = typed != nullptr ? PositionOf(*typed, row) : std::nullopt;
    std::optional<std::string_view> rest;
    if (value_at) rest = BytesAt(*value, *value_at);
    if (!typed_at) {
      if (!rest) return false;
      LAKE_RETURN_IF_ERROR(AppendVariant(names_, *rest, json_));
      return true;
    }
    if (typed->logical_type.id() == LogicalTypeId::STRUCT) {
      LAKE_RETURN_IF_ERROR(AppendObject(*typed, row, rest));
      return true;
    }
    if (rest) return Corrupt("invalid variant: a value that is shredded as a whole has another one beside it");
    if (typed->logical_type.id() == LogicalTypeId::LIST) {
      LAKE_RETURN_IF_ERROR(AppendArray(*typed, *typed_at));
    } else {
      LAKE_RETURN_IF_ERROR(AppendScalar(*typed, *typed_at, json_));
    }
    return true;
  }

 private:
  /// A name that is in both, which no writer may do, has its shredded value: the last of equal ones counts.
  Status AppendObject(const Format& object, idx_t row, std::optional<std::string_view> rest) {
    json_ += '{';
    size_t begin = json_.size();
    if (rest) LAKE_RETURN_IF_ERROR(AppendVariantMembers(names_, *rest, json_));
    const auto& fields = duckdb::StructType::GetChildTypes(object.logical_type);
    for (size_t i = 0; i < fields.size(); ++i) {
      LAKE_RETURN_IF_ERROR(CheckGroup(object.children[i]));
      size_t before = json_.size();
      if (before > begin) json_ += ',';
      LAKE_RETURN_IF_ERROR(AppendVariantString(fields[i].first, json_));
      json_ += ':';
      LAKE_ASSIGN_OR_RETURN(bool is_there, Append(object.children[i], row));
      if (!is_there) json_.resize(before);
    }
    json_ += '}';
    return {};
  }

  Status AppendArray(const Format& array, idx_t at) {
    const Format& element = array.children.front();
    LAKE_RETURN_IF_ERROR(CheckGroup(element));
    auto entry = ValueAt<duckdb::list_entry_t>(array, at);
    json_ += '[';
    for (idx_t i = 0; i < entry.length; ++i) {
      if (i > 0) json_ += ',';
      LAKE_ASSIGN_OR_RETURN(bool is_there, Append(element, entry.offset + i));
      if (!is_there) json_ += "null";
    }
    json_ += ']';
    return {};
  }

  static Status CheckGroup(const Format& column) {
    if (column.logical_type.id() == LogicalTypeId::STRUCT) return {};
    return Corrupt("invalid variant: a shredded field or element of type {}", column.logical_type.ToString());
  }

  const VariantNames& names_;
  std::string& json_;
};

std::string JsonOf(const Format& group, const Format& metadata, idx_t row) {
  auto names_at = PositionOf(metadata, row);
  if (!names_at) ThrowLakeError(Corrupt("invalid variant: no metadata"));
  VariantNames names = ValueOrThrow(VariantNames::Parse(BytesAt(metadata, *names_at)));
  std::string json;
  bool is_there = ValueOrThrow(Row(names, json).Append(group, row));
  return is_there ? NormalizeJson(json) : "null";
}

bool GroupToJson(Vector& source, Vector& result, idx_t count, duckdb::CastParameters&) {
  Format group;
  Vector::RecursiveToUnifiedFormat(source, count, group);
  const Format* metadata = Part(group, "metadata");
  if (metadata == nullptr || metadata->logical_type.id() != LogicalTypeId::BLOB) {
    ThrowLakeError(Corrupt("invalid variant: no metadata"));
  }
  if (const Format* value = Part(group, "value"); value != nullptr && value->logical_type.id() != LogicalTypeId::BLOB) {
    ThrowLakeError(Corrupt("invalid variant: value of type {}", value->logical_type.ToString()));
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* texts = duckdb::FlatVector::GetData<duckdb::string_t>(result);
  for (idx_t row = 0; row < count; ++row) {
    if (PositionOf(group, row)) {
      texts[row] = duckdb::StringVector::AddString(result, JsonOf(group, *metadata, row));
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  return true;
}

bool JsonToGroup(Vector& source, Vector& result, idx_t count, duckdb::CastParameters& parameters) {
  Format json;
  Vector::RecursiveToUnifiedFormat(source, count, json);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto& parts = duckdb::StructVector::GetEntries(result);
  bool all = true;
  auto store = [&](size_t part, idx_t row, const std::string& bytes) {
    duckdb::FlatVector::GetData<duckdb::string_t>(*parts[part])[row] =
        duckdb::StringVector::AddStringOrBlob(*parts[part], bytes);
  };
  for (idx_t row = 0; row < count; ++row) {
    auto at = PositionOf(json, row);
    if (!at) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    auto bytes = EncodeVariant(NormalizeJson(BytesAt(json, *at)));
    if (bytes.ok()) {
      store(0, row, bytes->metadata);
      store(1, row, bytes->value);
    } else {
      duckdb::HandleCastError::AssignError(bytes.error().message(), parameters);
      duckdb::FlatVector::SetNull(result, row, true);
      all = false;
    }
  }
  return all;
}

/// There is one entry for all structs.
duckdb::BoundCastInfo BindStructToText(duckdb::BindCastInput& input, const LogicalType& from, const LogicalType& to) {
  if (IsVariantGroup(from)) return duckdb::BoundCastInfo(GroupToJson);
  return duckdb::DefaultCasts::GetDefaultCastFunction(input, from, to);
}

}  // namespace

LogicalType VariantGroup(duckdb::child_list_t<LogicalType> fields) {
  LogicalType type = LogicalType::STRUCT(std::move(fields));
  type.SetAlias(kVariantAlias);
  return type;
}

LogicalType VariantInFile() { return VariantGroup({{"metadata", LogicalType::BLOB}, {"value", LogicalType::BLOB}}); }

void RegisterVariantCasts(duckdb::ExtensionLoader& loader) {
  LogicalType any_struct = LogicalType::STRUCT({{"any", LogicalType::ANY}});
  for (const LogicalType& text : {LogicalType(LogicalTypeId::VARCHAR), VariantText()}) {
    loader.RegisterCastFunction(any_struct, text, BindStructToText,
                                duckdb::CastRules::ImplicitCast(any_struct, LogicalType::VARCHAR));
  }
  loader.RegisterCastFunction(VariantText(), LogicalType::VARCHAR,
                              duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast));
  loader.RegisterCastFunction(LogicalType::VARCHAR, VariantInFile(), duckdb::BoundCastInfo(JsonToGroup));
}

}  // namespace lake::server
