// See the header.
#include "server/lake/copy_decoder.h"

#include <cstring>

#include "duckdb/common/types/hugeint.hpp"
#include "server/lake/duck_types.h"
#include "wire/binary_value.h"
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

bool IsIntervalStruct(const iceberg::Type& type) {
  if (type.id() != TypeId::kStruct || type.fields().size() != 3) return false;
  const auto& fields = type.fields();
  return fields[0].name == "months" && fields[0].type.id() == TypeId::kLong &&  //
         fields[1].name == "days" && fields[1].type.id() == TypeId::kLong &&    //
         fields[2].name == "microseconds" && fields[2].type.id() == TypeId::kLong;
}

}  // namespace

Result<CopyDecoder::Kind> CopyDecoder::KindOf(const StreamColumn& column) {
  TypeId type = column.field.type.id();
  const std::string& wire = column.wire;
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
  if (wire == "timestamp" && type == TypeId::kTimestamp) return Kind::kTimestamp;
  if (wire == "timestamptz" && type == TypeId::kTimestampTz) return Kind::kTimestamp;
  if (wire == "text" && type == TypeId::kString) return Kind::kText;
  if (wire == "bytea" && type == TypeId::kBinary) return Kind::kBytes;
  if (wire == "uuid" && type == TypeId::kUuid) return Kind::kUuid;
  if (wire == "interval" && IsIntervalStruct(column.field.type)) return Kind::kInterval;
  return InvalidInput("column \"{}\" of type {} cannot be written from wire type \"{}\"", column.name,
                      column.field.type.ToString(), wire);
}

Result<CopyDecoder> CopyDecoder::Create(const std::vector<StreamColumn>& columns) {
  CopyDecoder decoder;
  for (const StreamColumn& from : columns) {
    Column column;
    column.name = from.name;
    LAKE_ASSIGN_OR_RETURN(column.kind, KindOf(from));
    column.required = from.field.required;
    column.allows_infinite = from.allows_infinite;
    LAKE_ASSIGN_OR_RETURN(duckdb::LogicalType type, DuckType(from.field.type, from.name));
    if (column.kind == Kind::kDecimal) {
      column.precision = from.field.type.precision();
      column.scale = from.field.type.scale();
    }
    column.physical = type.InternalType();
    decoder.types_.push_back(type);
    decoder.columns_.push_back(std::move(column));
  }
  return decoder;
}

void CopyDecoder::SetTarget(duckdb::DataChunk& chunk) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    column.vector = &chunk.data[i];
    column.data = duckdb::FlatVector::GetData(chunk.data[i]);
    column.validity = &duckdb::FlatVector::Validity(chunk.data[i]);
    if (column.kind == Kind::kInterval) {
      auto& children = duckdb::StructVector::GetEntries(chunk.data[i]);
      for (size_t j = 0; j < 3; ++j) column.children[j] = duckdb::FlatVector::GetData(*children[j]);
    }
  }
}

Status CopyDecoder::SetNull(Column& column, idx_t row) {
  if (column.required) {
    return InvalidInput("null value in column \"{}\", which the Iceberg table requires", column.name);
  }
  duckdb::FlatVector::SetNull(*column.vector, row, true);  // and, of a struct, its children
  return {};
}

Status CopyDecoder::Decode(std::span<const wire::CopyField> fields, idx_t row) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    const wire::CopyField& field = fields[i];
    if (field.is_null()) {
      LAKE_RETURN_IF_ERROR(SetNull(column, row));
      continue;
    }
    std::string_view bytes = field.bytes();
    // The commonest ones here, in the loop: a call per value would cost as much as the value.
    if (column.kind == Kind::kInt4 && bytes.size() == 4) {
      Store(column.data, row, static_cast<int32_t>(wire::LoadBig32(bytes.data())));
    } else if (column.kind == Kind::kInt8 && bytes.size() == 8) {
      Store(column.data, row, static_cast<int64_t>(wire::LoadBig64(bytes.data())));
    } else if (column.kind == Kind::kFloat8 && bytes.size() == 8) {
      Store(column.data, row, wire::LoadBig64(bytes.data()));
    } else {
      LAKE_RETURN_IF_ERROR(DecodeValue(column, bytes, row));
    }
  }
  return {};
}

