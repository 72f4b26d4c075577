// to_date and to_timestamp: texts read by a picture.
#pragma once

#include <string_view>

#include "server/functions/datetime_picture.h"
#include "server/functions/time_zone.h"

namespace lake::server {

int32_t DateFromChar(std::string_view text, const Picture& picture);
/// In the zone unless the text has an offset of its own (TZH, TZM).
int64_t InstantFromChar(std::string_view text, const Picture& picture, ZoneCursor& zone);

}  // namespace lake::server
