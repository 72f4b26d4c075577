#include "iceberg/expression.h"

#include <cmath>
#include <limits>

#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::HasSubstr;
using E = Expression;
using Kind = Expression::Kind;

constexpr FieldId kId{1};
constexpr FieldId kName{2};
constexpr FieldId kTs{3};
constexpr FieldId kPrice{4};

Schema TestSchema() {
  return Schema(SchemaId{0}, {NestedField{kId, "id", true, TypeId::kLong, std::nullopt},
                              NestedField{kName, "name", false, TypeId::kString, std::nullopt},
                              NestedField{kTs, "ts", false, TypeId::kTimestamp, std::nullopt},
                              NestedField{kPrice, "price", false, TypeId::kDouble, std::nullopt}});
}

E Bound(const E& filter) {
  auto bound = Bind(filter, TestSchema());
  EXPECT_OK(bound);
  return *bound;
}

/// id 10 to 20 without nulls; name "b" to "d" with nulls; price 1 to 2, NaNs unknown; ts all null.
DataFile TestFile() {
  DataFile file;
  file.record_count = 100;
  for (FieldId id : {kId, kName, kTs, kPrice}) file.value_counts.Set(id, 100);
  file.null_value_counts.Set(kId, 0);
  file.null_value_counts.Set(kName, 5);
  file.null_value_counts.Set(kTs, 100);
  file.lower_bounds.Set(kId, Literal::Long(10).ToBinary());
  file.upper_bounds.Set(kId, Literal::Long(20).ToBinary());
  file.lower_bounds.Set(kName, "b");
  file.upper_bounds.Set(kName, "d");
  file.lower_bounds.Set(kPrice, Literal::Double(1).ToBinary());
  file.upper_bounds.Set(kPrice, Literal::Double(2).ToBinary());
  return file;
}

bool May(const E& filter, const DataFile& file = TestFile()) {
  return MetricsMayMatch(Bound(filter), TestSchema(), file);
}
E Cmp(Kind kind, FieldId field, Literal literal) { return E::Compare(kind, field, std::move(literal)); }

TEST(Bind, PushesNotIntoTheLeaves) {
  E filter = E::Not(E::And(Cmp(Kind::kLt, kId, Literal::Int(5)), E::IsNull(kName)));
  EXPECT_EQ(Bound(filter).ToString(), "(#1 >= 5 or #2 is not null)");
  EXPECT_EQ(Bound(filter).left().literal().type().id(), TypeId::kLong);
  EXPECT_THAT(Bind(E::IsNull(FieldId{99}), TestSchema()), HasMessage(HasSubstr("column 99")));
}

TEST(Bind, LiteralsThatDoNotFitPruneNothing) {
  EXPECT_TRUE(Bound(Cmp(Kind::kEq, kId, Literal::Double(1.5))).is_true());
  EXPECT_TRUE(Bound(E::Not(Cmp(Kind::kEq, kId, Literal::Double(1.5)))).is_true());
  EXPECT_TRUE(Bound(E::In(kId, {Literal::Long(1), Literal::String("x")})).is_true());
}

TEST(Metrics, MicrosecondsOfNanoseconds) {  // no filter on microseconds loses a row
  Schema schema(SchemaId{0}, {NestedField{kTs, "ts", false, TypeId::kTimestampNs, std::nullopt}});
  auto floor = [](int64_t nanos) { return nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0); };
  for (int64_t nanos : {-1001, -1000, -999, -1, 0, 1, 999, 1000}) {
    DataFile file;
    file.record_count = 1;
    file.lower_bounds.Set(kTs, Literal(TypeId::kTimestampNs, nanos).ToBinary());
    file.upper_bounds.Set(kTs, Literal(TypeId::kTimestampNs, nanos).ToBinary());
    for (int64_t micros : {-2, -1, 0, 1, 2}) {
      int64_t value = floor(nanos);
      auto may = [&](const E& filter) { return MetricsMayMatch(*Bind(filter, schema), schema, file); };
      auto is = [&](Kind kind) { return may(Cmp(kind, kTs, Literal::Timestamp(micros))); };
      EXPECT_EQ(is(Kind::kLt), value < micros) << nanos << " " << micros;
      EXPECT_EQ(is(Kind::kLtEq), value <= micros) << nanos << " " << micros;
      EXPECT_EQ(is(Kind::kEq), value == micros) << nanos << " " << micros;
      EXPECT_EQ(is(Kind::kNotEq), value != micros) << nanos << " " << micros;
      EXPECT_EQ(is(Kind::kGtEq), value >= micros) << nanos << " " << micros;
      EXPECT_EQ(is(Kind::kGt), value > micros) << nanos << " " << micros;
      E in = E::In(kTs, {Literal::Timestamp(micros), Literal::Timestamp(7)});
      EXPECT_EQ(may(in), value == micros) << nanos << " " << micros;
      EXPECT_EQ(may(E::Not(in)), value != micros) << nanos << " " << micros;
    }
  }
  EXPECT_TRUE(Bind(Cmp(Kind::kLt, kTs, Literal::Timestamp(253402300800000000)), schema)->is_true());  // the year 10000
}

