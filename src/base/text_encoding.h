// Bytes as text: hexadecimal, base64, and percent-encoding of URL path segments.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lake {

/// Upper-case digits.
std::string HexEncode(std::string_view bytes);
/// Either case; kInvalidInput for an odd length or another character.
Result<std::string> HexDecode(std::string_view text);

/// RFC 4648 with padding.
std::string Base64Encode(std::string_view bytes);
/// kInvalidInput for anything that Base64Encode would not have made of the bytes.
Result<std::string> Base64Decode(std::string_view text);

/// Everything but letters, digits and -_.~ as %XX; spaces as %20.
std::string UrlEncode(std::string_view text);

}  // namespace lake
