#include "server/session/secret_text.h"

#include <algorithm>

namespace lake::server {

std::string RedactSecrets(std::string_view text) {
  // Parsing is not an option: the text may be malformed and still hold a key. Too much is hidden rather than too
  // little.
  constexpr std::string_view kWord = "secret";
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  auto found =
      std::search(text.begin(), text.end(), kWord.begin(), kWord.end(), [&](char a, char b) { return lower(a) == b; });
  return found == text.end() ? std::string(text) : "<secret statement redacted>";
}

}  // namespace lake::server
