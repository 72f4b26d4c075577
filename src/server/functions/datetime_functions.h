// PostgreSQL's functions and operators of dates, times and intervals, by the names that shipped queries use (the
// catalogue in src/extension/plan). Each file registers what it is named for.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterDatetimeFunctions(duckdb::ExtensionLoader& loader);
void RegisterDatetimeFields(duckdb::ExtensionLoader& loader);    // extract, date_part, date_trunc
void RegisterDatetimeText(duckdb::ExtensionLoader& loader);      // casts to text
void RegisterDatetimePictures(duckdb::ExtensionLoader& loader);  // to_char, to_timestamp, to_date
void RegisterDatetimeSeries(duckdb::ExtensionLoader& loader);    // generate_series
void RegisterIntervalFunctions(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
