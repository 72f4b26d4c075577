// The server's build, and what it speaks with the extension (docs/link.md, "Versions").
#pragma once

namespace lake::server {

inline constexpr const char* kVersionText = "pg_lake " LAKE_VERSION;

/// LAKE_LINK_VERSION of src/extension/link/connection.h: both change when either side could misunderstand the other.
inline constexpr const char* kLinkVersion = "4";

}  // namespace lake::server
