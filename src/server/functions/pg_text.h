// Text functions with PostgreSQL's results and errors, where DuckDB's own differ (docs/pushdown.md):
//   pg_substring(text, start [, length])   positions before the first character count, a negative length is an error
//   pg_lpad, pg_rpad(text, length, fill)   an empty fill pads nothing
//   pg_split_part(text, delimiter, field)  fields from the end; field 0 is an error
//   pg_repeat, pg_reverse (by characters, not by grapheme clusters), pg_overlay, pg_ascii, pg_chr, pg_to_hex
//   pg_translate(text, from, to)           a letter that `from` has twice counts once
//   pg_quote_literal
//   pg_like(text, pattern), pg_like_escape(pattern, escape)   the lone escape at a pattern's end is an error when it is
//   met pg_initcap(text)                       ASCII letters alone, as under the C locale
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterPgText(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
