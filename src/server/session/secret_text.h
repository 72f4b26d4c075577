// Statement texts as they may be shown: in logs and in pg_lake_stat_activity().
#pragma once

#include <string>
#include <string_view>

namespace lake::server {

/// The text, or "<secret statement redacted>" when it may hold credentials: when it speaks of a secret at all.
std::string RedactSecrets(std::string_view text);

}  // namespace lake::server
