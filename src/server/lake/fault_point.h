// Named points of the write path where a test can make the server die, as kill -9 would: LAKE_FAULT_POINT=<name>.
//
//   ReachFaultPoint("before-manifest");
//
// Names: before-data-put, after-data-put, before-manifest, after-manifest-list, before-metadata, after-metadata.
// LAKE_FAULT_POINT=<name>:<n> lets the point pass n times first. Without the variable a call costs one load.
#pragma once

#include <string_view>

namespace lake::server {

/// Does not return when this is the point that the environment names.
void ReachFaultPoint(std::string_view name);
/// Whether the environment names any point: then files of a commit are written one after the other, in order.
bool HasFaultPoint();

}  // namespace lake::server
