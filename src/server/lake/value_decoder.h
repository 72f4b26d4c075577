// Values of one column of PostgreSQL's binary COPY into a DuckDB vector, whatever lies in it.
//
// Each has a wire type (docs/link.md) and the Iceberg type it is stored as; the pairs that are possible:
//   bool boolean - int2 int, long - int4 int, long - int8 long - float4 float, double - float8 double -
//   numeric decimal - date date - time time - timestamp timestamp, timestamp_ns - timestamptz timestamptz,
//   timestamptz_ns - text string, unknown (which ParquetFile refuses to write, unless it is null) - bytea binary - uuid
//   uuid - interval struct<months long, days long, microseconds long> - list list - map map - struct struct, its fields
//   by name
// Values that Iceberg cannot hold (infinities, 24:00:00, decimals beyond the precision) are kInvalidInput, naming the
// column; the extension has checked before, this is the second line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duckdb/common/types/vector.hpp"
#include "iceberg/types.h"
#include "server/lake/wire_type.h"
#include "wire/binary_value.h"

namespace lake::server {

class ValueDecoder {
 public:
  /// kInvalidInput for a wire type that does not fit, kConflict for fields that the Iceberg type has otherwise.
  /// `allows_infinite`: dates and timestamps may be.
  static Result<ValueDecoder> Create(const std::string& name, const WireType& wire, const iceberg::NestedField& field,
                                     bool allows_infinite);

  const std::string& name() const { return name_; }
  const duckdb::LogicalType& type() const { return type_; }
  /// Where the next values go; again after every Reset() of it.
  void SetTarget(duckdb::Vector& vector);

  /// Writes value number `row` of the target.
  Status Decode(std::string_view bytes, duckdb::idx_t row);
  /// The commonest ones, inline: a call per value would cost as much as the value. False: Decode() must do it.
  bool DecodeCommon(std::string_view bytes, duckdb::idx_t row) {
    if (kind_ == Kind::kInt4 && bytes.size() == 4) {
      reinterpret_cast<uint32_t*>(data_)[row] = wire::LoadBig32(bytes.data());
    } else if ((kind_ == Kind::kInt8 || kind_ == Kind::kFloat8) && bytes.size() == 8) {
      reinterpret_cast<uint64_t*>(data_)[row] = wire::LoadBig64(bytes.data());
    } else {
      return false;
    }
    return true;
  }
  Status SetNull(duckdb::idx_t row);

 private:
  enum class Kind {
    kBool,
    kInt2AsInt,
    kInt2AsLong,
    kInt4,
    kInt4AsLong,
    kInt8,
    kFloat4,
    kFloat4AsDouble,
    kFloat8,
    kDecimal,
    kDate,
    kTime,
    kTimestamp,
    kText,
    kBytes,
    kUuid,
    kUuidAsText,
    kInterval,
    kList,  // also a map: a list of structs
    kStruct,
  };

  static Result<Kind> KindOf(const std::string& name, const WireType& wire, const iceberg::Type& type);
  Status AddChildren(const WireType& wire, const iceberg::Type& type);
  void MarkNull(duckdb::idx_t row);
  Status DecodeDecimal(std::string_view bytes, duckdb::idx_t row);
  Status DecodeTemporal(std::string_view bytes, duckdb::idx_t row);
  Status DecodeBytes(std::string_view bytes, duckdb::idx_t row);
  Status DecodeList(std::string_view bytes, duckdb::idx_t row);
  Status DecodeStruct(std::string_view bytes, duckdb::idx_t row);
  Status DecodeField(std::string_view& bytes, duckdb::idx_t row);

  std::string name_;
  Kind kind_ = Kind::kBool;
  duckdb::LogicalType type_;
  bool required_ = false;
  bool allows_infinite_ = false;
  int precision_ = 0, scale_ = 0;  // kDecimal
  duckdb::PhysicalType physical_ = duckdb::PhysicalType::INVALID;
  duckdb::Vector* vector_ = nullptr;
  duckdb::data_ptr_t data_ = nullptr;
  std::vector<ValueDecoder> children_;    // kList: the element; kStruct: the fields of the wire, in its order;
  std::vector<size_t> positions_;         // kStruct: where they stand in the vector,
  std::vector<size_t> absent_;            // kStruct: and which there is none for
  duckdb::data_ptr_t intervals_[3] = {};  // kInterval: months, days, microseconds
};

}  // namespace lake::server
