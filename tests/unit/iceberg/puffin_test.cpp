// Puffin files, as the specification lays their bytes out.
#include "iceberg/puffin.h"

#include "base/result_matchers.h"

namespace lake::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Example() {
  PuffinWriter writer;
  writer.Add({.type = "a", .fields = {FieldId{1}, FieldId{2}}, .properties = {{"k", "v"}}}, "first");
  writer.Add({.type = "b", .snapshot_id = 7, .sequence_number = 8}, "second one");
  auto file = std::move(writer).Finish({{"created-by", "test"}});
  EXPECT_OK(file);
  return *file;
}

TEST(Puffin, BlobsAreWhereTheFooterSays) {  // rule 66
  std::string file = Example();
  EXPECT_EQ(file.substr(0, 4), "PFA1");
  EXPECT_EQ(file.substr(4, 15), "firstsecond one");
  EXPECT_EQ(file.substr(19, 5), "PFA1{");
  EXPECT_EQ(file.substr(file.size() - 8), std::string("\0\0\0\0PFA1", 8));
  ASSERT_OK_AND_ASSIGN(auto blobs, ReadPuffinFooter(file, "x"));
  ASSERT_EQ(blobs.size(), 2u);
  EXPECT_EQ(blobs[0].offset, 4);
  EXPECT_EQ(blobs[0].length, 5);
  EXPECT_EQ(blobs[0].snapshot_id, -1);
  EXPECT_THAT(blobs[0].fields, ElementsAre(FieldId{1}, FieldId{2}));
  EXPECT_EQ(blobs[0].properties.at("k"), "v");
  EXPECT_EQ(blobs[1].type, "b");
  EXPECT_EQ(blobs[1].sequence_number, 8);
  EXPECT_EQ(file.substr(static_cast<size_t>(blobs[1].offset), static_cast<size_t>(blobs[1].length)), "second one");
}

TEST(Puffin, BrokenFilesAreRefused) {  // rule 66
  std::string file = Example();
  EXPECT_THAT(ReadPuffinFooter("", "x"), HasKind(ErrorKind::kCorrupt));
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_THAT(ReadPuffinFooter(std::string_view(file).substr(0, size), "x"), HasKind(ErrorKind::kCorrupt)) << size;
  }
  std::string longer = file;
  longer[file.size() - 12] = '\xff';
  longer[file.size() - 11] = '\xff';
  EXPECT_THAT(ReadPuffinFooter(longer, "x"), HasMessage(HasSubstr("longer than the file")));
  std::string compressed = file;
  compressed[file.size() - 8] = 1;
  EXPECT_THAT(ReadPuffinFooter(compressed, "x"), HasKind(ErrorKind::kUnsupported));
  std::string far = file;
  far.replace(far.find("[1,2]"), 5, "[9e9]");
  EXPECT_THAT(ReadPuffinFooter(far, "x"), HasKind(ErrorKind::kCorrupt)) << "ids have 32 bits";
  std::string outside = file;
  size_t at = outside.find("\"length\":5");
  ASSERT_NE(at, std::string::npos);
  outside[at + 9] = '9';  // 9 of 15 bytes still lie within; its neighbour's would not
  EXPECT_OK(ReadPuffinFooter(outside, "x"));
  at = outside.find("\"length\":10");
  ASSERT_NE(at, std::string::npos);
  outside.replace(at + 9, 2, "99");
  EXPECT_THAT(ReadPuffinFooter(outside, "x"), HasMessage(HasSubstr("a blob lies outside of it")));
}

}  // namespace
}  // namespace lake::iceberg
