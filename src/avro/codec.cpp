#include "avro/codec.h"

#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace lake::avro {

namespace {

constexpr int kRawDeflate = -MAX_WBITS;
constexpr int kGzip = MAX_WBITS + 16;

Error TooLong(size_t max_size) { return Corrupt("decompressed data is longer than {} bytes", max_size); }

/// Grows the output step by step: what the header or a small input promises is never allocated up front.
Result<std::string> Inflate(std::string_view bytes, int window_bits, size_t max_size) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return OutOfMemory("out of memory while decompressing");
  struct End {
    z_stream* stream;
    ~End() { inflateEnd(stream); }
  } end{&stream};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  size_t filled = 0;
  while (true) {
    if (filled == out.size()) {
      if (filled >= max_size) return TooLong(max_size);
      out.resize(std::min(max_size, std::max(filled * 2, std::max<size_t>(4096, bytes.size() * 4))));
    }
    auto room = static_cast<uInt>(std::min<size_t>(out.size() - filled, 1u << 30));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = room;
    int outcome = inflate(&stream, Z_NO_FLUSH);
    filled += room - stream.avail_out;
    if (outcome == Z_STREAM_END) {
      if (window_bits == kGzip && stream.avail_in > 0) {  // another member follows
        if (inflateReset(&stream) != Z_OK) return Corrupt("compressed data is broken");
        continue;
      }
      break;
    }
    if (outcome == Z_BUF_ERROR && stream.avail_out == 0) continue;
    if (outcome != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) return Corrupt("compressed data is broken");
  }
  out.resize(filled);
  return out;
}

Result<std::string> Deflate(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawDeflate, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return OutOfMemory("out of memory while compressing");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int outcome = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (outcome != Z_STREAM_END) return Internal("zlib could not compress {} bytes", bytes.size());
  return out;
}

Result<std::string> Unsnappy(std::string_view bytes, size_t max_size) {
  if (bytes.size() < 4) return Corrupt("snappy block has no checksum");
  std::string_view data = bytes.substr(0, bytes.size() - 4);
  size_t size = 0;
  if (!snappy::GetUncompressedLength(data.data(), data.size(), &size)) return Corrupt("compressed data is broken");
  if (size > max_size) return TooLong(max_size);
  // Snappy expands to at most 64 bytes for 3; a larger claim is a lie not worth allocating for.
  if (size > data.size() * 64) return Corrupt("compressed data is broken");
  std::string out(size, '\0');
  if (!snappy::RawUncompress(data.data(), data.size(), out.data())) return Corrupt("compressed data is broken");
  uint32_t expected = 0;
  for (char c : bytes.substr(bytes.size() - 4)) expected = expected << 8 | static_cast<uint8_t>(c);
  auto actual = static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(size)));
  if (actual != expected) return Corrupt("checksum of a snappy block does not match");
  return out;
}

Result<std::string> Unzstd(std::string_view bytes, size_t max_size) {
  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!stream) return OutOfMemory("out of memory while decompressing");
  std::string out;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t filled = 0;
  size_t hint = 1;
  while (in.pos < in.size || hint != 0) {
    if (filled == out.size()) {
      if (filled >= max_size) return TooLong(max_size);
      out.resize(std::min(max_size, std::max(filled * 2, ZSTD_DStreamOutSize())));
    }
    ZSTD_outBuffer sink{out.data(), out.size(), filled};
    size_t before = in.pos;
    hint = ZSTD_decompressStream(stream.get(), &sink, &in);
    if (ZSTD_isError(hint)) return Corrupt("compressed data is broken");
    if (hint != 0 && in.pos == before && sink.pos == filled) return Corrupt("compressed data is cut short");
    filled = sink.pos;
  }
  out.resize(filled);
  return out;
}

}  // namespace

Result<Codec> ParseCodec(std::string_view name) {
  for (Codec codec : {Codec::kNull, Codec::kDeflate, Codec::kSnappy, Codec::kZstandard}) {
    if (name == CodecName(codec)) return codec;
  }
  return Unsupported("Avro codec \"{}\" is not supported", name);
}

const char* CodecName(Codec codec) {
  switch (codec) {
    case Codec::kNull: return "null";
    case Codec::kDeflate: return "deflate";
    case Codec::kSnappy: return "snappy";
    case Codec::kZstandard: return "zstandard";
  }
  return "null";
}

Result<std::string> Compress(Codec codec, std::string_view bytes) {
  if (codec == Codec::kNull) return std::string(bytes);
  if (codec == Codec::kDeflate) return Deflate(bytes);
  return Unsupported("writing Avro codec \"{}\" is not supported", CodecName(codec));
}

Result<std::string> Decompress(Codec codec, std::string_view bytes, size_t max_size) {
  if (bytes.size() > (size_t{1} << 31)) return Corrupt("compressed block has {} bytes", bytes.size());
  switch (codec) {
    case Codec::kNull:
      if (bytes.size() > max_size) return TooLong(max_size);
      return std::string(bytes);
    case Codec::kDeflate: return Inflate(bytes, kRawDeflate, max_size);
    case Codec::kSnappy: return Unsnappy(bytes, max_size);
    case Codec::kZstandard: return Unzstd(bytes, max_size);
  }
  return Internal("unknown codec");
}

Result<std::string> Gunzip(std::string_view bytes, size_t max_size) {
  if (bytes.size() > (size_t{1} << 31)) return Corrupt("compressed file has {} bytes", bytes.size());
  return Inflate(bytes, kGzip, max_size);
}

}  // namespace lake::avro
