#include "server/engine/copy_text.h"

namespace lake::server {

namespace {

void AppendCsv(wire::OutBuffer& out, const CopyTextOptions& options, std::string_view text, bool single_column) {
  bool quote = options.force_quote || text == options.null || (single_column && text == "\\.");
  for (size_t i = 0; !quote && i < text.size(); ++i) {
    char c = text[i];
    quote = c == options.delimiter || c == options.quote || c == '\n' || c == '\r';
  }
  if (!quote) return out.Append(text);
  out.AppendByte(options.quote);
  for (char c : text) {
    if (c == options.quote || c == options.escape) out.AppendByte(options.escape);
    out.AppendByte(c);
  }
  out.AppendByte(options.quote);
}

void AppendText(wire::OutBuffer& out, const CopyTextOptions& options, std::string_view text) {
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char escaped;
    switch (text[i]) {
      case '\b': escaped = 'b'; break;
      case '\f': escaped = 'f'; break;
      case '\n': escaped = 'n'; break;
      case '\r': escaped = 'r'; break;
      case '\t': escaped = 't'; break;
      case '\v': escaped = 'v'; break;
      case '\\': escaped = '\\'; break;
      default:
        if (text[i] != options.delimiter) continue;
        escaped = text[i];
    }
    out.Append(text.substr(from, i - from));
    out.AppendByte('\\');
    out.AppendByte(escaped);
    from = i + 1;
  }
  out.Append(text.substr(from));
}

}  // namespace

void AppendCopyField(wire::OutBuffer& out, const CopyTextOptions& options, std::string_view text, bool is_null,
                     bool single_column) {
  if (is_null) return out.Append(options.null);
  if (options.csv) return AppendCsv(out, options, text, single_column);
  AppendText(out, options, text);
}

}  // namespace lake::server
