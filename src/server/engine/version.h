// The server's build, for the version handshake of the link: lake_version().
#pragma once

namespace lake::server {

inline constexpr const char* kVersionText = "pg_lake " LAKE_VERSION;

}  // namespace lake::server
