// From a filter over columns to a filter over partition fields: true for every partition in which a matching row can
// lie.
#include <algorithm>
#include <limits>

#include "iceberg/expression.h"

namespace lake::iceberg {

namespace {

using Kind = Expression::Kind;

bool IsComparison(Kind kind) { return kind >= Kind::kLt; }

/// The next value below (step -1) or above (step 1) in types that count; nullopt for others and at the end of the
/// range.
std::optional<Literal> Neighbour(const Literal& value, int step) {
  if (value.type().id() == TypeId::kDecimal) {
    return Literal(value.type(), static_cast<Int128>(value.as<Int128>() + step));
  }
  if (auto* narrow = std::get_if<int32_t>(&value.value())) {
    if (*narrow == (step < 0 ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int32_t>::max())) return {};
    return Literal(value.type(), *narrow + step);
  }
  if (auto* wide = std::get_if<int64_t>(&value.value())) {
    if (*wide == (step < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max())) return {};
    return Literal(value.type(), *wide + step);
  }
  return {};
}

std::optional<Literal> Transformed(const Transform& transform, const Literal& value) {
  auto result = transform.Apply(value);
  return result.ok() ? *result : std::nullopt;
}

/// Equality and membership survive every transform: equal values have equal transforms.
Expression ProjectEqual(const Expression& leaf, const PartitionField& field) {
  std::vector<Literal> literals;
  for (const Literal& literal : leaf.literals()) {
    auto value = Transformed(field.transform, literal);
    if (!value) return Expression::NotNull(field.field_id);
    literals.push_back(*std::move(value));
  }
  // Pruning searches them.
  std::sort(literals.begin(), literals.end(),
            [](const Literal& a, const Literal& b) { return Literal::Compare(a, b) < 0; });
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
  return Expression::In(field.field_id, std::move(literals));
}

/// truncate[W] wraps around below the smallest integer: what it makes of the values there is above this. Nullopt where
/// nothing wraps.
std::optional<Literal> AboveWrapped(const Transform& transform, const Literal& value) {
  if (transform.kind() != Transform::Kind::kTruncate) return std::nullopt;
  if (value.type().id() == TypeId::kInt) {
    return Literal::Int(std::numeric_limits<int32_t>::max() - transform.parameter());
  }
  if (value.type().id() == TypeId::kLong) {
    return Literal::Long(std::numeric_limits<int64_t>::max() - transform.parameter());
  }
  return std::nullopt;
}

/// Comparisons under an order-preserving transform: x < v gives T(x) <= T(v - 1) where v - 1 exists, else T(x) <= T(v).
Expression ProjectOrder(const Expression& leaf, const PartitionField& field) {
  bool below = leaf.kind() == Kind::kLt || leaf.kind() == Kind::kLtEq;
  Literal literal = leaf.literal();
  if (leaf.kind() == Kind::kLt || leaf.kind() == Kind::kGt) {
    if (auto neighbour = Neighbour(literal, below ? -1 : 1)) literal = *neighbour;
  }
  auto value = Transformed(field.transform, literal);
  if (!value) return Expression::NotNull(field.field_id);
  std::optional<Literal> above = AboveWrapped(field.transform, literal);
  if (above && Literal::Compare(*value, literal) > 0) return Expression::NotNull(field.field_id);
  Expression result = Expression::Compare(below ? Kind::kLtEq : Kind::kGtEq, field.field_id, *std::move(value));
  if (!below || !above) return result;
  return Expression::Or(std::move(result), Expression::Compare(Kind::kGt, field.field_id, *std::move(above)));
}

/// Under truncate[W]: a prefix shorter than W is a prefix of the partition value, a longer one decides it.
Expression ProjectStartsWith(const Expression& leaf, const PartitionField& field) {
  if (field.transform.kind() != Transform::Kind::kTruncate) return Expression::NotNull(field.field_id);
  auto value = Transformed(field.transform, leaf.literal());
  if (!value) return Expression::NotNull(field.field_id);
  // A truncated prefix has lost something, or is as long as the width: either way the first W characters are known.
  bool whole =
      TruncateLowerBound(Literal::String(value->as<std::string>() + "x"), field.transform.parameter()) == *value;
  return Expression::Compare(whole ? Kind::kEq : Kind::kStartsWith, field.field_id, *std::move(value));
}

Expression ProjectLeaf(const Expression& leaf, const PartitionField& field) {
  Transform::Kind transform = field.transform.kind();
  if (transform == Transform::Kind::kVoid || transform == Transform::Kind::kUnknown || field.source_ids.size() != 1) {
    return Expression::True();
  }
  Kind kind = leaf.kind();
  if (kind == Kind::kIsNull) return Expression::IsNull(field.field_id);
  if (kind == Kind::kNotNull) return Expression::NotNull(field.field_id);
  if (transform == Transform::Kind::kIdentity) {
    if (kind == Kind::kIsNan) return Expression::IsNan(field.field_id);
    if (kind == Kind::kNotNan) return Expression::NotNan(field.field_id);
    if (kind == Kind::kIn) return Expression::In(field.field_id, leaf.literals());
    if (kind == Kind::kNotIn) return Expression::NotIn(field.field_id, leaf.literals());
    return Expression::Compare(kind, field.field_id, leaf.literal());
  }
  switch (kind) {
    case Kind::kEq:
    case Kind::kIn: return ProjectEqual(leaf, field);
    case Kind::kLt:
    case Kind::kLtEq:
    case Kind::kGt:
    case Kind::kGtEq:
      return field.transform.PreservesOrder() ? ProjectOrder(leaf, field) : Expression::NotNull(field.field_id);
    case Kind::kStartsWith: return ProjectStartsWith(leaf, field);
    default:
      // No comparison is true for null, and transforms make null only of null.
      return IsComparison(kind) ? Expression::NotNull(field.field_id) : Expression::True();
  }
}

}  // namespace

Expression ProjectToPartition(const Expression& bound, const PartitionSpec& spec, const Schema& schema) {
  switch (bound.kind()) {
    case Kind::kTrue:
    case Kind::kFalse: return bound;
    case Kind::kNot: return Expression::True();  // Bind leaves none
    case Kind::kAnd:
      return Expression::And(ProjectToPartition(bound.left(), spec, schema),
                             ProjectToPartition(bound.right(), spec, schema));
    case Kind::kOr:
      return Expression::Or(ProjectToPartition(bound.left(), spec, schema),
                            ProjectToPartition(bound.right(), spec, schema));
    default: {
      Expression all;
      for (const PartitionField& field : spec.fields) {
        if (field.source_id() != bound.field() || schema.Find(bound.field()) == nullptr) continue;
        all = Expression::And(std::move(all), ProjectLeaf(bound, field));
      }
      return all;
    }
  }
}

}  // namespace lake::iceberg
