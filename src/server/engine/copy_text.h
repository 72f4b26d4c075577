// COPY's text and csv formats, as PostgreSQL writes them (copyto.c).
#pragma once

#include <string>
#include <string_view>

#include "wire/out_buffer.h"

namespace lake::server {

struct CopyTextOptions {
  bool csv = false;
  char delimiter = '\t';
  char quote = '"';   // csv
  char escape = '"';  // csv
  std::string null = "\\N";
  bool header = false;
  bool force_quote = false;  // csv: every value that is not null
};

/// One field. `single_column`: a lone "\." would end the data, so csv quotes it.
void AppendCopyField(wire::OutBuffer& out, const CopyTextOptions& options, std::string_view text, bool is_null,
                     bool single_column);

/// The line of column names.
template <typename Names>
void AppendCopyHeaderLine(wire::OutBuffer& out, const CopyTextOptions& options, const Names& names) {
  bool first = true;
  for (const auto& name : names) {
    if (!first) out.AppendByte(options.delimiter);
    AppendCopyField(out, options, name, false, names.size() == 1);
    first = false;
  }
  out.AppendByte('\n');
}

}  // namespace lake::server
