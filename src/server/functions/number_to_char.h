// to_char of numbers:
//   pg_number_to_char(INTEGER | BIGINT | FLOAT | DOUBLE, picture VARCHAR, symbols VARCHAR) -> VARCHAR
//   pg_numeric_to_char(VARCHAR, picture, symbols) -> VARCHAR: of a numeric in text form (numeric_value.h)
// symbols: see number_picture.h.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterNumberToChar(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
