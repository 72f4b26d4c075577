// One result column on its way to the wire: DuckDB vectors become the fields of PostgreSQL rows, column by column.
//
//   field := length:int32 bytes        (-1 = null)
//
// A chunk is encoded in two passes. Measure() adds to every row what this column's field takes; then the caller lays
// out the rows, and Write() puts the fields of a range of rows at their cursors and moves these behind them. So rows
// are written once, without intermediate copies for values of fixed size and strings.
#pragma once

#include <memory>

#include "duckdb/common/types/vector.hpp"
#include "wire/frontend.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

class ColumnEncoder {
 public:
  virtual ~ColumnEncoder() = default;
  /// `column` must stay as it is until the last Write(). sizes has `count` entries.
  virtual void Measure(duckdb::Vector& column, size_t count, size_t* sizes) = 0;
  /// Rows [begin, end) of the measured column; cursors[0] is the one of row `begin`.
  virtual void Write(size_t begin, size_t end, char** cursors) = 0;
  /// The field of one row, without its length; nullptr data for null. For COPY's text formats; only valid for encoders
  /// made for Format::kText, until the next Measure().
  virtual std::string_view Text(size_t row, bool& is_null) = 0;
};

/// Values outside PostgreSQL's range (dates, timestamps) throw OutOfRangeException.
std::unique_ptr<ColumnEncoder> MakeColumnEncoder(duckdb::ClientContext& context, const duckdb::LogicalType& type,
                                                 wire::Format format);

}  // namespace lake::server
