#include "storage/xml.h"

#include <expat.h>

#include <memory>
#include <new>

namespace lake::storage {
namespace {

// Expat is C: nothing may be thrown through it, and parsing stops at the first thing we refuse.
struct ParseState {
  XML_Parser parser = nullptr;
  XmlElement document;  // its only child is the root
  std::vector<XmlElement*> open;
  const char* refusal = nullptr;

  void Refuse(const char* why) {
    refusal = why;
    XML_StopParser(parser, XML_FALSE);
  }
};

void OnStart(void* user, const XML_Char* name, const XML_Char**) {
  auto& state = *static_cast<ParseState*>(user);
  if (state.open.size() > kMaxXmlDepth) return state.Refuse("it is nested too deeply");
  try {
    std::string_view local = name;
    if (size_t colon = local.find(':'); colon != std::string_view::npos) local.remove_prefix(colon + 1);
    // A pointer into a parent's children stays valid: the parent gets no other child before this one is closed.
    state.open.back()->children.push_back({std::string(local), {}, {}});
    state.open.push_back(&state.open.back()->children.back());
  } catch (const std::bad_alloc&) {
    state.Refuse("out of memory");
  }
}

void OnEnd(void* user, const XML_Char*) { static_cast<ParseState*>(user)->open.pop_back(); }

void OnText(void* user, const XML_Char* text, int length) {
  auto& state = *static_cast<ParseState*>(user);
  try {
    state.open.back()->text.append(text, static_cast<size_t>(length));
  } catch (const std::bad_alloc&) {
    state.Refuse("out of memory");
  }
}

void OnDoctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<ParseState*>(user)->Refuse("it has a document type");
}

}  // namespace

const XmlElement* XmlElement::Child(std::string_view child_name) const {
  for (const XmlElement& child : children) {
    if (child.name == child_name) return &child;
  }
  return nullptr;
}

std::string XmlElement::ChildText(std::string_view child_name) const {
  const XmlElement* child = Child(child_name);
  return child == nullptr ? std::string() : child->text;
}

Result<XmlElement> ParseXml(std::string_view text) {
  if (text.size() > kMaxXmlBytes) {
    return Corrupt("XML document has {} bytes, at most {} are read", text.size(), kMaxXmlBytes);
  }
  std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
  if (!parser) return OutOfMemory("out of memory while reading an XML document");
  ParseState state;
  state.parser = parser.get();
  state.open.push_back(&state.document);
  XML_SetUserData(parser.get(), &state);
  XML_SetElementHandler(parser.get(), OnStart, OnEnd);
  XML_SetCharacterDataHandler(parser.get(), OnText);
  XML_SetStartDoctypeDeclHandler(parser.get(), OnDoctype);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK) {
    const char* why = state.refusal != nullptr ? state.refusal : XML_ErrorString(XML_GetErrorCode(parser.get()));
    return Corrupt("could not read XML document: {} (line {})", why,
                   static_cast<uint64_t>(XML_GetCurrentLineNumber(parser.get())));
  }
  return std::move(state.document.children.front());
}

std::string EscapeXml(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace lake::storage
