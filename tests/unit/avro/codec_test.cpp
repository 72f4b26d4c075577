#include "avro/codec.h"

#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <map>

#include "base/result_matchers.h"

namespace lake::avro {
namespace {

using testing::HasSubstr;

std::string Snappy(const std::string& text) {
  std::string out;
  snappy::Compress(text.data(), text.size(), &out);
  auto crc =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(crc >> shift));
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST(AvroCodec, EveryCodecReads) {  // rule 38
  std::string text(100000, 'x');
  text += "end";
  EXPECT_EQ(*Decompress(Codec::kNull, text, 1 << 20), text);
  EXPECT_EQ(*Decompress(Codec::kDeflate, *Compress(Codec::kDeflate, text), 1 << 20), text);
  EXPECT_EQ(*Decompress(Codec::kSnappy, Snappy(text), 1 << 20), text);
  EXPECT_EQ(*Decompress(Codec::kZstandard, Zstd(text), 1 << 20), text);
  EXPECT_EQ(*Decompress(Codec::kDeflate, *Compress(Codec::kDeflate, ""), 1 << 20), "");
  EXPECT_THAT(ParseCodec("xz"), HasKind(ErrorKind::kUnsupported));
}

TEST(AvroCodec, BombsStopAtTheLimit) {
  std::string text(1 << 20, '\0');
  for (auto& [codec, bytes] : std::map<Codec, std::string>{{Codec::kDeflate, *Compress(Codec::kDeflate, text)},
                                                           {Codec::kSnappy, Snappy(text)},
                                                           {Codec::kZstandard, Zstd(text)}}) {
    EXPECT_THAT(Decompress(codec, bytes, 1000), HasMessage(HasSubstr("longer than 1000 bytes"))) << CodecName(codec);
  }
}

TEST(AvroCodec, BrokenDataIsCorrupt) {
  std::string text = "some text that compresses";
  for (Codec codec : {Codec::kDeflate, Codec::kSnappy, Codec::kZstandard}) {
    std::string good = codec == Codec::kDeflate  ? *Compress(codec, text)
                       : codec == Codec::kSnappy ? Snappy(text)
                                                 : Zstd(text);
    EXPECT_THAT(Decompress(codec, good.substr(0, good.size() - 2), 1 << 20), HasKind(ErrorKind::kCorrupt))
        << CodecName(codec);
    EXPECT_THAT(Decompress(codec, "", 1 << 20), HasKind(ErrorKind::kCorrupt)) << CodecName(codec);
  }
  std::string bad_sum = Snappy(text);
  bad_sum.back() ^= 1;
  EXPECT_THAT(Decompress(Codec::kSnappy, bad_sum, 1 << 20), HasMessage(HasSubstr("checksum")));
}

}  // namespace
}  // namespace lake::avro