Status CopyDecoder::DecodeValue(Column& column, std::string_view bytes, idx_t row) {
  size_t wanted = 0;
  switch (column.kind) {
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
    case Kind::kInterval: wanted = 16; break;
    default: wanted = bytes.size();
  }
  if (bytes.size() != wanted) return BadLength(column.name, bytes.size());
  const char* from = bytes.data();
  switch (column.kind) {
    case Kind::kBool: Store<bool>(column.data, row, *from != 0); return {};
    case Kind::kInt2AsInt: Store<int32_t>(column.data, row, static_cast<int16_t>(wire::LoadBig16(from))); return {};
    case Kind::kInt2AsLong: Store<int64_t>(column.data, row, static_cast<int16_t>(wire::LoadBig16(from))); return {};
    case Kind::kInt4AsLong: Store<int64_t>(column.data, row, static_cast<int32_t>(wire::LoadBig32(from))); return {};
    case Kind::kFloat4: Store<uint32_t>(column.data, row, wire::LoadBig32(from)); return {};
    case Kind::kFloat4AsDouble: Store<double>(column.data, row, std::bit_cast<float>(wire::LoadBig32(from))); return {};
    case Kind::kInt4: Store<int32_t>(column.data, row, static_cast<int32_t>(wire::LoadBig32(from))); return {};
    case Kind::kInt8:
    case Kind::kFloat8: Store<uint64_t>(column.data, row, wire::LoadBig64(from)); return {};
    case Kind::kDecimal: return DecodeDecimal(column, bytes, row);
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kTimestamp: return DecodeTemporal(column, bytes, row);
    case Kind::kText:
    case Kind::kBytes: return DecodeBytes(column, bytes, row);
    case Kind::kUuid:
      // DuckDB's form: a 128-bit integer with the highest bit flipped.
      Store(column.data, row,
            duckdb::hugeint_t(static_cast<int64_t>(wire::LoadBig64(from) ^ (uint64_t{1} << 63)),
                              wire::LoadBig64(from + 8)));
      return {};
    case Kind::kInterval:
      Store<int64_t>(column.children[2], row, static_cast<int64_t>(wire::LoadBig64(from)));
      Store<int64_t>(column.children[1], row, static_cast<int32_t>(wire::LoadBig32(from + 8)));
      Store<int64_t>(column.children[0], row, static_cast<int32_t>(wire::LoadBig32(from + 12)));
      return {};
  }
  return Internal("column \"{}\" has no decoder", column.name);
}

Status CopyDecoder::DecodeDecimal(Column& column, std::string_view bytes, idx_t row) {
  auto decoded = wire::DecodeDecimal(bytes, column.precision, column.scale);
  if (!decoded.ok()) return std::move(decoded).error().WithContext(fmt::format("column \"{}\"", column.name));
  Int128 value = *decoded;
  switch (column.physical) {
    case duckdb::PhysicalType::INT16: Store(column.data, row, static_cast<int16_t>(value)); return {};
    case duckdb::PhysicalType::INT32: Store(column.data, row, static_cast<int32_t>(value)); return {};
    case duckdb::PhysicalType::INT64: Store(column.data, row, static_cast<int64_t>(value)); return {};
    default:
      Store(column.data, row, duckdb::hugeint_t(static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value)));
      return {};
  }
}

Status CopyDecoder::DecodeTemporal(Column& column, std::string_view bytes, idx_t row) {
  if (column.kind == Kind::kDate) {
    auto days = static_cast<int32_t>(wire::LoadBig32(bytes.data()));
    if (days == wire::kInfinityDays || days == wire::kNegativeInfinityDays) {
      if (column.allows_infinite) {
        Store(column.data, row, days > 0 ? duckdb::date_t::infinity() : duckdb::date_t::ninfinity());
        return {};
      }
      return InvalidInput("infinite date in column \"{}\", which Iceberg cannot hold", column.name);
    }
    if (days < wire::kMinDate || days >= wire::kEndDate) {
      return InvalidInput("date out of range in column \"{}\"", column.name);
    }
    Store<int32_t>(column.data, row, days + wire::kEpochDays);
    return {};
  }
  auto micros = static_cast<int64_t>(wire::LoadBig64(bytes.data()));
  if (column.kind == Kind::kTime) {
    if (micros < 0 || micros >= wire::kMicrosPerDay) {
      return InvalidInput("time out of range in column \"{}\": Iceberg's day ends at 23:59:59.999999", column.name);
    }
    Store<int64_t>(column.data, row, micros);
    return {};
  }
  if (micros == wire::kInfinityMicros || micros == wire::kNegativeInfinityMicros) {
    if (column.allows_infinite) {
      Store(column.data, row, micros > 0 ? duckdb::timestamp_t::infinity() : duckdb::timestamp_t::ninfinity());
      return {};
    }
    return InvalidInput("infinite timestamp in column \"{}\", which Iceberg cannot hold", column.name);
  }
  int64_t since_1970 = 0;
  if (micros < wire::kMinTimestamp || __builtin_add_overflow(micros, wire::kEpochMicros, &since_1970)) {
    return InvalidInput("timestamp out of range in column \"{}\"", column.name);
  }
  Store<int64_t>(column.data, row, since_1970);
  return {};
}

Status CopyDecoder::DecodeBytes(Column& column, std::string_view bytes, idx_t row) {
  if (column.kind == Kind::kText) {
    Status checked = wire::CheckText(bytes);
    if (!checked.ok()) return std::move(checked).error().WithContext(fmt::format("column \"{}\"", column.name));
  }
  Store(column.data, row, duckdb::StringVector::AddStringOrBlob(*column.vector, bytes.data(), bytes.size()));
  return {};
}

}  // namespace lake::server
