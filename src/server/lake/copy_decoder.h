// Rows of PostgreSQL's binary COPY into DuckDB vectors, column by column without a value object in between.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "iceberg/types.h"
#include "server/lake/value_decoder.h"
#include "wire/copy_reader.h"

namespace lake::server {

struct StreamColumn {
  std::string name;
  std::string wire;              // docs/link.md, "wire type"
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
  std::vector<ValueDecoder> columns_;
  duckdb::vector<duckdb::LogicalType> types_;
};

}  // namespace lake::server
