// See the header.
#include "server/lake/open_file.h"

#include "storage/location.h"

namespace lake::server {

Result<duckdb::OpenFileInfo> OpenInfoOf(const iceberg::DataFile& file) {
  const std::string& text = file.file_path.str();
  LAKE_ASSIGN_OR_RETURN(storage::Location location, storage::ParseLocation(text));
  if (location.scheme != storage::Scheme::kFile && location.scheme != storage::Scheme::kS3) {
    return Unsupported("unsupported data-file URL \"{}\"", text);
  }
  if (file.file_size_in_bytes < 0)
    return Corrupt("file \"{}\" is said to have {} bytes", text, file.file_size_in_bytes);
  duckdb::OpenFileInfo info(text);
  info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  auto& options = info.extended_info->options;
  options["file_size"] = duckdb::Value::UBIGINT(static_cast<uint64_t>(file.file_size_in_bytes));
  options["etag"] = duckdb::Value("");
  options["last_modified"] = duckdb::Value::TIMESTAMP(duckdb::timestamp_t(0));
  options["validate_external_file_cache"] = duckdb::Value::BOOLEAN(false);
  return info;
}

}  // namespace lake::server
