// The binary COPY stream, cut at every byte, and broken.
#include "wire/copy_reader.h"

#include "base/result_matchers.h"
#include "wire/copy_format.h"
#include "wire/hex.h"

namespace lake::wire {
namespace {

using testing::HasSubstr;
using Row = std::vector<std::optional<std::string>>;

std::string Stream(const std::vector<Row>& rows) {
  OutBuffer out;
  AppendCopyHeader(out);
  for (const Row& row : rows) {
    out.Append16(static_cast<uint16_t>(row.size()));
    for (auto& field : row) {
      out.Append32(field ? static_cast<uint32_t>(field->size()) : 0xffffffff);
      if (field) out.Append(*field);
    }
  }
  AppendCopyTrailer(out);
  return std::string(out.view());
}

const std::vector<Row> kRows = {
    {"a", std::nullopt, ""}, {"", "bc", "def"}, {std::string(1000, 'x'), "y", std::nullopt}};

/// Reads the stream in pieces of the given sizes (the last one repeats), copying the fields out at once.
Result<std::vector<Row>> Read(std::string_view stream, std::vector<size_t> pieces, bool& ended) {
  CopyReader reader(3);
  std::vector<Row> rows;
  for (size_t at = 0, i = 0; at < stream.size(); ++i) {
    std::string piece(
        stream.substr(at, pieces[std::min(i, pieces.size() - 1)]));  // its own memory, gone after the round
    at += piece.size();
    reader.Feed(piece);
    for (;;) {
      LAKE_ASSIGN_OR_RETURN(CopyReader::Step step, reader.Next());
      if (step != CopyReader::Step::kTuple) break;
      Row row;
      for (const CopyField& field : reader.fields()) {
        row.push_back(field.is_null() ? std::nullopt : std::optional<std::string>(field.bytes()));
      }
      rows.push_back(std::move(row));
    }
  }
  ended = reader.at_end();
  return rows;
}

TEST(CopyReaderTest, EveryCut) {
  std::string stream = Stream(kRows);
  for (size_t cut = 1; cut <= stream.size(); ++cut) {
    bool ended = false;
    ASSERT_OK_AND_ASSIGN(auto rows, Read(stream, {cut, stream.size()}, ended));
    EXPECT_EQ(rows, kRows) << cut;
    EXPECT_TRUE(ended);
  }
  for (size_t piece : {1, 2, 3, 5, 17}) {
    bool ended = false;
    ASSERT_OK_AND_ASSIGN(auto rows, Read(stream, {piece}, ended));
    EXPECT_EQ(rows, kRows) << piece;
  }
}

TEST(CopyReaderTest, WholeTuplesAreNotCopied) {
  std::string stream = Stream(kRows);
  CopyReader reader(3);
  reader.Feed(stream);
  while (true) {
    ASSERT_OK_AND_ASSIGN(CopyReader::Step step, reader.Next());
    if (step != CopyReader::Step::kTuple) break;
    for (const CopyField& field : reader.fields()) {
      if (field.is_null()) continue;
      EXPECT_GE(field.data, stream.data());
      EXPECT_LE(field.data + field.length, stream.data() + stream.size());
    }
  }
  EXPECT_EQ(reader.tuples(), 3);
}

TEST(CopyReaderTest, AStreamThatIsCutOffHasNoEnd) {
  std::string stream = Stream(kRows);
  for (size_t length = 1; length < stream.size(); ++length) {
    bool ended = true;
    ASSERT_OK_AND_ASSIGN(auto rows, Read(std::string_view(stream).substr(0, length), {7}, ended));
    EXPECT_FALSE(ended) << length;
  }
}

TEST(CopyReaderTest, HeaderExtensionsAreSkipped) {
  std::string stream = Stream(kRows);
  stream.replace(15, 4, FromHex("00000005") + "hello");
  for (size_t piece : {1, 4, 10000}) {
    bool ended = false;
    ASSERT_OK_AND_ASSIGN(auto rows, Read(stream, {piece}, ended));
    EXPECT_EQ(rows, kRows);
  }
}

TEST(CopyReaderTest, BrokenStreams) {
  std::string good = Stream(kRows);
  auto expect_corrupt = [](const std::string& stream, const char* message) {
    for (size_t piece : {1, 1000000}) {
      bool ended = false;
      auto rows = Read(stream, {piece}, ended);
      EXPECT_THAT(rows, testing::AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr(message))));
    }
  };
  expect_corrupt("PGCOPX" + good.substr(6), "signature");
  std::string flags = good;
  flags[11] = 1;
  expect_corrupt(flags, "flags");
  expect_corrupt(good + "x", "after its end");
  expect_corrupt(good.substr(0, 19) + FromHex("0002"
                                              "ffffffff"
                                              "ffffffff"),
                 "2 fields instead of 3");
  expect_corrupt(good.substr(0, 19) + FromHex("fffe"), "-2 fields");
  expect_corrupt(good.substr(0, 19) + FromHex("0003"
                                              "fffffffe"),
                 "a field of -2 bytes in tuple 1");
  expect_corrupt(good.substr(0, 19) + FromHex("0003"
                                              "7fffffff"),
                 "a field of 2147483647 bytes");
}

}  // namespace
}  // namespace lake::wire
