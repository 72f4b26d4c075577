// See the header.
#include "server/lake/monotone_filter.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "server/functions/time_zone.h"
#include "server/lake/duck_types.h"

namespace lake::server {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using iceberg::Expression;

namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = 3600 * kSecond;
/// Offsets from UTC differ by less than 26 hours, and date_trunc of the instant of a date uses them three times.
constexpr int64_t kDisorder = 78 * kHour;

/// Where PostgreSQL's and DuckDB's functions give no errors: years -4000 to 280000 and more. Values outside are never
/// pruned by mistake: they are in order with those at the ends.
struct Domain {
  int64_t first;
  int64_t last;
};
constexpr Domain kInstants = {-188'000'000'000 * kSecond, 8'700'000'000'000 * kSecond};
constexpr Domain kDays = {-2'170'000, 90'000'000};

bool IsDateTime(LogicalTypeId type) {
  return type == LogicalTypeId::DATE || type == LogicalTypeId::TIMESTAMP || type == LogicalTypeId::TIMESTAMP_TZ;
}

/// Which argument a function of this name grows with; nullopt for other functions.
std::optional<size_t> GrowingArgument(std::string_view name) {
  if (name == "date_trunc" || name == "datetrunc" || name == "pg_date_trunc") return 1;
  if (name == "pg_clock" || name == "pg_instant" || name == "pg_date_instant") return 0;
  for (std::string_view prefix : {"pg_extract_", "pg_part_"}) {
    if (!name.starts_with(prefix)) continue;
    static constexpr std::array<std::string_view, 7> kUnits = {"year",       "isoyear", "decade", "century",
                                                               "millennium", "julian",  "epoch"};
    if (std::find(kUnits.begin(), kUnits.end(), name.substr(prefix.size())) != kUnits.end()) return 0;
  }
  return std::nullopt;
}

bool CastGrows(const duckdb::LogicalType& from, const duckdb::LogicalType& to) {
  auto is_local = [](LogicalTypeId type) { return type == LogicalTypeId::DATE || type == LogicalTypeId::TIMESTAMP; };
  return (from.IsNumeric() && to.IsNumeric()) || (is_local(from.id()) && is_local(to.id())) || from == to;
}

/// A growing function of one column.
class GrowingFunction {
 public:
  explicit GrowingFunction(duckdb::ClientContext& context) : context_(context) {}

  /// False where the expression is none.
  bool Open(const duckdb::Expression& expression) {
    copy_ = expression.Copy();
    duckdb::unique_ptr<duckdb::Expression>* at = &copy_;
    while (true) {
      duckdb::Expression& node = **at;
      if (node.GetExpressionClass() == ExpressionClass::BOUND_CAST) {
        auto& cast = node.Cast<duckdb::BoundCastExpression>();
        if (!CastGrows(cast.child->return_type, cast.return_type)) return false;
        at = &cast.child;
      } else if (node.GetExpressionClass() == ExpressionClass::BOUND_FUNCTION) {
        if (!OpenCall(node.Cast<duckdb::BoundFunctionExpression>(), at)) return false;
      } else {
        break;
      }
    }
    if (at == &copy_ || !IsDateTime((*at)->return_type.id())) return false;
    column_ = std::move(*at);
    auto constant = duckdb::make_uniq<duckdb::BoundConstantExpression>(Value(column_->return_type));
    argument_ = constant.get();
    *at = std::move(constant);
    return true;
  }

  const duckdb::Expression& column() const { return *column_; }
  Domain domain() const { return column_->return_type.id() == LogicalTypeId::DATE ? kDays : kInstants; }

  Value ColumnValue(int64_t number) const {
    switch (column_->return_type.id()) {
      case LogicalTypeId::DATE: return Value::DATE(duckdb::date_t(static_cast<int32_t>(number)));
      case LogicalTypeId::TIMESTAMP: return Value::TIMESTAMP(duckdb::timestamp_t(number));
      default: return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(number));
    }
  }

  /// Of a value of the column; nullopt where the function fails or has none.
  std::optional<Value> At(int64_t number) {
    argument_->value = ColumnValue(number);
    Value result;
    if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, *copy_, result) || result.IsNull())
      return std::nullopt;
    return result;
  }

  /// How far from the number values may be that the function does not keep in order with it.
  int64_t DisorderAt(int64_t number) const {
    if (zone_ == nullptr) return 0;
    bool is_date = column_->return_type.id() == LogicalTypeId::DATE;
    int64_t days = kDisorder / (24 * kHour) + 1;
    int64_t seconds = is_date ? number * 24 * 3600 : number / kSecond;
    // Wider by a day, for a column that counts in clock time.
    auto stretch = zone_->StretchAt(seconds);
    int64_t margin = (days + 1) * 24 * 3600;
    bool is_alone = stretch.begin <= seconds - margin && stretch.end >= seconds + margin;
    if (is_alone) return 0;
    return is_date ? days : kDisorder;
  }

 private:
  bool OpenCall(duckdb::BoundFunctionExpression& call, duckdb::unique_ptr<duckdb::Expression>*& at) {
    auto growing = GrowingArgument(call.function.name);
    if (!growing || *growing >= call.children.size()) return false;
    for (size_t i = 0; i < call.children.size(); ++i) {
      if (i == *growing) continue;
      if (call.children[i]->GetExpressionType() != ExpressionType::VALUE_CONSTANT) return false;
      const Value& value = call.children[i]->Cast<duckdb::BoundConstantExpression>().value;
      if (value.IsNull() || value.type().id() != LogicalTypeId::VARCHAR) return false;
      if (i == *growing + 1) {  // rules of a time zone; one of them
        const std::string& rules = duckdb::StringValue::Get(value);
        if (zone_ != nullptr && rules != rules_) return false;
        zone_ = TimeZone::Get(rules);
        rules_ = rules;
      }
    }
    at = &call.children[*growing];
    return true;
  }

  duckdb::ClientContext& context_;
  duckdb::unique_ptr<duckdb::Expression> copy_;
  duckdb::unique_ptr<duckdb::Expression> column_;
  duckdb::BoundConstantExpression* argument_ = nullptr;  // in the copy, in place of the column
  std::shared_ptr<const TimeZone> zone_;
  std::string rules_;  // of the zone
};

