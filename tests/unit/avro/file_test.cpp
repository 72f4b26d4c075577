#include "avro/file.h"

#include "base/result_matchers.h"

namespace lake::avro {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string MakeFile(int objects, Codec codec = Codec::kDeflate, size_t block_size = 100) {
  FileWriter writer("\"long\"", {{"owner", "test"}}, codec, block_size);
  for (int i = 0; i < objects; i++) {
    writer.encoder().Long(i);
    EXPECT_OK(writer.EndObject());
  }
  return *std::move(writer).Finish();
}

Result<std::vector<int64_t>> ReadAll(std::string_view bytes) {
  LAKE_ASSIGN_OR_RETURN(auto reader, FileReader::Open(bytes, "file:///t/m.avro"));
  std::vector<int64_t> values;
  LAKE_RETURN_IF_ERROR(reader.ForEach([&](Decoder& decoder) -> Status {
    values.push_back(decoder.Long());
    return {};
  }));
  return values;
}

TEST(AvroFile, RoundTripOverManyBlocks) {
  for (Codec codec : {Codec::kNull, Codec::kDeflate}) {
    std::string bytes = MakeFile(1000, codec);
    ASSERT_OK_AND_ASSIGN(auto values, ReadAll(bytes));
    ASSERT_EQ(values.size(), 1000u);
    EXPECT_EQ(values.back(), 999);
    EXPECT_EQ(*FileReader::Open(bytes, "x")->FindMetadata("owner"), "test");
  }
  EXPECT_THAT(ReadAll(MakeFile(0)), IsOk());
}

TEST(AvroFile, ErrorsNameFileAndOffset) {
  std::string bytes = MakeFile(10);
  EXPECT_THAT(ReadAll("nonsense"), AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr("file:///t/m.avro"))));
  EXPECT_THAT(ReadAll(bytes.substr(0, bytes.size() - 1)), HasMessage(HasSubstr("at byte")));
  std::string torn = bytes;
  torn.back() ^= 1;
  EXPECT_THAT(ReadAll(torn), HasMessage(HasSubstr("sync marker")));
}

TEST(AvroFile, EveryTruncationIsAnErrorOrWhole) {
  std::string bytes = MakeFile(100, Codec::kDeflate, 50);
  for (size_t size = 0; size < bytes.size(); size++) {
    auto values = ReadAll(std::string_view(bytes).substr(0, size));
    if (values.ok()) {
      EXPECT_LT(values->size(), 100u) << size;
    }
  }
}

TEST(AvroFile, BlockThatClaimsTooManyObjectsIsRefused) {  // META-6
  std::string good = MakeFile(1, Codec::kNull);
  std::string sync = good.substr(good.size() - 16);
  std::string head = good.substr(0, good.size() - 16 - 3);
  Encoder frame;
  frame.Long(int64_t{1} << 50);
  frame.Bytes(std::string(1, '\0'));
  frame.Fixed(sync);
  EXPECT_THAT(ReadAll(head + frame.bytes()), HasMessage(HasSubstr("cannot hold")));
}

TEST(AvroFile, UnknownCodecIsNamed) {
  std::string bytes = MakeFile(1, Codec::kNull);
  bytes.replace(bytes.find("null"), 4, "nulk");
  EXPECT_THAT(ReadAll(bytes), AllOf(HasKind(ErrorKind::kUnsupported), HasMessage(HasSubstr("\"nulk\""))));
}

}  // namespace
}  // namespace lake::avro
