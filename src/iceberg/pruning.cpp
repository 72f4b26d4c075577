// Whether a file, a partition tuple or a manifest can hold a row that satisfies a filter. All three are the same
// question about a range of values; they differ in where the range comes from.
#include <algorithm>

#include "iceberg/expression.h"

namespace lake::iceberg {

namespace {

using Kind = Expression::Kind;

/// What is known about the values of one field in some set of rows. Everything unknown leaves room for a match.
struct ValueRange {
  std::optional<Literal> lower;  // of the values that are neither null nor NaN
  std::optional<Literal> upper;
  bool may_have_null = true;
  bool may_have_nan = true;
  bool all_null = false;
  bool all_nan = false;
  bool exact = false;  // one value: lower and upper are it
};

/// -0.0 equals +0.0 for a filter; NaN is no bound (old writers wrote it).
std::optional<Literal> CleanBound(const Literal& bound) {
  if (bound.is_nan()) return std::nullopt;
  if (bound.type().id() == TypeId::kFloat && bound.as<float>() == 0) return Literal::Float(0);
  if (bound.type().id() == TypeId::kDouble && bound.as<double>() == 0) return Literal::Double(0);
  return bound;
}

std::optional<Literal> DecodeBound(const std::string* bytes, const Type& type) {
  if (bytes == nullptr) return std::nullopt;
  auto bound = Literal::FromBinary(type, *bytes);
  return bound.ok() ? CleanBound(*bound) : std::nullopt;
}

bool Below(const Literal& a, const Literal& b) { return Literal::Compare(a, b) < 0; }

/// Values of one type compare; anything else is not understood and keeps the rows.
bool Comparable(const std::optional<Literal>& bound, const Literal& literal) {
  return bound && bound->value().index() == literal.value().index();
}

bool EqualMayMatch(const ValueRange& range, const Literal& literal) {
  if (literal.is_nan()) return range.may_have_nan;
  if (range.all_nan) return false;
  if (Comparable(range.lower, literal) && Below(literal, *range.lower)) return false;
  if (Comparable(range.upper, literal) && Below(*range.upper, literal)) return false;
  return true;
}

/// `literals` are sorted: the only candidate is the first one not below the lower bound.
bool InMayMatch(const ValueRange& range, const std::vector<Literal>& literals) {
  if (literals.back().is_nan() || literals.front().is_nan() || !Comparable(range.lower, literals.front()) ||
      !Comparable(range.upper, literals.front())) {
    return std::any_of(literals.begin(), literals.end(), [&](const Literal& l) { return EqualMayMatch(range, l); });
  }
  auto first = std::lower_bound(literals.begin(), literals.end(), *range.lower, Below);
  return first != literals.end() && !Below(*range.upper, *first);
}

/// NaN is greater than every number, so that an upper bound says nothing where there may be NaNs.
bool OrderMayMatch(Kind kind, const ValueRange& range, const Literal& literal) {
  bool below = kind == Kind::kLt || kind == Kind::kLtEq;
  if (literal.is_nan()) return below || (kind == Kind::kGtEq && range.may_have_nan);
  if (below) {
    if (range.all_nan) return false;
    if (!Comparable(range.lower, literal)) return true;
    return Below(*range.lower, literal) || (kind == Kind::kLtEq && !Below(literal, *range.lower));
  }
  if (range.may_have_nan || !Comparable(range.upper, literal)) return true;
  return Below(literal, *range.upper) || (kind == Kind::kGtEq && !Below(*range.upper, literal));
}

bool StartsWithMayMatch(const ValueRange& range, const Literal& literal) {
  const auto& prefix = literal.as<std::string>();
  auto head = [&](const Literal& bound) { return std::string_view(bound.as<std::string>()).substr(0, prefix.size()); };
  if (Comparable(range.lower, literal) && head(*range.lower) > prefix) return false;
  if (Comparable(range.upper, literal) && head(*range.upper) < prefix) return false;
  return true;
}

bool NotEqualMayMatch(const ValueRange& range, const std::vector<Literal>& literals) {
  if (!range.exact || !range.lower) return true;
  return std::none_of(literals.begin(), literals.end(), [&](const Literal& literal) {
    return Comparable(range.lower, literal) && Literal::Compare(*range.lower, literal) == 0;
  });
}

bool LeafMayMatch(const Expression& leaf, const ValueRange& range) {
  switch (leaf.kind()) {
    case Kind::kIsNull: return range.may_have_null;
    case Kind::kNotNull: return !range.all_null;
    case Kind::kIsNan: return range.may_have_nan && !range.all_null;
    case Kind::kNotNan: return !range.all_nan;
    default: break;
  }
  if (range.all_null) return false;  // a comparison with null is not true
  switch (leaf.kind()) {
    case Kind::kLt:
    case Kind::kLtEq:
    case Kind::kGt:
    case Kind::kGtEq: return OrderMayMatch(leaf.kind(), range, leaf.literal());
    case Kind::kEq: return EqualMayMatch(range, leaf.literal());
    case Kind::kIn: return InMayMatch(range, leaf.literals());
    case Kind::kStartsWith: return StartsWithMayMatch(range, leaf.literal());
    case Kind::kNotEq:
    case Kind::kNotIn: return NotEqualMayMatch(range, leaf.literals());
    default: return true;
  }
}

/// `range_of` gives the range of a field, or nullopt when nothing is known.
template <typename RangeOf>
bool MayMatch(const Expression& filter, RangeOf range_of) {
  switch (filter.kind()) {
    case Kind::kTrue:
    case Kind::kNot:  // Bind leaves none
      return true;
    case Kind::kFalse: return false;
    case Kind::kAnd: return MayMatch(filter.left(), range_of) && MayMatch(filter.right(), range_of);
    case Kind::kOr: return MayMatch(filter.left(), range_of) || MayMatch(filter.right(), range_of);
    default: {
      std::optional<ValueRange> range = range_of(filter.field());
      return !range || LeafMayMatch(filter, *range);
    }
  }
}

bool IsFloating(const Type& type) { return type.id() == TypeId::kFloat || type.id() == TypeId::kDouble; }

std::optional<size_t> IndexOf(const PartitionSpec& spec, FieldId id) {
  for (size_t i = 0; i < spec.fields.size(); i++) {
    if (spec.fields[i].field_id == id) return i;
  }
  return std::nullopt;
}

std::optional<ValueRange> RangeInFile(FieldId id, const Schema& schema, const DataFile& file) {
  const NestedField* field = schema.Find(id);
  if (field == nullptr || schema.IsRepeated(id)) return std::nullopt;
  ValueRange range;
  const int64_t* values = file.value_counts.Find(id);
  const int64_t* nulls = file.null_value_counts.Find(id);
  const int64_t* nans = file.nan_value_counts.Find(id);
  // Java's writers do not count a field's null where it is that of the struct around it.
  range.may_have_null = nulls == nullptr || *nulls > 0 || !schema.IsColumn(id);
  range.all_null = values != nullptr && nulls != nullptr && *values == *nulls;
  range.may_have_nan = IsFloating(field->type) && (nans == nullptr || *nans > 0);
  range.all_nan = IsFloating(field->type) && values != nullptr && nans != nullptr && *values == *nans;
  if (field->type.is_primitive()) {
    range.lower = DecodeBound(file.lower_bounds.Find(id), field->type);
    range.upper = DecodeBound(file.upper_bounds.Find(id), field->type);
  }
  return range;
}

}  // namespace

bool MetricsMayMatch(const Expression& bound, const Schema& schema, const DataFile& file) {
  if (bound.is_true()) return true;
  if (file.record_count == 0) return false;
  return MayMatch(bound, [&](FieldId id) { return RangeInFile(id, schema, file); });
}

bool TupleMayMatch(const Expression& projected, const PartitionSpec& spec, const PartitionTuple& tuple) {
  return MayMatch(projected, [&](FieldId id) -> std::optional<ValueRange> {
    auto index = IndexOf(spec, id);
    if (!index || *index >= tuple.size() || tuple.size() != spec.fields.size()) return std::nullopt;
    const std::optional<Literal>& value = tuple[*index];
    ValueRange range;
    range.may_have_null = range.all_null = !value;
    range.may_have_nan = range.all_nan = value && value->is_nan();
    range.exact = true;
    if (value) range.lower = range.upper = CleanBound(*value);
    return range;
  });
}

bool SummariesMayMatch(const Expression& projected, const PartitionSpec& spec, const std::vector<Type>& types,
                       const std::vector<FieldSummary>& summaries) {
  return MayMatch(projected, [&](FieldId id) -> std::optional<ValueRange> {
    auto index = IndexOf(spec, id);
    if (!index || summaries.size() != spec.fields.size() || types.size() != spec.fields.size()) return std::nullopt;
    const FieldSummary& summary = summaries[*index];
    auto bytes = [](const std::optional<std::string>& bound) { return bound ? &*bound : nullptr; };
    ValueRange range;
    range.may_have_null = summary.contains_null;
    range.may_have_nan = IsFloating(types[*index]) && summary.contains_nan.value_or(true);
    range.lower = DecodeBound(bytes(summary.lower_bound), types[*index]);
    range.upper = DecodeBound(bytes(summary.upper_bound), types[*index]);
    return range;
  });
}

FilePruner::FilePruner(const TableMetadata& metadata, const Schema& schema, Expression filter)
    : schema_(schema), filter_(std::move(filter)) {
  if (filter_.is_true()) return;
  for (const PartitionSpec& spec : metadata.partition_specs) {
    Expression projected = ProjectToPartition(filter_, spec, schema_);
    if (projected.is_true()) continue;
    by_spec_.emplace(spec.spec_id, Projected{spec, PartitionTypes(spec, schema_), std::move(projected)});
  }
}

bool FilePruner::ManifestMayMatch(const ManifestFile& manifest) const {
  auto at = by_spec_.find(manifest.partition_spec_id);
  if (at == by_spec_.end()) return true;
  return SummariesMayMatch(at->second.filter, at->second.spec, at->second.types, manifest.partitions);
}

bool FilePruner::FileMayMatch(const DataFile& file) const {
  if (filter_.is_true()) return true;
  auto at = by_spec_.find(file.spec_id);
  if (at != by_spec_.end() && !TupleMayMatch(at->second.filter, at->second.spec, file.partition)) return false;
  return MetricsMayMatch(filter_, schema_, file);
}

}  // namespace lake::iceberg
