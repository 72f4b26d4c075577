#include "avro/decoder.h"

#include <limits>

#include "base/result_matchers.h"

namespace lake::avro {
namespace {

using testing::StrEq;

TEST(AvroDecoder, LongsRoundTrip) {
  for (int64_t value : {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-65}, int64_t{1} << 40,
                        std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}) {
    Encoder encoder;
    encoder.Long(value);
    Decoder decoder(encoder.bytes());
    EXPECT_EQ(decoder.Long(), value);
    EXPECT_TRUE(decoder.at_end());
    EXPECT_FALSE(decoder.failed());
  }
}

TEST(AvroDecoder, KnownBytes) {  // Avro specification, "Primitive Types"
  Encoder encoder;
  encoder.Long(-64);
  encoder.Bytes("foo");
  EXPECT_EQ(encoder.bytes(),
            "\x7f\x06"
            "foo");
}

TEST(AvroDecoder, FailsOnceAndStaysFailed) {
  Decoder decoder("\x02");
  EXPECT_EQ(decoder.Bytes(), "");  // says one byte, has none
  EXPECT_THAT(decoder.problem(), StrEq("string is longer than the data"));
  EXPECT_EQ(decoder.problem_position(), 1u);
  EXPECT_EQ(decoder.Long(), 0);
  EXPECT_THAT(decoder.problem(), StrEq("string is longer than the data"));
}

TEST(AvroDecoder, OverlongIntegersFail) {
  Decoder decoder("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  decoder.Long();
  EXPECT_TRUE(decoder.failed());
  Encoder big;
  big.Long(int64_t{1} << 32);
  Decoder narrow(big.bytes());
  narrow.Int();
  EXPECT_TRUE(narrow.failed());
}

TEST(AvroDecoder, ArrayThatIsLongerThanTheDataIsNotLooped) {
  Encoder encoder;
  encoder.Long(std::numeric_limits<int64_t>::max());
  Decoder decoder(encoder.bytes());
  int calls = 0;
  decoder.Items(false, [&] { calls++; });
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(decoder.failed());
}

TEST(AvroDecoder, ArrayOfNothingHasALimit) {
  Encoder encoder;
  encoder.Long(900000);
  encoder.Long(900000);
  encoder.Long(0);
  Decoder decoder(encoder.bytes());
  int calls = 0;
  decoder.Items(true, [&] { calls++; });
  EXPECT_TRUE(decoder.failed());
  EXPECT_EQ(calls, 900000);
}

TEST(AvroDecoder, NegativeBlockCountsCarryASize) {
  Encoder encoder;
  encoder.Long(-2);
  encoder.Long(2);
  encoder.Long(5);
  encoder.Long(6);
  encoder.Long(0);
  Decoder decoder(encoder.bytes());
  std::vector<int64_t> items;
  decoder.Items(false, [&] { items.push_back(decoder.Long()); });
  EXPECT_THAT(items, testing::ElementsAre(5, 6));
  EXPECT_TRUE(decoder.at_end() && !decoder.failed());
}

TEST(AvroDecoder, SkipsEveryKind) {
  Json json = *ParseJson(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":["null","int"]},{"name":"b","type":{"type":"map","values":"double"}},
      {"name":"c","type":{"type":"array","items":"string"}},{"name":"d","type":{"type":"fixed","name":"f","size":2}},
      {"name":"e","type":"boolean"},{"name":"g","type":"float"},{"name":"h","type":{"type":"enum","name":"e","symbols":["x"]}},
      {"name":"i","type":"bytes"}]})",
                         "schema");
  ASSERT_OK_AND_ASSIGN(SchemaPtr schema, ParseSchema(json));
  Encoder encoder;
  encoder.Branch(1);
  encoder.Int(5);
  encoder.Long(1);
  encoder.Bytes("key");
  encoder.Double(1);
  encoder.Long(0);
  encoder.Long(1);
  encoder.Bytes("x");
  encoder.Long(0);
  encoder.Fixed("ab");
  encoder.Boolean(true);
  encoder.Float(2);
  encoder.Long(0);
  encoder.Bytes("yz");
  Decoder decoder(encoder.bytes());
  decoder.Skip(*schema);
  EXPECT_TRUE(decoder.at_end() && !decoder.failed());
}

}  // namespace
}  // namespace lake::avro
