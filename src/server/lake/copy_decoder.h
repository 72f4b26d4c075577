// Rows of PostgreSQL's binary COPY into DuckDB vectors, column by column without a value object in between.
//
// Each column has a wire type (docs/link.md) and the Iceberg type it is stored as; the pairs that are possible:
//   bool boolean - int2 int, long - int4 int, long - int8 long - float4 float, double - float8 double -
//   numeric decimal - date date - time time - timestamp timestamp - timestamptz timestamptz - text string -
//   bytea binary - uuid uuid - interval struct<months int, days int, microseconds long>
// Values that Iceberg cannot hold (infinities, 24:00:00, decimals beyond the precision) are kInvalidInput, naming the
// column; the extension has checked before, this is the second line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "iceberg/types.h"
#include "wire/copy_reader.h"

namespace lake::server {

struct StreamColumn {
  std::string name;
  std::string wire;
  bool not_null = false;         // by PostgreSQL's table, whatever Iceberg's says
  bool allows_infinite = false;  // dates and timestamps: the rows do not go into an Iceberg table
  iceberg::NestedField field;    // the column of the table
};

class CopyDecoder {
 public:
  /// kInvalidInput for a wire type that does not fit the column.
  static Result<CopyDecoder> Create(const std::vector<StreamColumn>& columns);

  /// The vectors' types, in the order of the stream.
  const duckdb::vector<duckdb::LogicalType>& types() const { return types_; }
  /// Where the next rows go; again after every DataChunk::Reset().
  void SetTarget(duckdb::DataChunk& chunk);
  /// Writes row number `row` of the target.
  Status Decode(std::span<const wire::CopyField> fields, duckdb::idx_t row);

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
    kInterval,
  };
  struct Column {
    std::string name;
    Kind kind;
    bool required = false;
    bool allows_infinite = false;
    int precision = 0, scale = 0;   // kDecimal
    duckdb::PhysicalType physical;  // kDecimal
    duckdb::Vector* vector = nullptr;
    duckdb::data_ptr_t data = nullptr;
    duckdb::ValidityMask* validity = nullptr;
    duckdb::data_ptr_t children[3] = {};  // kInterval: months, days, microseconds
  };

  static Result<Kind> KindOf(const StreamColumn& column);
  static Status DecodeValue(Column& column, std::string_view bytes, duckdb::idx_t row);
  static Status DecodeDecimal(Column& column, std::string_view bytes, duckdb::idx_t row);
  static Status DecodeTemporal(Column& column, std::string_view bytes, duckdb::idx_t row);
  static Status DecodeBytes(Column& column, std::string_view bytes, duckdb::idx_t row);
  Status SetNull(Column& column, duckdb::idx_t row);

  std::vector<Column> columns_;
  duckdb::vector<duckdb::LogicalType> types_;
};

}  // namespace lake::server
