// Just enough XML to read what an S3 endpoint answers: elements and their text.
//
// The endpoint is not trusted: no document type (so no entities of its own), bounded depth and size, and a name is
// compared without its namespace prefix, because servers differ there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lake::storage {

struct XmlElement {
  std::string name;
  std::string text;  // all character data directly inside, concatenated
  std::vector<XmlElement> children;

  /// The first child of that name, or null.
  const XmlElement* Child(std::string_view child_name) const;
  /// The text of the first child of that name; empty when there is none.
  std::string ChildText(std::string_view child_name) const;
};

constexpr size_t kMaxXmlBytes = 16 << 20;
constexpr int kMaxXmlDepth = 16;

/// The document's root element; kCorrupt when it is no well-formed document within the limits.
Result<XmlElement> ParseXml(std::string_view text);

/// `text` with & < > " ' escaped.
std::string EscapeXml(std::string_view text);

}  // namespace lake::storage
