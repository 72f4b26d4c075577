// Functions of bytea with PostgreSQL's results and errors:
//   pg_byteaout(bytes, bytea_output), pg_byteain(text)   the text form
//   pg_encode(bytes, format), pg_decode(text, format)    hex, base64 (in lines of 76), escape
//   pg_bytes_substring(bytes, start [, length]), pg_get_byte(bytes, position)
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterPgBytes(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
