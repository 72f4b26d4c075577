// json and jsonb, which Iceberg tables store as text, with PostgreSQL's results and errors:
//   pg_json_in, pg_jsonb_in(text)              casts from text
//   pg_json_get, pg_jsonb_get(value, key)      -> of a name or a position; .._get_text ->>
//   pg_json_path, pg_jsonb_path(value, path)   #> ; .._path_text #>> ; a path is a JSON array of strings
//   pg_jsonb_key(value)                        the same text for equal values: numbers without zeros at the end
//   pg_jsonb_contains, pg_jsonb_exists, pg_jsonb_exists_any, pg_jsonb_exists_all
//   pg_jsonb_concat, pg_jsonb_delete, pg_jsonb_delete_all
//   pg_json_typeof, pg_json_array_length, pg_jsonb_strip_nulls, pg_jsonb_pretty
//   pg_json_quote(text), pg_json_number(text)  parts of what to_json() and its like build
// json values are any valid JSON; jsonb values are as jsonb prints them.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterPgJson(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
