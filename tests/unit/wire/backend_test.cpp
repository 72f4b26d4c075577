// The bytes of backend messages, as the protocol's documentation lays them out.
#include "wire/backend.h"

#include <gtest/gtest.h>

#include "wire/hex.h"

namespace lake::wire {
namespace {

template <typename Append>
std::string HexOf(Append append) {
  OutBuffer out;
  append(out);
  return ToHex(out.view());
}

TEST(BackendTest, SmallMessages) {
  EXPECT_EQ(HexOf(AppendAuthenticationOk), "520000000800000000");
  EXPECT_EQ(HexOf([](OutBuffer& out) { AppendBackendKeyData(out, 1, 2); }), "4b0000000c0000000100000002");
  EXPECT_EQ(HexOf([](OutBuffer& out) { AppendReadyForQuery(out, TransactionStatus::kInTransaction); }), "5a0000000554");
  EXPECT_EQ(HexOf([](OutBuffer& out) { AppendCommandComplete(out, "A"); }), "43000000064100");
  EXPECT_EQ(HexOf(AppendNoData), "6e00000004");
  EXPECT_EQ(HexOf([](OutBuffer& out) { AppendCopyOutResponse(out, Format::kBinary, 2); }),
            "480000000b0100020001"
            "0001");
}

TEST(BackendTest, RowDescription) {
  ColumnDescription columns[] = {{"a", kInt4Oid, 4, -1, Format::kBinary}};
  EXPECT_EQ(HexOf([&](OutBuffer& out) { AppendRowDescription(out, columns); }),
            "540000001a0001"
            "6100"
            "00000000"
            "0000"
            "00000017"
            "0004"
            "ffffffff"
            "0001");
}

TEST(BackendTest, ErrorFieldsEndAtZeroBytes) {
  OutBuffer out;
  AppendErrorResponse(out, {"ERROR", "42601", std::string_view("a\0b", 3), "", "h"});
  EXPECT_EQ(out.view().substr(5), Bytes("SERROR\0VERROR\0C42601\0Ma\0Hh\0\0"));
}

}  // namespace
}  // namespace lake::wire
