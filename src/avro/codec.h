// Block compression of object container files: null, deflate (raw, no zlib header), snappy (plus a big-endian CRC-32 of
// the uncompressed data), zstandard.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lake::avro {

enum class Codec { kNull, kDeflate, kSnappy, kZstandard };

/// The value of avro.codec; kUnsupported for another name.
Result<Codec> ParseCodec(std::string_view name);
const char* CodecName(Codec codec);

/// Only kNull and kDeflate are written.
Result<std::string> Compress(Codec codec, std::string_view bytes);
/// kCorrupt when the data is broken or would be longer than `max_size`, checked while it grows.
Result<std::string> Decompress(Codec codec, std::string_view bytes, size_t max_size);

/// A whole gzip member stream (also several), as used by metadata files. kCorrupt as above.
Result<std::string> Gunzip(std::string_view bytes, size_t max_size);

}  // namespace lake::avro
