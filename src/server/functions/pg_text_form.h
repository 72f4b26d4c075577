// Values to and from their text form as PostgreSQL's input and output functions have it:
//   pg_float4out, pg_float8out(value, extra_float_digits)   the shortest text that reads back to the value, or a fixed
//                                                           number of digits where extra_float_digits is not positive
//   pg_int2in, pg_int4in, pg_int8in(text, with_radix)       with_radix: 0x1F, 0o17, 0b1, 1_000, as PostgreSQL 16 reads
//   them pg_float4in, pg_float8in, pg_boolin, pg_uuid_in(text)
// What is no value raises 22P02, what does not fit 22003, with PostgreSQL's messages.
#pragma once

#include <string>

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

/// The shortest digits, as PostgreSQL's float8out and float4out print them.
std::string ShortestFloat(double value);
std::string ShortestFloat(float value);

void RegisterPgTextForm(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
