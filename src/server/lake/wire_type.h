// How a column travels (docs/link.md, "wire type"): int4, list(int4), struct("a" int4, "b" list(text)), map(text,
// int4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lake::server {

struct WireType {
  std::string kind;              // "int4", "list", "struct", "map" ...
  std::string name;              // of a struct's field
  std::vector<WireType> fields;  // a list's element, a struct's fields, a map's key and value
};

/// kInvalidInput for a text that is no wire type. Depth-limited; whether a scalar's name is known is the reader's
/// matter.
Result<WireType> ParseWireType(std::string_view text);

}  // namespace lake::server
