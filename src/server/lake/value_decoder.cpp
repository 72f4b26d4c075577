// See the header.
#include "server/lake/value_decoder.h"

#include <algorithm>
#include <bit>

#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "server/lake/duck_types.h"
#include "wire/numeric.h"

namespace lake::server {

using duckdb::idx_t;
using iceberg::TypeId;

namespace {

template <typename T>
void Store(duckdb::data_ptr_t data, idx_t row, T value) {
  reinterpret_cast<T*>(data)[row] = value;
}

Error BadLength(const std::string& column, size_t length) {
  return InvalidInput("invalid binary value of {} bytes for column \"{}\"", length, column);
}

/// DuckDB's form: a 128-bit integer with the highest bit flipped.
duckdb::hugeint_t UuidOf(const char* bytes) {
  return {static_cast<int64_t>(wire::LoadBig64(bytes) ^ (uint64_t{1} << 63)), wire::LoadBig64(bytes + 8)};
}

bool IsIntervalStruct(const iceberg::Type& type) {
  if (type.id() != TypeId::kStruct || type.fields().size() != 3) return false;
  const auto& fields = type.fields();
  return fields[0].name == "months" && fields[0].type.id() == TypeId::kLong &&  //
         fields[1].name == "days" && fields[1].type.id() == TypeId::kLong &&    //
         fields[2].name == "microseconds" && fields[2].type.id() == TypeId::kLong;
}

}  // namespace

Result<ValueDecoder::Kind> ValueDecoder::KindOf(const std::string& name, const WireType& from,
                                                const iceberg::Type& to) {
  TypeId type = to.id();
  const std::string& wire = from.kind;
  if (wire == "bool" && type == TypeId::kBoolean) return Kind::kBool;
  if (wire == "int2" && type == TypeId::kInt) return Kind::kInt2AsInt;
  if (wire == "int2" && type == TypeId::kLong) return Kind::kInt2AsLong;
  if (wire == "int4" && type == TypeId::kInt) return Kind::kInt4;
  if (wire == "int4" && type == TypeId::kLong) return Kind::kInt4AsLong;
  if (wire == "int8" && type == TypeId::kLong) return Kind::kInt8;
  if (wire == "float4" && type == TypeId::kFloat) return Kind::kFloat4;
  if (wire == "float4" && type == TypeId::kDouble) return Kind::kFloat4AsDouble;
  if (wire == "float8" && type == TypeId::kDouble) return Kind::kFloat8;
  if (wire == "numeric" && type == TypeId::kDecimal) return Kind::kDecimal;
  if (wire == "date" && type == TypeId::kDate) return Kind::kDate;
  if (wire == "time" && type == TypeId::kTime) return Kind::kTime;
  if (wire == "timestamp" && (type == TypeId::kTimestamp || type == TypeId::kTimestampNs)) return Kind::kTimestamp;
  if (wire == "timestamptz" && (type == TypeId::kTimestampTz || type == TypeId::kTimestampTzNs))
    return Kind::kTimestamp;
  if (wire == "text" && (type == TypeId::kString || type == TypeId::kUnknown || type == TypeId::kVariant))
    return Kind::kText;
  bool is_binary =
      type == TypeId::kBinary || type == TypeId::kFixed || type == TypeId::kGeometry || type == TypeId::kGeography;
  if (wire == "bytea" && is_binary) return Kind::kBytes;
  if (wire == "uuid" && type == TypeId::kUuid) return Kind::kUuid;
  if (wire == "uuid" && type == TypeId::kString) return Kind::kUuidAsText;
  if (wire == "interval" && IsIntervalStruct(to)) return Kind::kInterval;
  if (wire == "list" && type == TypeId::kList) return Kind::kList;
  if (wire == "map" && type == TypeId::kMap) return Kind::kList;
  if (wire == "struct" && type == TypeId::kStruct) return Kind::kStruct;
  return InvalidInput("column \"{}\" of type {} cannot be written from wire type \"{}\"", name, to.ToString(), wire);
}

Result<ValueDecoder> ValueDecoder::Create(const std::string& name, const WireType& wire,
                                          const iceberg::NestedField& field, bool allows_infinite) {
  ValueDecoder decoder;
  decoder.name_ = name;
  LAKE_ASSIGN_OR_RETURN(decoder.kind_, KindOf(name, wire, field.type));
  LAKE_ASSIGN_OR_RETURN(decoder.type_, DuckType(field.type, name));
  decoder.required_ = field.required;
  decoder.allows_infinite_ = allows_infinite;
  decoder.physical_ = decoder.type_.InternalType();
  if (decoder.kind_ == Kind::kDecimal) {
    decoder.precision_ = field.type.precision();
    decoder.scale_ = field.type.scale();
  }
  LAKE_RETURN_IF_ERROR(decoder.AddChildren(wire, field.type));
  return decoder;
}

Status ValueDecoder::AddChildren(const WireType& wire, const iceberg::Type& type) {
  if (kind_ == Kind::kList) {
    iceberg::NestedField element = type.fields().front();
    WireType from = wire.fields.front();
    if (type.id() == TypeId::kMap) {
      element = {iceberg::FieldId{0}, "entry", true, iceberg::Type::Struct({type.key(), type.value()}), std::nullopt};
      from = {"struct", "", wire.fields};
      from.fields[0].name = type.key().name;
      from.fields[1].name = type.value().name;
    }
    LAKE_ASSIGN_OR_RETURN(auto child, Create(name_ + "." + element.name, from, element, allows_infinite_));
    children_.push_back(std::move(child));
  }
  if (kind_ != Kind::kStruct) return {};
  const auto& fields = type.fields();
  for (const WireType& from : wire.fields) {
    auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.name == from.name; });
    if (at == fields.end()) return Conflict("column \"{}.{}\" does not exist in the Iceberg table", name_, from.name);
    positions_.push_back(static_cast<size_t>(at - fields.begin()));
    LAKE_ASSIGN_OR_RETURN(auto child, Create(name_ + "." + at->name, from, *at, allows_infinite_));
    children_.push_back(std::move(child));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    if (std::find(positions_.begin(), positions_.end(), i) != positions_.end()) continue;
    if (fields[i].required) {
      return Conflict("column \"{}.{}\" is required by the Iceberg table but not written", name_, fields[i].name);
    }
    absent_.push_back(i);
  }
  return {};
}

