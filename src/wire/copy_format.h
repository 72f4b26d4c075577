// The fixed bytes of PostgreSQL's binary COPY format: the header before the first tuple, the trailer after the last.
#pragma once

#include "wire/out_buffer.h"

namespace lake::wire {

inline constexpr char kCopySignature[11] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', '\377', '\r', '\n', '\0'};
inline constexpr size_t kCopyHeaderBytes = 19;
inline constexpr size_t kCopyTrailerBytes = 2;

inline void AppendCopyHeader(OutBuffer& out) {
  out.Append({kCopySignature, sizeof(kCopySignature)});
  out.Append32(0);  // flags
  out.Append32(0);  // length of the header extension
}

inline void AppendCopyTrailer(OutBuffer& out) { out.Append16(0xffff); }

}  // namespace lake::wire
