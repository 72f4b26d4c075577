// Filters over columns, for pruning manifests and files: "might any row of this file satisfy the filter?"
//
//   Expression filter = Expression::And(Expression::Compare(Expression::Kind::kGtEq, FieldId{3}, Literal::Date(19000)),
//                                       Expression::NotNull(FieldId{5}));
//   LAKE_ASSIGN_OR_RETURN(filter, Bind(filter, schema));
//   FilePruner pruner(metadata, filter);
//
// Semantics are SQL's: a row passes when the filter is true; a comparison with null is not. NaN equals NaN and is
// greater than every number, as in PostgreSQL and DuckDB (pruning is also right for engines that say otherwise); -0.0
// equals +0.0. Strings compare bytewise: only push comparisons of other collations as true. Whatever is unknown
// (missing counts or bounds, types that do not fit, unknown transforms) keeps the file.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/manifest.h"

namespace lake::iceberg {

/// An immutable tree, cheap to copy.
class Expression {
 public:
  enum class Kind {
    kTrue,
    kFalse,
    kAnd,
    kOr,
    kNot,
    kIsNull,
    kNotNull,
    kIsNan,
    kNotNan,
    kLt,
    kLtEq,
    kGt,
    kGtEq,
    kEq,
    kNotEq,
    kIn,
    kNotIn,
    kStartsWith,
    kNotStartsWith,
  };

  Expression() = default;  // true
  static Expression True() { return Expression(); }
  static Expression False();
  static Expression And(Expression left, Expression right);  // simplifies true and false
  static Expression Or(Expression left, Expression right);
  static Expression Not(Expression inner);
  static Expression IsNull(FieldId field);
  static Expression NotNull(FieldId field);
  static Expression IsNan(FieldId field);
  static Expression NotNan(FieldId field);
  /// kLt, kLtEq, kGt, kGtEq, kEq, kNotEq, kStartsWith, kNotStartsWith
  static Expression Compare(Kind kind, FieldId field, Literal literal);
  static Expression In(FieldId field, std::vector<Literal> literals);
  static Expression NotIn(FieldId field, std::vector<Literal> literals);

  Kind kind() const { return node_ ? node_->kind : Kind::kTrue; }
  bool is_true() const { return kind() == Kind::kTrue; }
  bool is_false() const { return kind() == Kind::kFalse; }
  const Expression& left() const { return node_->children[0]; }   // kAnd, kOr, kNot
  const Expression& right() const { return node_->children[1]; }  // kAnd, kOr
  FieldId field() const { return node_->field; }
  const Literal& literal() const { return node_->literals[0]; }
  const std::vector<Literal>& literals() const { return node_->literals; }
  std::string ToString() const;

 private:
  struct Node {
    Kind kind;
    std::vector<Expression> children;
    FieldId field{0};
    std::vector<Literal> literals;
  };
  static Expression Leaf(Kind kind, FieldId field, std::vector<Literal> literals);
  std::shared_ptr<const Node> node_;
};

/// A filter that is true for every row for which the given one is not: for which it is false, or null. So a file that
/// cannot hold a row of the complement holds only rows that pass.
Expression Complement(const Expression& filter);

/// The filter without `not`, literals cast to their columns' types (microseconds: compared with what nanoseconds lie
/// in); a literal that the type cannot hold prunes nothing. kInvalidInput for a field that the schema does not have.
Result<Expression> Bind(const Expression& filter, const Schema& schema);

/// What a bound filter says about the partition fields of one spec: a filter over *partition field ids* that is true
/// for every tuple under which a matching row can lie ("inclusive projection"). `schema` types the columns.
Expression ProjectToPartition(const Expression& bound, const PartitionSpec& spec, const Schema& schema);

/// Whether a tuple satisfies a projected filter.
bool TupleMayMatch(const Expression& projected, const PartitionSpec& spec, const PartitionTuple& tuple);

/// Whether a manifest with these summaries may hold such a tuple. `types` are PartitionTypes(spec, schema).
bool SummariesMayMatch(const Expression& projected, const PartitionSpec& spec, const std::vector<Type>& types,
                       const std::vector<FieldSummary>& summaries);

/// Whether a file may hold a row that satisfies the bound filter, by counts and bounds.
bool MetricsMayMatch(const Expression& bound, const Schema& schema, const DataFile& file);

/// All of it together, for one table and one filter; projections are made once. May be shared by threads.
class FilePruner {
 public:
  /// `filter` must be bound to `schema`. Specs are those of the metadata.
  FilePruner(const TableMetadata& metadata, const Schema& schema, Expression filter);

  bool ManifestMayMatch(const ManifestFile& manifest) const;
  bool FileMayMatch(const DataFile& file) const;

 private:
  struct Projected {
    PartitionSpec spec;
    std::vector<Type> types;
    Expression filter;
  };
  Schema schema_;
  Expression filter_;
  std::map<SpecId, Projected> by_spec_;
};

}  // namespace lake::iceberg