void ValueDecoder::SetTarget(duckdb::Vector& vector) {
  vector_ = &vector;
  data_ = duckdb::FlatVector::GetData(vector);
  if (kind_ == Kind::kList) return children_.front().SetTarget(duckdb::ListVector::GetEntry(vector));
  if (kind_ != Kind::kStruct && kind_ != Kind::kInterval) return;
  auto& entries = duckdb::StructVector::GetEntries(vector);
  for (size_t i = 0; i < children_.size(); ++i) children_[i].SetTarget(*entries[positions_[i]]);
  for (size_t i = 0; kind_ == Kind::kInterval && i < 3; ++i) intervals_[i] = duckdb::FlatVector::GetData(*entries[i]);
}

Status ValueDecoder::SetNull(idx_t row) {
  if (required_) return InvalidInput("null value in column \"{}\", which the Iceberg table requires", name_);
  MarkNull(row);
  return {};
}

/// Also what lies in it, so that nobody who looks there finds a value, or a list of nowhere.
void ValueDecoder::MarkNull(idx_t row) {
  duckdb::FlatVector::SetNull(*vector_, row, true);  // and, of a struct, its fields
  if (kind_ == Kind::kList) {
    Store(data_, row, duckdb::list_entry_t{0, 0});
  } else {
    for (ValueDecoder& child : children_) child.MarkNull(row);
  }
}

