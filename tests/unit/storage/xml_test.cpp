#include "storage/xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lake::storage {
namespace {

using ::testing::HasSubstr;

TEST(XmlTest, ReadsElementsAndText) {
  auto root = ParseXml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s3:Error xmlns:s3=\"x\"><Code>No&amp;Such</Code>"
      "<A><B>1</B><B>2</B></A><Empty/></s3:Error>");
  ASSERT_TRUE(root.ok()) << root.error().message();
  EXPECT_EQ(root->name, "Error");
  EXPECT_EQ(root->ChildText("Code"), "No&Such");
  EXPECT_EQ(root->Child("A")->children.size(), 2u);
  EXPECT_EQ(root->Child("A")->children[1].text, "2");
  EXPECT_EQ(root->ChildText("Empty"), "");
  EXPECT_EQ(root->Child("None"), nullptr);
}

TEST(XmlTest, ManyChildrenKeepTheirPlaces) {
  std::string text = "<r>";
  for (int i = 0; i < 1000; ++i) text += "<c><k>" + std::to_string(i) + "</k></c>";
  auto root = ParseXml(text + "</r>");
  ASSERT_TRUE(root.ok());
  ASSERT_EQ(root->children.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(root->children[static_cast<size_t>(i)].ChildText("k"), std::to_string(i));
}

TEST(XmlTest, RefusesHostileDocuments) {
  std::string deep, bombs = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  for (const std::string& text :
       {std::string(), std::string("no xml"), std::string("<a>"), std::string("<a></b>"), std::string("<a/><b/>"),
        std::string("<a>&undefined;</a>"), std::string("<a>\xff\xfe</a>"), std::string("<a\0>", 4), deep, bombs,
        std::string("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>"), std::string(kMaxXmlBytes + 1, ' ')}) {
    auto root = ParseXml(text);
    ASSERT_FALSE(root.ok()) << text.substr(0, 50);
    EXPECT_EQ(root.error().kind(), ErrorKind::kCorrupt);
  }
  EXPECT_THAT(ParseXml(bombs).error().message(), HasSubstr("document type"));
  EXPECT_THAT(ParseXml(deep).error().message(), HasSubstr("nested too deeply"));
}

TEST(XmlTest, EscapedTextReadsBack) {
  std::string text = "a<b>&\"c'";
  EXPECT_EQ(ParseXml("<r>" + EscapeXml(text) + "</r>")->text, text);
}

}  // namespace
}  // namespace lake::storage
