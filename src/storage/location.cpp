#include "storage/location.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace lake::storage {
namespace {

constexpr std::array<std::pair<std::string_view, Scheme>, 9> kSchemes = {{
    {"file", Scheme::kFile},
    {"s3", Scheme::kS3},
    {"s3a", Scheme::kS3},
    {"gs", Scheme::kGcs},
    {"az", Scheme::kAzure},
    {"azure", Scheme::kAzure},
    {"abfss", Scheme::kAzure},
    {"http", Scheme::kHttp},
    {"https", Scheme::kHttp},
}};

Error UnsupportedUrl(std::string_view text) {
  return InvalidInput("unsupported URL \"{}\"", text.substr(0, kMaxLocationLength))
      .WithHint("Use a location that starts with s3:// or file:///.");
}

std::optional<Scheme> FindScheme(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const auto& [known, scheme] : kSchemes) {
    if (known == lower) return scheme;
  }
  return std::nullopt;
}

/// A file location must name one path in one way: "." and ".." would make the check of permitted roots and the text
/// that other engines see two different things.
Status CheckFilePath(std::string_view text, std::string_view path) {
  for (size_t begin = 1; begin <= path.size();) {
    size_t end = std::min(path.find('/', begin), path.size());
    std::string_view part = path.substr(begin, end - begin);
    if (part == "." || part == "..") {
      return InvalidInput("location \"{}\" contains the path component \"{}\"", text, part);
    }
    begin = end + 1;
  }
  return {};
}

Status CheckControlCharacters(std::string_view text) {
  for (unsigned char c : text) {
    if (c < 0x20 || c == 0x7f) return InvalidInput("location contains the control character 0x{:02x}", c);
  }
  return {};
}

/// A query string may be a presigned URL's: only the parameter's name is repeated.
Status CheckNoQuery(std::string_view text, Scheme scheme) {
  if (size_t mark = text.find('?'); mark != std::string_view::npos) {
    std::string_view name = text.substr(mark + 1);
    if (scheme == Scheme::kFile) {
      return InvalidInput("location \"{}\" contains \"?\", which other readers would cut off", text);
    }
    return InvalidInput("query parameter \"{}\" is not permitted in cloud storage URLs",
                        name.substr(0, name.find_first_of("=&")));
  }
  if (text.find('#') != std::string_view::npos) {
    return InvalidInput("location \"{}\" contains \"#\", which other readers would cut off", text);
  }
  return {};
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<Location> ParseLocation(std::string_view text) {
  if (text.size() > kMaxLocationLength) {
    return InvalidInput("location has {} bytes, at most {} are allowed", text.size(), kMaxLocationLength);
  }
  LAKE_RETURN_IF_ERROR(CheckControlCharacters(text));
  size_t colon = text.find(':');
  if (colon == std::string_view::npos) return UnsupportedUrl(text);
  std::optional<Scheme> scheme = FindScheme(text.substr(0, colon));
  if (!scheme) return UnsupportedUrl(text);
  LAKE_RETURN_IF_ERROR(CheckNoQuery(text, *scheme));

  Location location;
  location.scheme = *scheme;
  location.text = text;
  std::string_view rest = text.substr(colon + 1);
  if (*scheme == Scheme::kFile) {
    // "file:/dir/name" is how Hadoop writes it.
    if (rest.substr(0, 2) == "//") rest.remove_prefix(2);
    if (rest.empty() || rest[0] != '/') {
      return InvalidInput("file location \"{}\" must name an absolute path: file:///...", text);
    }
    LAKE_RETURN_IF_ERROR(CheckFilePath(text, rest));
    location.key = rest;
    return location;
  }
  if (rest.substr(0, 2) != "//") return UnsupportedUrl(text);
  rest.remove_prefix(2);
  size_t slash = std::min(rest.find('/'), rest.size());
  location.bucket = rest.substr(0, slash);
  if (slash < rest.size()) location.key = rest.substr(slash + 1);
  if (location.bucket.empty()) return InvalidInput("location \"{}\" names no bucket", text);
  return location;
}

std::string PercentEncode(std::string_view bytes, bool keep_slash) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() + 16);
  for (unsigned char c : bytes) {
    bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                 c == '.' || c == '~' || (c == '/' && keep_slash);
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

Result<std::string> PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    bool complete = text.size() - i > 2;
    int high = complete ? HexValue(text[i + 1]) : -1;
    int low = complete ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Corrupt("percent-encoded text \"{}\" has an incomplete escape", text);
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace lake::storage