Status ValueDecoder::Decode(std::string_view bytes, idx_t row) {
  size_t wanted = 0;
  switch (kind_) {
    case Kind::kBool: wanted = 1; break;
    case Kind::kInt2AsInt:
    case Kind::kInt2AsLong: wanted = 2; break;
    case Kind::kInt4:
    case Kind::kInt4AsLong:
    case Kind::kFloat4:
    case Kind::kFloat4AsDouble:
    case Kind::kDate: wanted = 4; break;
    case Kind::kInt8:
    case Kind::kFloat8:
    case Kind::kTime:
    case Kind::kTimestamp: wanted = 8; break;
    case Kind::kUuid:
    case Kind::kUuidAsText:
    case Kind::kInterval: wanted = 16; break;
    default: wanted = bytes.size();
  }
  if (bytes.size() != wanted) return BadLength(name_, bytes.size());
  const char* from = bytes.data();
  switch (kind_) {
    case Kind::kBool: Store<bool>(data_, row, *from != 0); return {};
    case Kind::kInt2AsInt: Store<int32_t>(data_, row, static_cast<int16_t>(wire::LoadBig16(from))); return {};
    case Kind::kInt2AsLong: Store<int64_t>(data_, row, static_cast<int16_t>(wire::LoadBig16(from))); return {};
    case Kind::kInt4AsLong: Store<int64_t>(data_, row, static_cast<int32_t>(wire::LoadBig32(from))); return {};
    case Kind::kFloat4: Store<uint32_t>(data_, row, wire::LoadBig32(from)); return {};
    case Kind::kFloat4AsDouble: Store<double>(data_, row, std::bit_cast<float>(wire::LoadBig32(from))); return {};
    case Kind::kInt4: Store<int32_t>(data_, row, static_cast<int32_t>(wire::LoadBig32(from))); return {};
    case Kind::kInt8:
    case Kind::kFloat8: Store<uint64_t>(data_, row, wire::LoadBig64(from)); return {};
    case Kind::kDecimal: return DecodeDecimal(bytes, row);
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kTimestamp: return DecodeTemporal(bytes, row);
    case Kind::kText:
    case Kind::kBytes: return DecodeBytes(bytes, row);
    case Kind::kUuid: Store(data_, row, UuidOf(from)); return {};
    case Kind::kUuidAsText:
      Store(data_, row, duckdb::StringVector::AddString(*vector_, duckdb::UUID::ToString(UuidOf(from))));
      return {};
    case Kind::kInterval:
      Store<int64_t>(intervals_[2], row, static_cast<int64_t>(wire::LoadBig64(from)));
      Store<int64_t>(intervals_[1], row, static_cast<int32_t>(wire::LoadBig32(from + 8)));
      Store<int64_t>(intervals_[0], row, static_cast<int32_t>(wire::LoadBig32(from + 12)));
      return {};
    case Kind::kList: return DecodeList(bytes, row);
    case Kind::kStruct: return DecodeStruct(bytes, row);
  }
  return Internal("column \"{}\" has no decoder", name_);
}

Status ValueDecoder::DecodeDecimal(std::string_view bytes, idx_t row) {
  auto decoded = wire::DecodeDecimal(bytes, precision_, scale_);
  if (!decoded.ok()) return std::move(decoded).error().WithContext(fmt::format("column \"{}\"", name_));
  Int128 value = *decoded;
  switch (physical_) {
    case duckdb::PhysicalType::INT16: Store(data_, row, static_cast<int16_t>(value)); return {};
    case duckdb::PhysicalType::INT32: Store(data_, row, static_cast<int32_t>(value)); return {};
    case duckdb::PhysicalType::INT64: Store(data_, row, static_cast<int64_t>(value)); return {};
    default:
      Store(data_, row, duckdb::hugeint_t(static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value)));
      return {};
  }
}

