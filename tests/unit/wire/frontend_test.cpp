// Framing and messages of a client, cut anywhere and malformed in every way.
#include "wire/frontend.h"

#include "base/result_matchers.h"
#include "wire/hex.h"

namespace lake::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

void Give(MessageReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    auto [at, room] = reader.Room();
    size_t count = std::min(room, bytes.size());
    std::memcpy(at, bytes.data(), count);
    reader.Received(count);
    bytes.remove_prefix(count);
  }
}

std::string MakeMessage(char type, std::string_view body) {
  OutBuffer out;
  out.AppendByte(type);
  out.Append32(static_cast<uint32_t>(body.size() + 4));
  out.Append(body);
  return std::string(out.view());
}

TEST(MessageReaderTest, MessagesCutAnywhere) {
  std::string large(100'000, 'x');
  std::string stream = MakeMessage('Q', Bytes("SELECT 1\0")) + MakeMessage('S', "") + MakeMessage('d', large);
  for (size_t piece : {1, 2, 3, 7, 4096, 1000000}) {
    MessageReader reader;
    std::vector<std::pair<char, std::string>> messages;
    for (size_t at = 0; at < stream.size(); at += piece) {
      Give(reader, std::string_view(stream).substr(at, piece));
      for (;;) {
        ASSERT_OK_AND_ASSIGN(auto message, reader.Next());
        if (!message) break;
        messages.emplace_back(message->type, message->body);
      }
    }
    ASSERT_THAT(messages, SizeIs(3));
    EXPECT_EQ(messages[0].second, Bytes("SELECT 1\0"));
    EXPECT_EQ(messages[1].first, 'S');
    EXPECT_EQ(messages[2].second, large);
    EXPECT_FALSE(reader.has_bytes());
  }
}

TEST(MessageReaderTest, LengthsAreCheckedBeforeTheyAreBelieved) {
  for (const char* hex :
       {"5100000003", "51ffffffff", "5140000004", "5300002715", "2100000004", "0000000004", "5200000008"}) {
    MessageReader reader;
    Give(reader, FromHex(hex));
    EXPECT_THAT(reader.Next(), HasKind(ErrorKind::kCorrupt)) << hex;
  }
}

TEST(MessageReaderTest, ClaimedBytesAreNotAllocated) {
  MessageReader reader;
  Give(reader, FromHex("513fffffff"));
  ASSERT_OK_AND_ASSIGN(auto message, reader.Next());
  EXPECT_FALSE(message.has_value());
  EXPECT_LT(reader.Room().second, 1'000'000u);
}

TEST(MessageReaderTest, StartupPackets) {
  MessageReader reader;
  Give(reader, FromHex("00000008"
                       "04d2162f"));
  ASSERT_OK_AND_ASSIGN(auto packet, reader.NextStartup());
  ASSERT_TRUE(packet.has_value());
  ASSERT_OK_AND_ASSIGN(Startup ssl, ParseStartup(*packet));
  EXPECT_EQ(ssl.kind, Startup::Kind::kSslRequest);
  for (const char* hex : {"00000007", "00002711", "ffffffff", "00000000"}) {
    MessageReader bad;
    Give(bad, FromHex(hex));
    EXPECT_THAT(bad.NextStartup(), HasKind(ErrorKind::kCorrupt)) << hex;
  }
}

TEST(StartupTest, Sessions) {
  ASSERT_OK_AND_ASSIGN(Startup startup, ParseStartup(Bytes("\0\3\0\0user\0me\0database\0d\0\0")));
  EXPECT_EQ(startup.version, kProtocolVersion3);
  ASSERT_THAT(startup.parameters, SizeIs(2));
  EXPECT_EQ(startup.parameters[1], (std::pair<std::string, std::string>("database", "d")));
  EXPECT_THAT(ParseStartup(Bytes("\0\2\0\0\0")), HasKind(ErrorKind::kUnsupported));
  for (const std::string& bad :
       {Bytes("\0\3\0\0"), Bytes("\0\3\0\0user\0me"), Bytes("\0\3\0\0user\0me\0\0x"), Bytes("\0\3\0")}) {
    EXPECT_THAT(ParseStartup(bad), HasKind(ErrorKind::kCorrupt));
  }
}

TEST(StartupTest, Options) {
  ASSERT_OK_AND_ASSIGN(auto settings, ParseOptions("  -c a=1 -cb=x\\ y --work-mem=4\\\\MB\t"));
  using Setting = std::pair<std::string, std::string>;
  EXPECT_THAT(settings, ElementsAre(Setting("a", "1"), Setting("b", "x y"), Setting("work_mem", "4\\MB")));
  EXPECT_THAT(ParseOptions("").value(), IsEmpty());
  for (const char* bad : {"-c", "-c a", "-x 1", "a=1", "-c =1"}) {
    EXPECT_THAT(ParseOptions(bad), HasKind(ErrorKind::kInvalidInput)) << bad;
  }
}

TEST(StartupTest, Cancel) {
  ASSERT_OK_AND_ASSIGN(Startup cancel, ParseStartup(FromHex("04d2162e"
                                                            "00000007"
                                                            "fffffffe")));
  EXPECT_EQ(cancel.kind, Startup::Kind::kCancel);
  EXPECT_EQ(cancel.process_id, 7u);
  EXPECT_EQ(cancel.secret_key, 0xfffffffeu);
  EXPECT_THAT(ParseStartup(FromHex("04d2162e00000007")), HasKind(ErrorKind::kCorrupt));
}

TEST(MessageTest, Parse) {
  std::string body = Bytes("s\0SELECT $1\0\0\1\0\0\0\27");
  ASSERT_OK_AND_ASSIGN(ParseMessage message, ParseParse(body));
  EXPECT_EQ(message.statement, "s");
  EXPECT_EQ(message.query, "SELECT $1");
  EXPECT_THAT(message.parameter_types, testing::ElementsAre(kInt4Oid));
}

TEST(MessageTest, Bind) {
  std::string body = Bytes(
      "p\0s\0"
      "\0\1\0\1"
      "\0\2"
      "\0\0\0\1x"
      "\377\377\377\377"
      "\0\2\0\0\0\1");
  ASSERT_OK_AND_ASSIGN(BindMessage message, ParseBind(body));
  EXPECT_EQ(message.portal, "p");
  EXPECT_EQ(FormatAt(message.parameter_formats, 1), Format::kBinary);
  ASSERT_THAT(message.parameters, SizeIs(2));
  EXPECT_EQ(message.parameters[0], "x");
  EXPECT_FALSE(message.parameters[1].has_value());
  EXPECT_EQ(FormatAt(message.result_formats, 1), Format::kBinary);
  EXPECT_EQ(FormatAt({}, 5), Format::kText);
}

/// No cut and no single wrong byte may do more than give an error or another message (the sanitizers watch).
TEST(MessageTest, MutilatedBodies) {
  std::string bind = Bytes(
      "p\0s\0"
      "\0\1\0\1"
      "\0\2"
      "\0\0\0\1x"
      "\377\377\377\377"
      "\0\2\0\0\0\1");
  std::string parse = Bytes("s\0SELECT $1\0\0\1\0\0\0\27");
  std::string startup = Bytes("\0\3\0\0user\0me\0database\0d\0\0");
  for (const std::string& body : {bind, parse, startup}) {
    for (size_t length = 0; length < body.size(); ++length) {
      std::string_view cut = std::string_view(body).substr(0, length);
      EXPECT_FALSE(ParseBind(cut).ok());
      EXPECT_FALSE(&body == &parse && ParseParse(cut).ok());
      (void)ParseStartup(cut).ok();
      (void)ParseNamed(cut).ok();
      (void)ParseExecute(cut).ok();
      (void)ParseString(cut).ok();
    }
    for (size_t i = 0; i < body.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string wrong = body;
        wrong[i] = static_cast<char>(wrong[i] ^ (1 << bit));
        (void)ParseBind(wrong).ok();
        (void)ParseParse(wrong).ok();
        (void)ParseStartup(wrong).ok();
      }
    }
  }
  EXPECT_THAT(ParseBind(FromHex("0000"
                                "0000"
                                "7fff"
                                "0000")),
              HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(ParseBind(FromHex("0000"
                                "0000"
                                "0001"
                                "80000000"
                                "0000")),
              HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(ParseBind(FromHex("0000"
                                "000200000001"
                                "000100000000"
                                "0000")),
              HasKind(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace lake::wire
