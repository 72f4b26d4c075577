// Locations: the names of objects, such as "s3://bucket/dir/name" or "file:///dir/name".
//
//   LAKE_ASSIGN_OR_RETURN(Location location, ParseLocation("s3://lake/t/data/a b%20c.parquet"));
//   location.bucket == "lake"; location.key == "t/data/a b%20c.parquet"
//
// A location is taken literally, as Iceberg's own file IOs do: a "%20" in it is three characters of the key, a space is
// a space. Encoding happens only where an HTTP request is built. The text a caller gave is kept byte for byte, because
// other engines compare locations as strings. What other engines would cut off ('?', '#') is refused.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lake::storage {

enum class Scheme {
  kFile,
  kS3,     // s3, s3a
  kGcs,    // gs
  kAzure,  // az, azure, abfss
  kHttp,   // http, https
};

struct Location {
  Scheme scheme = Scheme::kFile;
  std::string text;    // as the caller gave it
  std::string bucket;  // host part: bucket, container or host; empty for files
  std::string key;     // without the leading slash; for files the absolute path with it. May be empty in a prefix
};

/// The longest location accepted, in bytes (S3 keys end at 1024, paths at 4096).
constexpr size_t kMaxLocationLength = 4096;

/// Splits a location. kInvalidInput: `unsupported URL "..."` for a scheme that no store knows or no scheme at all,
/// else what is wrong with it (query string, "." or ".." components in a file location, control characters, no bucket).
Result<Location> ParseLocation(std::string_view text);

/// Everything but A-Z a-z 0-9 - _ . ~ (and '/' when `keep_slash`) as %XX, upper case: RFC 3986 as SigV4 wants it.
std::string PercentEncode(std::string_view bytes, bool keep_slash);

/// The reverse; kCorrupt for a truncated or non-hexadecimal escape. '+' stays '+'.
Result<std::string> PercentDecode(std::string_view text);

}  // namespace lake::storage
