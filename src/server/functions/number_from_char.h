// pg_to_number(VARCHAR, picture VARCHAR, symbols VARCHAR) -> VARCHAR: to_number, whose result is a numeric in text form
// (numeric_value.h). symbols: see number_picture.h. Not for pictures with V, whose results have another scale from
// version to version, nor with RN, which PostgreSQL 18 was the first to read.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterNumberFromChar(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
