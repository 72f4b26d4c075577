// See the header.
#include "server/lake/scan_file_list.h"

#include <algorithm>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/table_filter.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"
#include "server/engine/lake_exception.h"
#include "server/lake/duck_types.h"
#include "server/lake/filter_translation.h"
#include "server/lake/open_file.h"

namespace lake::server {

using duckdb::idx_t;

const std::vector<const ScanFile*>& ScanFileList::Files() const {
  std::lock_guard lock(mutex_);
  if (!planned_) {
    files_ = ValueOrThrow(scan_->Plan(filter_));
    planned_ = true;
  }
  return files_;
}

namespace {

/// The first value that a file may have in an order. Files that do not tell come first.
struct FirstValue {
  int rank = 0;  // 0: unknown, or NULLs that come first; 1: `bound`; 2: nothing but NULLs that come last
  std::optional<iceberg::Literal> bound;
};

FirstValue FirstValueOf(const iceberg::DataFile& file, const iceberg::NestedField& field, bool descending,
                        bool nulls_first) {
  const int64_t* values = file.value_counts.Find(field.id);
  const int64_t* nulls = file.null_value_counts.Find(field.id);
  if (values != nullptr && nulls != nullptr && *nulls > 0) {
    if (nulls_first) return {};
    if (*nulls >= *values) return {2, std::nullopt};
  }
  // NaN is the largest number, and no bound says whether there is one.
  const int64_t* nans = file.nan_value_counts.Find(field.id);
  bool is_float = field.type.id() == iceberg::TypeId::kFloat || field.type.id() == iceberg::TypeId::kDouble;
  if (is_float && descending && (nans == nullptr || *nans > 0)) return {};
  const std::string* bytes = (descending ? file.upper_bounds : file.lower_bounds).Find(field.id);
  if (bytes == nullptr) return {};
  auto bound = iceberg::Literal::FromBinary(field.type, *bytes);
  return bound.ok() ? FirstValue{1, std::move(*bound)} : FirstValue();
}

}  // namespace

void ScanFileList::ReadInOrder(duckdb::column_t column, bool descending, bool nulls_first) {
  if (!PrunableField(column)) return;
  const iceberg::NestedField& field = scan_->schema().fields()[column];
  Files();
  std::lock_guard lock(mutex_);
  std::vector<std::pair<FirstValue, const ScanFile*>> sorted;
  for (const ScanFile* file : files_)
    sorted.emplace_back(FirstValueOf(*file->file, field, descending, nulls_first), file);
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
    if (a.first.rank != b.first.rank) return a.first.rank < b.first.rank;
    if (!a.first.bound) return false;
    int order = iceberg::Literal::Compare(*a.first.bound, *b.first.bound);
    return descending ? order > 0 : order < 0;
  });
  for (size_t i = 0; i < sorted.size(); ++i) files_[i] = sorted[i].second;
}

std::optional<iceberg::FieldId> ScanFileList::PrunableField(duckdb::column_t column) const {
  const auto& fields = scan_->schema().fields();
  if (column >= fields.size()) return std::nullopt;  // virtual columns
  const iceberg::NestedField& field = fields[column];
  const duckdb::LogicalType& shown = shown_[column];
  if (!field.type.is_primitive()) return std::nullopt;
  if (shown.id() != duckdb::LogicalTypeId::INVALID && !KeepsOrder(field.type, shown)) return std::nullopt;
  return field.id;
}

const iceberg::NestedField* ScanFileList::FieldBehind(const duckdb::Expression& expression,
                                                      const duckdb::MultiFilePushdownInfo& info) const {
  if (expression.GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF) {
    const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
    if (reference.binding.table_index != info.table_index) return nullptr;
    if (reference.binding.column_index >= info.column_indexes.size()) return nullptr;
    const duckdb::ColumnIndex& column = info.column_indexes[reference.binding.column_index];
    if (!column.HasPrimaryIndex() || column.HasChildren()) return nullptr;
    const auto& fields = scan_->schema().fields();
    return column.GetPrimaryIndex() < fields.size() ? &fields[column.GetPrimaryIndex()] : nullptr;  // else virtual
  }
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_FUNCTION) return nullptr;
  const auto& call = expression.Cast<duckdb::BoundFunctionExpression>();
  if (call.function.name != "struct_extract" || call.children.size() != 2) return nullptr;
  const duckdb::Expression& key = *call.children[1];
  if (key.GetExpressionType() != duckdb::ExpressionType::VALUE_CONSTANT) return nullptr;
  const duckdb::Value& name = key.Cast<duckdb::BoundConstantExpression>().value;
  if (name.IsNull() || name.type().id() != duckdb::LogicalTypeId::VARCHAR) return nullptr;
  const iceberg::NestedField* parent = FieldBehind(*call.children[0], info);
  if (parent == nullptr || parent->type.id() != iceberg::TypeId::kStruct) return nullptr;
  const auto& fields = parent->type.fields();
  auto field = std::find_if(fields.begin(), fields.end(), [&](const iceberg::NestedField& candidate) {
    return candidate.name == duckdb::StringValue::Get(name);
  });
  return field == fields.end() ? nullptr : &*field;
}