TEST(Metrics, BoundsPrune) {
  EXPECT_FALSE(May(Cmp(Kind::kLt, kId, Literal::Long(10))));
  EXPECT_TRUE(May(Cmp(Kind::kLtEq, kId, Literal::Long(10))));
  EXPECT_FALSE(May(Cmp(Kind::kGt, kId, Literal::Long(20))));
  EXPECT_TRUE(May(Cmp(Kind::kGtEq, kId, Literal::Long(20))));
  EXPECT_FALSE(May(Cmp(Kind::kEq, kId, Literal::Long(21))));
  EXPECT_TRUE(May(Cmp(Kind::kEq, kId, Literal::Long(15))));
  EXPECT_TRUE(May(Cmp(Kind::kNotEq, kId, Literal::Long(15))));
  EXPECT_FALSE(May(E::In(kId, {Literal::Long(1), Literal::Long(30), Literal::Long(9)})));
  EXPECT_TRUE(May(E::In(kId, {Literal::Long(1), Literal::Long(30), Literal::Long(12)})));
  EXPECT_FALSE(May(E::And(Cmp(Kind::kGt, kId, Literal::Long(5)), Cmp(Kind::kGt, kId, Literal::Long(50)))));
  EXPECT_TRUE(May(E::Or(Cmp(Kind::kGt, kId, Literal::Long(5)), Cmp(Kind::kGt, kId, Literal::Long(50)))));
}

TEST(Metrics, NullsPrune) {
  EXPECT_FALSE(May(E::IsNull(kId)));
  EXPECT_TRUE(May(E::IsNull(kName)));
  EXPECT_FALSE(May(E::NotNull(kTs)));
  EXPECT_FALSE(May(Cmp(Kind::kNotEq, kTs, Literal::Timestamp(1))));
  DataFile empty = TestFile();
  empty.record_count = 0;
  EXPECT_FALSE(May(E::IsNull(kName), empty));
}

TEST(Metrics, UnknownKeepsTheFile) {  // rule 26
  DataFile bare;
  bare.record_count = 1;
  for (const E& filter :
       {Cmp(Kind::kEq, kId, Literal::Long(1)), E::IsNull(kId), E::NotNull(kTs), E::IsNan(kPrice),
        Cmp(Kind::kGt, kPrice, Literal::Double(1)), Cmp(Kind::kStartsWith, kName, Literal::String("x"))}) {
    EXPECT_TRUE(May(filter, bare)) << filter.ToString();
  }
  DataFile broken = TestFile();
  broken.lower_bounds.Set(kId, "xyz");
  EXPECT_TRUE(May(Cmp(Kind::kLt, kId, Literal::Long(1)), broken));
}

TEST(Metrics, NansAreGreaterThanEverything) {
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(May(Cmp(Kind::kGt, kPrice, Literal::Double(5))));  // NaN count unknown
  EXPECT_FALSE(May(Cmp(Kind::kLt, kPrice, Literal::Double(1))));
  EXPECT_TRUE(May(Cmp(Kind::kEq, kPrice, Literal::Double(nan))));
  EXPECT_TRUE(May(Cmp(Kind::kLt, kPrice, Literal::Double(nan))));
  DataFile file = TestFile();
  file.nan_value_counts.Set(kPrice, 0);
  EXPECT_FALSE(May(Cmp(Kind::kGt, kPrice, Literal::Double(5)), file));
  EXPECT_FALSE(May(Cmp(Kind::kEq, kPrice, Literal::Double(nan)), file));
  EXPECT_FALSE(May(E::IsNan(kPrice), file));
  file.upper_bounds.Set(kPrice, Literal::Double(nan).ToBinary());  // old writers did that
  EXPECT_TRUE(May(Cmp(Kind::kGt, kPrice, Literal::Double(5)), file));
}

TEST(Metrics, NegativeZeroEqualsZero) {
  DataFile file = TestFile();
  file.nan_value_counts.Set(kPrice, 0);
  file.lower_bounds.Set(kPrice, Literal::Double(0.0).ToBinary());
  file.upper_bounds.Set(kPrice, Literal::Double(0.0).ToBinary());
  EXPECT_TRUE(May(Cmp(Kind::kEq, kPrice, Literal::Double(-0.0)), file));
  EXPECT_TRUE(May(Cmp(Kind::kLtEq, kPrice, Literal::Double(-0.0)), file));
  file.lower_bounds.Set(kPrice, Literal::Double(-0.0).ToBinary());
  file.upper_bounds.Set(kPrice, Literal::Double(-0.0).ToBinary());
  EXPECT_TRUE(May(Cmp(Kind::kGtEq, kPrice, Literal::Double(0.0)), file));
}

