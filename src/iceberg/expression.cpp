#include "iceberg/expression.h"

#include <algorithm>
#include <cassert>

namespace lake::iceberg {

namespace {

using Kind = Expression::Kind;

Kind Negated(Kind kind) {
  switch (kind) {
    case Kind::kIsNull: return Kind::kNotNull;
    case Kind::kNotNull: return Kind::kIsNull;
    case Kind::kIsNan: return Kind::kNotNan;
    case Kind::kNotNan: return Kind::kIsNan;
    case Kind::kLt: return Kind::kGtEq;
    case Kind::kLtEq: return Kind::kGt;
    case Kind::kGt: return Kind::kLtEq;
    case Kind::kGtEq: return Kind::kLt;
    case Kind::kEq: return Kind::kNotEq;
    case Kind::kNotEq: return Kind::kEq;
    case Kind::kIn: return Kind::kNotIn;
    case Kind::kNotIn: return Kind::kIn;
    case Kind::kStartsWith: return Kind::kNotStartsWith;
    case Kind::kNotStartsWith: return Kind::kStartsWith;
    default: return kind;
  }
}

const char* KindText(Kind kind) {
  switch (kind) {
    case Kind::kIsNull: return "is null";
    case Kind::kNotNull: return "is not null";
    case Kind::kIsNan: return "is nan";
    case Kind::kNotNan: return "is not nan";
    case Kind::kLt: return "<";
    case Kind::kLtEq: return "<=";
    case Kind::kGt: return ">";
    case Kind::kGtEq: return ">=";
    case Kind::kEq: return "=";
    case Kind::kNotEq: return "<>";
    case Kind::kIn: return "in";
    case Kind::kNotIn: return "not in";
    case Kind::kStartsWith: return "starts with";
    case Kind::kNotStartsWith: return "does not start with";
    default: return "";
  }
}

bool IsFloating(const Type& type) { return type.id() == TypeId::kFloat || type.id() == TypeId::kDouble; }

/// -0.0 equals +0.0 in a filter, but not in the order of literals.
Literal WithoutNegativeZero(Literal literal) {
  if (literal.type().id() == TypeId::kFloat && literal.as<float>() == 0) return Literal::Float(0);
  if (literal.type().id() == TypeId::kDouble && literal.as<double>() == 0) return Literal::Double(0);
  return literal;
}

Expression MakeLeaf(Kind kind, FieldId field, std::vector<Literal> literals) {
  switch (kind) {
    case Kind::kIsNull: return Expression::IsNull(field);
    case Kind::kNotNull: return Expression::NotNull(field);
    case Kind::kIsNan: return Expression::IsNan(field);
    case Kind::kNotNan: return Expression::NotNan(field);
    case Kind::kIn: return Expression::In(field, std::move(literals));
    case Kind::kNotIn: return Expression::NotIn(field, std::move(literals));
    default: return Expression::Compare(kind, field, std::move(literals.front()));
  }
}

bool InMicros(const Literal& literal) {
  return literal.type().id() == TypeId::kTimestamp || literal.type().id() == TypeId::kTimestampTz;
}

/// A literal in microseconds asks about the microsecond that a column's nanoseconds lie in: `= x` is met by all values
/// from x to the next microsecond.
Expression OnMicrosecond(Kind kind, FieldId field, const Literal& literal, const Type& nanos) {
  int64_t end = 0;
  auto from = literal.CastTo(nanos);
  if (!from || __builtin_add_overflow(from->AsInt64(), int64_t{1000}, &end)) return Expression::True();
  auto compare = [&](Kind bound, int64_t value) { return Expression::Compare(bound, field, Literal(nanos, value)); };
  int64_t begin = from->AsInt64();
  switch (kind) {
    case Kind::kLt: return compare(Kind::kLt, begin);
    case Kind::kLtEq: return compare(Kind::kLt, end);
    case Kind::kGt: return compare(Kind::kGtEq, end);
    case Kind::kGtEq: return compare(Kind::kGtEq, begin);
    case Kind::kEq:
    case Kind::kIn: return Expression::And(compare(Kind::kGtEq, begin), compare(Kind::kLt, end));
    case Kind::kNotEq:
    case Kind::kNotIn: return Expression::Or(compare(Kind::kLt, begin), compare(Kind::kGtEq, end));
    default: return Expression::True();
  }
}

Expression OnMicroseconds(const Expression& leaf, Kind kind, const Type& nanos) {
  Expression all = kind == Kind::kIn ? Expression::False() : Expression::True();
  for (const Literal& literal : leaf.literals()) {
    Expression one = OnMicrosecond(kind, leaf.field(), literal, nanos);
    all = kind == Kind::kIn ? Expression::Or(std::move(all), std::move(one))
                            : Expression::And(std::move(all), std::move(one));
  }
  return all;
}

Result<Expression> BindLeaf(const Expression& leaf, Kind kind, const Schema& schema) {
  const NestedField* field = schema.Find(leaf.field());
  if (field == nullptr) return InvalidInput("filter names column {}, which is not in the schema", leaf.field());
  if (kind == Kind::kIsNan || kind == Kind::kNotNan) {
    if (IsFloating(field->type)) return MakeLeaf(kind, leaf.field(), {});
    return kind == Kind::kIsNan ? Expression::False() : Expression::True();
  }
  if (kind == Kind::kStartsWith || kind == Kind::kNotStartsWith) {
    if (field->type.id() != TypeId::kString) return Expression::True();
  }
  bool nanos = field->type.id() == TypeId::kTimestampNs || field->type.id() == TypeId::kTimestampTzNs;
  if (nanos && !leaf.literals().empty() && std::all_of(leaf.literals().begin(), leaf.literals().end(), InMicros)) {
    return OnMicroseconds(leaf, kind, field->type);
  }
  std::vector<Literal> literals;
  for (const Literal& literal : leaf.literals()) {
    auto cast = literal.CastTo(field->type);
    if (!cast) return Expression::True();
    literals.push_back(WithoutNegativeZero(*std::move(cast)));
  }
  if (kind == Kind::kIn || kind == Kind::kNotIn) {
    std::sort(literals.begin(), literals.end(),
              [](const Literal& a, const Literal& b) { return Literal::Compare(a, b) < 0; });
    literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
  }
  return MakeLeaf(kind, leaf.field(), std::move(literals));
}

Result<Expression> BindAt(const Expression& filter, bool negated, const Schema& schema) {
  switch (filter.kind()) {
    case Kind::kTrue: return negated ? Expression::False() : Expression::True();
    case Kind::kFalse: return negated ? Expression::True() : Expression::False();
    case Kind::kNot: return BindAt(filter.left(), !negated, schema);
    case Kind::kAnd:
    case Kind::kOr: {
      LAKE_ASSIGN_OR_RETURN(Expression left, BindAt(filter.left(), negated, schema));
      LAKE_ASSIGN_OR_RETURN(Expression right, BindAt(filter.right(), negated, schema));
      bool both = (filter.kind() == Kind::kAnd) != negated;
      return both ? Expression::And(std::move(left), std::move(right))
                  : Expression::Or(std::move(left), std::move(right));
    }
    default: return BindLeaf(filter, negated ? Negated(filter.kind()) : filter.kind(), schema);
  }
}

}  // namespace

Expression Expression::Leaf(Kind kind, FieldId field, std::vector<Literal> literals) {
  Expression expression;
  expression.node_ = std::make_shared<const Node>(Node{kind, {}, field, std::move(literals)});
  return expression;
}

Expression Expression::False() { return Leaf(Kind::kFalse, FieldId{0}, {}); }

Expression Expression::And(Expression left, Expression right) {
  if (left.is_false() || right.is_true()) return left;
  if (right.is_false() || left.is_true()) return right;
  Expression expression;
  expression.node_ =
      std::make_shared<const Node>(Node{Kind::kAnd, {std::move(left), std::move(right)}, FieldId{0}, {}});
  return expression;
}

Expression Expression::Or(Expression left, Expression right) {
  if (left.is_true() || right.is_false()) return left;
  if (right.is_true() || left.is_false()) return right;
  Expression expression;
  expression.node_ = std::make_shared<const Node>(Node{Kind::kOr, {std::move(left), std::move(right)}, FieldId{0}, {}});
  return expression;
}

Expression Expression::Not(Expression inner) {
  if (inner.is_true()) return False();
  if (inner.is_false()) return True();
  Expression expression;
  expression.node_ = std::make_shared<const Node>(Node{Kind::kNot, {std::move(inner)}, FieldId{0}, {}});
  return expression;
}

Expression Expression::IsNull(FieldId field) { return Leaf(Kind::kIsNull, field, {}); }
Expression Expression::NotNull(FieldId field) { return Leaf(Kind::kNotNull, field, {}); }
Expression Expression::IsNan(FieldId field) { return Leaf(Kind::kIsNan, field, {}); }
Expression Expression::NotNan(FieldId field) { return Leaf(Kind::kNotNan, field, {}); }

Expression Expression::Compare(Kind kind, FieldId field, Literal literal) {
  assert(kind >= Kind::kLt && kind != Kind::kIn && kind != Kind::kNotIn);
  return Leaf(kind, field, {std::move(literal)});
}

Expression Expression::In(FieldId field, std::vector<Literal> literals) {
  if (literals.empty()) return False();
  if (literals.size() == 1) return Leaf(Kind::kEq, field, std::move(literals));
  return Leaf(Kind::kIn, field, std::move(literals));
}

Expression Expression::NotIn(FieldId field, std::vector<Literal> literals) {
  if (literals.empty()) return True();
  if (literals.size() == 1) return Leaf(Kind::kNotEq, field, std::move(literals));
  return Leaf(Kind::kNotIn, field, std::move(literals));
}

std::string Expression::ToString() const {
  switch (kind()) {
    case Kind::kTrue: return "true";
    case Kind::kFalse: return "false";
    case Kind::kAnd: return fmt::format("({} and {})", left().ToString(), right().ToString());
    case Kind::kOr: return fmt::format("({} or {})", left().ToString(), right().ToString());
    case Kind::kNot: return fmt::format("(not {})", left().ToString());
    default: {
      std::string out = fmt::format("#{} {}", field(), KindText(kind()));
      for (const Literal& literal : literals()) {
        out += &literal == &literals().front() ? " " : ", ";
        out += literal.ToString();
      }
      return out;
    }
  }
}

Expression Complement(const Expression& filter) {
  FieldId field = filter.is_true() ? FieldId{0} : filter.field();
  Expression other;
  switch (filter.kind()) {
    case Kind::kTrue: return Expression::False();
    case Kind::kFalse: return Expression::True();
    case Kind::kAnd: return Expression::Or(Complement(filter.left()), Complement(filter.right()));
    case Kind::kOr: return Expression::And(Complement(filter.left()), Complement(filter.right()));
    case Kind::kIsNull: return Expression::NotNull(field);
    case Kind::kNotNull: return Expression::IsNull(field);
    case Kind::kLt: other = Expression::Compare(Kind::kGtEq, field, filter.literal()); break;
    case Kind::kLtEq: other = Expression::Compare(Kind::kGt, field, filter.literal()); break;
    case Kind::kGt: other = Expression::Compare(Kind::kLtEq, field, filter.literal()); break;
    case Kind::kGtEq: other = Expression::Compare(Kind::kLt, field, filter.literal()); break;
    // Bounds rule out less and greater, never "not equal".
    case Kind::kEq:
      other = Expression::Or(Expression::Compare(Kind::kLt, field, filter.literal()),
                             Expression::Compare(Kind::kGt, field, filter.literal()));
      break;
    case Kind::kNotEq: other = Expression::Compare(Kind::kEq, field, filter.literal()); break;
    default: return Expression::True();  // true everywhere is true where it must be
  }
  return Expression::Or(std::move(other), Expression::IsNull(field));
}

Result<Expression> Bind(const Expression& filter, const Schema& schema) { return BindAt(filter, false, schema); }

}  // namespace lake::iceberg