/// The first number of the domain at which `holds` of the function, as if it held from there on; one more than the last
/// where it holds of none. nullopt where the function failed.
template <typename Holds>
std::optional<int64_t> FirstWhere(GrowingFunction& function, Holds&& holds) {
  auto [low, high] = function.domain();
  ++high;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    auto value = function.At(middle);
    if (!value) return std::nullopt;
    if (holds(*value)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

Expression Bound(Expression::Kind kind, iceberg::FieldId field, const GrowingFunction& function, int64_t number) {
  auto literal = LiteralOf(function.ColumnValue(number));
  return literal ? Expression::Compare(kind, field, std::move(*literal)) : Expression::True();
}

/// The column where the function is at least the value, or more.
Expression From(GrowingFunction& function, iceberg::FieldId field, const Value& value, bool or_equal) {
  auto first = FirstWhere(function, [&](const Value& at) { return or_equal ? at >= value : at > value; });
  if (!first || *first <= function.domain().first || *first > function.domain().last) return Expression::True();
  return Bound(Expression::Kind::kGtEq, field, function, *first - function.DisorderAt(*first));
}

/// The column where the function is at most the value, or less.
Expression To(GrowingFunction& function, iceberg::FieldId field, const Value& value, bool or_equal) {
  auto end = FirstWhere(function, [&](const Value& at) { return or_equal ? at > value : at >= value; });
  if (!end || *end <= function.domain().first || *end > function.domain().last) return Expression::True();
  return Bound(Expression::Kind::kLt, field, function, *end + function.DisorderAt(*end));
}

}  // namespace

Expression RangeWhere(duckdb::ClientContext& context, const duckdb::Expression& expression, ExpressionType type,
                      const Value& value,
                      const std::function<std::optional<iceberg::FieldId>(const duckdb::Expression&)>& field_of) {
  GrowingFunction function(context);
  if (value.IsNull() || value.type() != expression.return_type || !function.Open(expression)) return Expression::True();
  auto field = field_of(function.column());
  if (!field) return Expression::True();
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return Expression::And(From(function, *field, value, true), To(function, *field, value, true));
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO: return From(function, *field, value, true);
    case ExpressionType::COMPARE_GREATERTHAN: return From(function, *field, value, false);
    case ExpressionType::COMPARE_LESSTHANOREQUALTO: return To(function, *field, value, true);
    case ExpressionType::COMPARE_LESSTHAN: return To(function, *field, value, false);
    default: return Expression::True();
  }
}

}  // namespace lake::server