TEST(Metrics, StartsWith) {
  EXPECT_FALSE(May(Cmp(Kind::kStartsWith, kName, Literal::String("a"))));
  EXPECT_TRUE(May(Cmp(Kind::kStartsWith, kName, Literal::String("c"))));
  EXPECT_TRUE(May(Cmp(Kind::kStartsWith, kName, Literal::String("b"))));
  EXPECT_FALSE(May(Cmp(Kind::kStartsWith, kName, Literal::String("e"))));
}

std::string Projected(const E& filter, const Transform& transform, FieldId source) {
  PartitionSpec spec{SpecId{0}, {{{source}, FieldId{1000}, "p", transform}}};
  return ProjectToPartition(Bound(filter), spec, TestSchema()).ToString();
}

TEST(Complement, TellsFilesWhoseRowsAllPass) {
  auto all_pass = [](const E& filter) { return !May(Complement(filter)); };
  EXPECT_TRUE(all_pass(E::True()));
  EXPECT_FALSE(all_pass(E::False()));
  EXPECT_TRUE(all_pass(Cmp(Kind::kGtEq, kId, Literal::Long(10))));
  EXPECT_FALSE(all_pass(Cmp(Kind::kGt, kId, Literal::Long(10))));
  EXPECT_TRUE(all_pass(Cmp(Kind::kLtEq, kId, Literal::Long(20))));
  EXPECT_FALSE(all_pass(Cmp(Kind::kLt, kId, Literal::Long(20))));
  EXPECT_TRUE(all_pass(Cmp(Kind::kNotEq, kId, Literal::Long(9))));
  EXPECT_FALSE(all_pass(Cmp(Kind::kNotEq, kId, Literal::Long(10))));
  EXPECT_FALSE(all_pass(Cmp(Kind::kEq, kId, Literal::Long(10))));
  EXPECT_TRUE(all_pass(E::And(Cmp(Kind::kGt, kId, Literal::Long(9)), Cmp(Kind::kLt, kId, Literal::Long(21)))));
  EXPECT_FALSE(all_pass(E::And(Cmp(Kind::kGt, kId, Literal::Long(9)), Cmp(Kind::kLt, kId, Literal::Long(15)))));
  EXPECT_TRUE(all_pass(E::Or(Cmp(Kind::kGt, kId, Literal::Long(9)), Cmp(Kind::kLt, kId, Literal::Long(5)))));
  EXPECT_TRUE(all_pass(E::NotNull(kId)));
  EXPECT_TRUE(all_pass(E::IsNull(kTs)));
  // A null does not pass, and of other filters nothing is known.
  EXPECT_FALSE(all_pass(Cmp(Kind::kGtEq, kName, Literal::String("a"))));
  EXPECT_FALSE(all_pass(Cmp(Kind::kLt, kTs, Literal::Timestamp(0))));
  EXPECT_FALSE(all_pass(Cmp(Kind::kGtEq, kPrice, Literal::Double(1))));  // nulls are not counted
  EXPECT_FALSE(all_pass(E::In(kId, {Literal::Long(10), Literal::Long(20)})));
  EXPECT_FALSE(all_pass(E::Not(Cmp(Kind::kLt, kId, Literal::Long(5)))));
}

TEST(Complement, OneValueInTheWholeFile) {
  DataFile file = TestFile();
  file.upper_bounds.Set(kId, Literal::Long(10).ToBinary());
  EXPECT_FALSE(May(Complement(Cmp(Kind::kEq, kId, Literal::Long(10))), file));
  EXPECT_TRUE(May(Complement(Cmp(Kind::kEq, kId, Literal::Long(11))), file));
}

