// See the header.
#include "server/lake/wire_type.h"

namespace lake::server {

namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<WireType> Parse() {
    LAKE_ASSIGN_OR_RETURN(WireType type, ParseAt(0));
    if (at_ != text_.size()) return Malformed();
    return type;
  }

 private:
  Error Malformed() const { return InvalidInput("malformed wire type \"{}\"", text_); }

  bool Take(char wanted) {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  /// "name ", quotes inside doubled.
  Result<std::string> FieldName() {
    std::string name;
    if (!Take('"')) return Malformed();
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"' && (++at_ == text_.size() || text_[at_] != '"'))
        return Take(' ') ? Result(name) : Malformed();
      name += text_[at_];
    }
    return Malformed();
  }

  Result<WireType> ParseAt(int depth) {
    if (depth > kMaxDepth) return InvalidInput("a wire type is nested deeper than {} levels", kMaxDepth);
    WireType type;
    while (at_ < text_.size() && (isalnum(static_cast<unsigned char>(text_[at_])) != 0)) type.kind += text_[at_++];
    bool nested = type.kind == "list" || type.kind == "struct" || type.kind == "map";
    if (type.kind.empty() || Take('(') != nested) return Malformed();
    if (!nested) return type;
    do {
      std::string name;
      if (type.kind == "struct") {
        LAKE_ASSIGN_OR_RETURN(name, FieldName());
      }
      LAKE_ASSIGN_OR_RETURN(WireType field, ParseAt(depth + 1));
      field.name = std::move(name);
      type.fields.push_back(std::move(field));
    } while (Take(',') && Take(' '));
    size_t wanted = type.kind == "list" ? 1 : type.kind == "map" ? 2 : type.fields.size();
    if (!Take(')') || type.fields.size() != wanted) return Malformed();
    return type;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<WireType> ParseWireType(std::string_view text) { return Parser(text).Parse(); }

}  // namespace lake::server
