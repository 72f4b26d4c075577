// See the header.
#include "server/lake/scan_file_list.h"

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
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

std::optional<iceberg::FieldId> ScanFileList::PrunableField(duckdb::column_t column) const {
  const auto& fields = scan_->schema().fields();
  if (column >= fields.size()) return std::nullopt;  // virtual columns
  const iceberg::NestedField& field = fields[column];
  const duckdb::LogicalType& shown = shown_[column];
  if (!field.type.is_primitive()) return std::nullopt;
  if (shown.id() != duckdb::LogicalTypeId::INVALID && !KeepsOrder(field.type, shown)) return std::nullopt;
  return field.id;
}

duckdb::unique_ptr<duckdb::MultiFileList> ScanFileList::ComplexFilterPushdown(
    duckdb::ClientContext&, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const {
  auto field_of = [&](const duckdb::Expression& expression) -> std::optional<iceberg::FieldId> {
    if (expression.GetExpressionType() != duckdb::ExpressionType::BOUND_COLUMN_REF) return std::nullopt;
    const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
    if (reference.binding.table_index != info.table_index) return std::nullopt;
    if (reference.binding.column_index >= info.column_indexes.size()) return std::nullopt;
    const duckdb::ColumnIndex& column = info.column_indexes[reference.binding.column_index];
    if (!column.HasPrimaryIndex() || column.HasChildren()) return std::nullopt;
    return PrunableField(column.GetPrimaryIndex());
  };
  iceberg::Expression added;
  for (const auto& filter : filters) {
    added = iceberg::Expression::And(std::move(added), TranslateFilter(*filter, field_of));
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