TEST(Projection, ThroughEveryTransform) {  // PART-10
  EXPECT_EQ(Projected(Cmp(Kind::kGt, kId, Literal::Long(5)), Transform::Identity(), kId), "#1000 > 5");
  EXPECT_EQ(Projected(Cmp(Kind::kEq, kId, Literal::Long(34)), Transform::Bucket(16), kId), "#1000 = 3");
  EXPECT_EQ(Projected(Cmp(Kind::kGt, kId, Literal::Long(34)), Transform::Bucket(16), kId), "#1000 is not null");
  // The smallest integers have no multiple of the width below them: the transform wraps around.
  EXPECT_EQ(Projected(Cmp(Kind::kLt, kId, Literal::Long(20)), Transform::Truncate(10), kId),
            "(#1000 <= 10 or #1000 > 9223372036854775797)");
  EXPECT_EQ(Projected(Cmp(Kind::kLtEq, kId, Literal::Long(20)), Transform::Truncate(10), kId),
            "(#1000 <= 20 or #1000 > 9223372036854775797)");
  EXPECT_EQ(Projected(Cmp(Kind::kGt, kId, Literal::Long(19)), Transform::Truncate(10), kId), "#1000 >= 20");
  EXPECT_EQ(Projected(Cmp(Kind::kLt, kTs, Literal::Timestamp(86400000000)), Transform::Day(), kTs),
            "#1000 <= 1970-01-01");
  EXPECT_EQ(Projected(Cmp(Kind::kGtEq, kTs, Literal::Timestamp(-1)), Transform::Year(), kTs), "#1000 >= -1");
  EXPECT_EQ(Projected(Cmp(Kind::kNotEq, kTs, Literal::Timestamp(5)), Transform::Day(), kTs), "#1000 is not null");
  EXPECT_EQ(Projected(E::IsNull(kTs), Transform::Day(), kTs), "#1000 is null");
  EXPECT_EQ(Projected(Cmp(Kind::kStartsWith, kName, Literal::String("ab")), Transform::Truncate(3), kName),
            "#1000 starts with ab");
  EXPECT_EQ(Projected(Cmp(Kind::kStartsWith, kName, Literal::String("abcd")), Transform::Truncate(3), kName),
            "#1000 = abc");
  EXPECT_EQ(Projected(Cmp(Kind::kStartsWith, kName, Literal::String("abc")), Transform::Truncate(3), kName),
            "#1000 = abc");
  EXPECT_EQ(Projected(Cmp(Kind::kEq, kId, Literal::Long(5)), Transform::Void(), kId), "true");
  EXPECT_EQ(Projected(Cmp(Kind::kEq, kId, Literal::Long(5)), *Transform::Parse("zorder"), kId), "true");  // rule 23
  EXPECT_EQ(Projected(Cmp(Kind::kEq, kName, Literal::String("x")), Transform::Identity(), kId), "true");
}

TEST(Projection, NeverLosesARow) {
  // Whatever row satisfies the filter, its partition must satisfy the projection.
  std::vector<Transform> transforms = {Transform::Identity(), Transform::Bucket(3), Transform::Truncate(7)};
  std::vector<Kind> kinds = {Kind::kLt, Kind::kLtEq, Kind::kGt, Kind::kGtEq, Kind::kEq, Kind::kNotEq};
  for (const Transform& transform : transforms) {
    PartitionSpec spec{SpecId{0}, {{{kId}, FieldId{1000}, "p", transform}}};
    for (Kind kind : kinds) {
      for (int64_t constant = -15; constant <= 15; constant++) {
        E projected = ProjectToPartition(Bound(Cmp(kind, kId, Literal::Long(constant))), spec, TestSchema());
        for (int64_t value = -15; value <= 15; value++) {
          bool passes = kind == Kind::kLt     ? value < constant
                        : kind == Kind::kLtEq ? value <= constant
                        : kind == Kind::kGt   ? value > constant
                        : kind == Kind::kGtEq ? value >= constant
                        : kind == Kind::kEq   ? value == constant
                                              : value != constant;
          PartitionTuple tuple = *ApplySpec(spec, {Literal::Long(value)});
          if (passes) {
            EXPECT_TRUE(TupleMayMatch(projected, spec, tuple)) << transform.ToString() << value << " " << constant;
          } else if (transform == Transform::Identity()) {
            EXPECT_FALSE(TupleMayMatch(projected, spec, tuple)) << value << " " << constant;
          }
        }
      }
    }
  }
}

TEST(Summaries, PruneManifests) {  // PART-13, rule 42
  PartitionSpec spec{SpecId{0}, {{{kId}, FieldId{1000}, "p", Transform::Truncate(10)}}};
  std::vector<Type> types = PartitionTypes(spec, TestSchema());
  std::vector<FieldSummary> summaries = {{false, false, Literal::Long(10).ToBinary(), Literal::Long(30).ToBinary()}};
  auto may = [&](const E& filter) {
    return SummariesMayMatch(ProjectToPartition(Bound(filter), spec, TestSchema()), spec, types, summaries);
  };
  EXPECT_FALSE(may(Cmp(Kind::kLt, kId, Literal::Long(10))));
  EXPECT_TRUE(may(Cmp(Kind::kLt, kId, Literal::Long(11))));
  EXPECT_TRUE(may(Cmp(Kind::kEq, kId, Literal::Long(39))));
  EXPECT_FALSE(may(Cmp(Kind::kEq, kId, Literal::Long(40))));
  EXPECT_FALSE(may(E::IsNull(kId)));
  summaries.clear();  // v1 without summaries
  EXPECT_TRUE(may(Cmp(Kind::kEq, kId, Literal::Long(40))));
}

}  // namespace
}  // namespace lake::iceberg