Status ValueDecoder::DecodeTemporal(std::string_view bytes, idx_t row) {
  if (kind_ == Kind::kDate) {
    auto days = static_cast<int32_t>(wire::LoadBig32(bytes.data()));
    if (days == wire::kInfinityDays || days == wire::kNegativeInfinityDays) {
      if (allows_infinite_) {
        Store(data_, row, days > 0 ? duckdb::date_t::infinity() : duckdb::date_t::ninfinity());
        return {};
      }
      return InvalidInput("infinite date in column \"{}\", which Iceberg cannot hold", name_);
    }
    if (days < wire::kMinDate || days >= wire::kEndDate) {
      return InvalidInput("date out of range in column \"{}\"", name_);
    }
    Store<int32_t>(data_, row, days + wire::kEpochDays);
    return {};
  }
  auto micros = static_cast<int64_t>(wire::LoadBig64(bytes.data()));
  if (kind_ == Kind::kTime) {
    if (micros < 0 || micros >= wire::kMicrosPerDay) {
      return InvalidInput("time out of range in column \"{}\": Iceberg's day ends at 23:59:59.999999", name_);
    }
    Store<int64_t>(data_, row, micros);
    return {};
  }
  if (micros == wire::kInfinityMicros || micros == wire::kNegativeInfinityMicros) {
    if (allows_infinite_) {
      Store(data_, row, micros > 0 ? duckdb::timestamp_t::infinity() : duckdb::timestamp_t::ninfinity());
      return {};
    }
    return InvalidInput("infinite timestamp in column \"{}\", which Iceberg cannot hold", name_);
  }
  int64_t since_1970 = 0;
  if (micros < wire::kMinTimestamp || __builtin_add_overflow(micros, wire::kEpochMicros, &since_1970)) {
    return InvalidInput("timestamp out of range in column \"{}\"", name_);
  }
  Store<int64_t>(data_, row, since_1970);
  return {};
}

Status ValueDecoder::DecodeBytes(std::string_view bytes, idx_t row) {
  if (kind_ == Kind::kText) {
    Status checked = wire::CheckText(bytes);
    if (!checked.ok()) return std::move(checked).error().WithContext(fmt::format("column \"{}\"", name_));
  }
  Store(data_, row, duckdb::StringVector::AddStringOrBlob(*vector_, bytes.data(), bytes.size()));
  return {};
}

/// The next field of what lies in a value, which `bytes` begins with.
Status ValueDecoder::DecodeField(std::string_view& bytes, idx_t row) {
  if (bytes.size() < sizeof(int32_t)) return BadLength(name_, bytes.size());
  auto length = static_cast<int32_t>(wire::LoadBig32(bytes.data()));
  bytes.remove_prefix(sizeof(int32_t));
  if (length == -1) return SetNull(row);
  if (length < 0 || static_cast<size_t>(length) > bytes.size()) return BadLength(name_, bytes.size());
  std::string_view value = bytes.substr(0, static_cast<size_t>(length));
  bytes.remove_prefix(static_cast<size_t>(length));
  return DecodeCommon(value, row) ? Status() : Decode(value, row);
}

Status ValueDecoder::DecodeList(std::string_view bytes, idx_t row) {
  if (bytes.size() < sizeof(int32_t)) return BadLength(name_, bytes.size());
  size_t count = wire::LoadBig32(bytes.data());
  std::string_view rest = bytes.substr(sizeof(int32_t));
  if (count > rest.size() / sizeof(int32_t)) return BadLength(name_, bytes.size());
  idx_t offset = duckdb::ListVector::GetListSize(*vector_);
  ValueDecoder& child = children_.front();
  if (offset + count > duckdb::ListVector::GetListCapacity(*vector_)) {
    duckdb::ListVector::Reserve(*vector_, offset + count);
    child.SetTarget(duckdb::ListVector::GetEntry(*vector_));  // its memory is elsewhere now
  }
  duckdb::ListVector::SetListSize(*vector_, offset + count);
  Store(data_, row, duckdb::list_entry_t{offset, count});
  for (size_t i = 0; i < count; ++i) LAKE_RETURN_IF_ERROR(child.DecodeField(rest, offset + i));
  return rest.empty() ? Status() : BadLength(name_, bytes.size());
}

Status ValueDecoder::DecodeStruct(std::string_view bytes, idx_t row) {
  std::string_view rest = bytes;
  for (ValueDecoder& child : children_) LAKE_RETURN_IF_ERROR(child.DecodeField(rest, row));
  for (size_t at : absent_) duckdb::FlatVector::SetNull(*duckdb::StructVector::GetEntries(*vector_)[at], row, true);
  return rest.empty() ? Status() : BadLength(name_, bytes.size());
}

}  // namespace lake::server