duckdb::unique_ptr<duckdb::MultiFileList> ScanFileList::ComplexFilterPushdown(
    duckdb::ClientContext& context, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const {
  auto field_of = [&](const duckdb::Expression& expression) -> std::optional<iceberg::FieldId> {
    const iceberg::NestedField* field = FieldBehind(expression, info);
    if (field == nullptr || !field->type.is_primitive() || !KeepsOrder(field->type, expression.return_type)) return {};
    return field->id;
  };
  iceberg::Expression added;
  for (const auto& filter : filters) {
    added = iceberg::Expression::And(std::move(added), TranslateFilter(context, *filter, field_of));
  }
  if (added.is_true()) return nullptr;
  auto pruned = duckdb::make_uniq<ScanFileList>(scan_, shown_, iceberg::Expression::And(filter_, added));
  pruned->Files();
  return pruned;
}

duckdb::unique_ptr<duckdb::MultiFileList> ScanFileList::DynamicFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, const duckdb::vector<std::string>&,
    const duckdb::vector<duckdb::LogicalType>&, const duckdb::vector<duckdb::column_t>& column_ids,
    duckdb::TableFilterSet& filters) const {
  iceberg::Expression added;
  for (const auto& [position, filter] : filters.filters) {
    if (position >= column_ids.size()) continue;
    if (auto field = PrunableField(column_ids[position])) {
      added = iceberg::Expression::And(std::move(added), TranslateFilter(*filter, *field));
    }
  }
  if (added.is_true()) return nullptr;
  auto pruned = duckdb::make_uniq<ScanFileList>(scan_, shown_, iceberg::Expression::And(filter_, added));
  pruned->files_ = ValueOrThrow(scan_->Prune(Files(), added));
  pruned->planned_ = true;
  return pruned;
}

duckdb::OpenFileInfo ScanFileList::GetFile(idx_t i) const {
  const auto& files = Files();
  if (i >= files.size()) return {};
  const ScanFile& file = *files[i];
  duckdb::OpenFileInfo info = ValueOrThrow(OpenInfoOf(*file.file));
  info.extended_info->options[kOrdinalOption] = duckdb::Value::UBIGINT(file.ordinal);
  info.extended_info->options["has_deletes"] = duckdb::Value::BOOLEAN(file.hides_rows());
  return info;
}

duckdb::vector<duckdb::OpenFileInfo> ScanFileList::GetAllFiles() const {
  duckdb::vector<duckdb::OpenFileInfo> result;
  for (idx_t i = 0; i < GetTotalFileCount(); ++i) result.push_back(GetFile(i));
  return result;
}

duckdb::FileExpandResult ScanFileList::GetExpandResult() const {
  // One file is said to be several: for SINGLE_FILE the multi-file reader would scan it with one thread, because it has
  // not counted its row groups.
  return Files().empty() ? duckdb::FileExpandResult::NO_FILES : duckdb::FileExpandResult::MULTIPLE_FILES;
}

duckdb::unique_ptr<duckdb::NodeStatistics> ScanFileList::GetCardinality(duckdb::ClientContext&) const {
  uint64_t rows = 0;
  for (const ScanFile* file : Files()) rows += static_cast<uint64_t>(file->row_limit);
  return duckdb::make_uniq<duckdb::NodeStatistics>(rows, rows);
}

duckdb::unique_ptr<duckdb::MultiFileList> ScanFileList::Copy() const {
  auto copy = duckdb::make_uniq<ScanFileList>(scan_, shown_, filter_);
  std::lock_guard lock(mutex_);
  copy->planned_ = planned_;
  copy->files_ = files_;
  return copy;
}

}  // namespace lake::server
