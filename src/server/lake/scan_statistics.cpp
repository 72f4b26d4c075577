// See the header.
#include "server/lake/scan_statistics.h"

#include "duckdb/storage/statistics/numeric_stats.hpp"
#include "duckdb/storage/statistics/string_stats.hpp"
#include "server/engine/lake_exception.h"
#include "server/lake/duck_types.h"

namespace lake::server {

using duckdb::BaseStatistics;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using iceberg::DataFile;
using iceberg::Literal;
using iceberg::TypeId;

namespace {

struct Bounds {
  std::optional<Literal> lower, upper;
  bool known = true;  // false: some file with values has no usable bounds
  bool may_have_null = false;
  bool may_have_value = false;
};

/// Widens the bounds by one file's.
void Widen(Bounds& bounds, const DataFile& file, const iceberg::NestedField& field) {
  const int64_t* values = file.value_counts.Find(field.id);
  const int64_t* nulls = file.null_value_counts.Find(field.id);
  // Without counts the file may lack the column altogether: then every row has the default.
  if (values == nullptr || nulls == nullptr || *values != file.record_count) {
    bounds.known = false;
    bounds.may_have_null = bounds.may_have_value = true;
    return;
  }
  if (*nulls > 0) bounds.may_have_null = true;
  if (*nulls >= *values) return;
  bounds.may_have_value = true;
  const std::string* lower = file.lower_bounds.Find(field.id);
  const std::string* upper = file.upper_bounds.Find(field.id);
  bool is_float = field.type.id() == TypeId::kFloat || field.type.id() == TypeId::kDouble;
  const int64_t* nans = file.nan_value_counts.Find(field.id);
  if (lower == nullptr || upper == nullptr || (is_float && (nans == nullptr || *nans > 0))) {
    bounds.known = false;
    return;
  }
  auto low = Literal::FromBinary(field.type, *lower);
  auto high = Literal::FromBinary(field.type, *upper);
  if (!low.ok() || !high.ok() || Literal::Compare(*low, *high) > 0) {
    bounds.known = false;
    return;
  }
  if (!bounds.lower || Literal::Compare(*low, *bounds.lower) < 0) bounds.lower = *low;
  if (!bounds.upper || Literal::Compare(*high, *bounds.upper) > 0) bounds.upper = *high;
}

bool HasNumericBounds(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
    case LogicalTypeId::DECIMAL:
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIME:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: return true;
    default: return false;
  }
}

void SetBounds(BaseStatistics& stats, const Bounds& bounds, const LogicalType& type) {
  if (type.id() == LogicalTypeId::VARCHAR) {
    const std::string& lower = bounds.lower->as<std::string>();
    const std::string& upper = bounds.upper->as<std::string>();
    duckdb::StringStats::SetMin(stats, duckdb::string_t(lower.data(), static_cast<uint32_t>(lower.size())));
    duckdb::StringStats::SetMax(stats, duckdb::string_t(upper.data(), static_cast<uint32_t>(upper.size())));
    duckdb::StringStats::ResetMaxStringLength(stats);
    duckdb::StringStats::SetContainsUnicode(stats);
    return;
  }
  duckdb::Value lower, upper;
  std::string error;
  if (!DuckValue(*bounds.lower).DefaultTryCastAs(type, lower, &error)) return;
  if (!DuckValue(*bounds.upper).DefaultTryCastAs(type, upper, &error)) return;
  duckdb::NumericStats::SetMin(stats, lower);
  duckdb::NumericStats::SetMax(stats, upper);
}

duckdb::unique_ptr<BaseStatistics> StatisticsOf(const TableScan& scan, const ShownTypes& shown,
                                                const std::vector<const ScanFile*>& files, duckdb::column_t column) {
  const auto& fields = scan.schema().fields();
  if (column >= fields.size() || !fields[column].type.is_primitive()) return nullptr;
  const iceberg::NestedField& field = fields[column];
  auto own = DuckType(field.type, field.name);
  if (!own.ok()) return nullptr;
  LogicalType type = shown[column].id() == LogicalTypeId::INVALID ? *own : shown[column];
  if (!KeepsOrder(field.type, type)) return nullptr;
  bool is_string = type.id() == LogicalTypeId::VARCHAR;
  if (!is_string && !HasNumericBounds(type)) return nullptr;

  Bounds bounds;
  for (const ScanFile* file : files) Widen(bounds, *file->file, field);
  if (!bounds.may_have_null && !bounds.may_have_value) return nullptr;  // no files, no rows: nothing worth saying
  auto stats = BaseStatistics::CreateUnknown(type);
  if (bounds.known && bounds.lower && bounds.upper) SetBounds(stats, bounds, type);
  if (!bounds.may_have_null) stats.Set(duckdb::StatsInfo::CANNOT_HAVE_NULL_VALUES);
  if (!bounds.may_have_value) stats.Set(duckdb::StatsInfo::CANNOT_HAVE_VALID_VALUES);
  return stats.ToUnique();
}

/// One file, as the optimiser sees it when it answers count(*), min and max without reading.
class FilePartition : public duckdb::PartitionRowGroup {
 public:
  FilePartition(std::shared_ptr<TableScan> scan, ShownTypes shown, const ScanFile* file)
      : scan_(std::move(scan)), shown_(std::move(shown)), file_(file) {}

  duckdb::unique_ptr<BaseStatistics> GetColumnStatistics(const duckdb::StorageIndex& index) override {
    if (index.HasChildren()) return nullptr;
    return StatisticsOf(*scan_, shown_, {file_}, index.GetPrimaryIndex());
  }

  /// Bounds may be wider than the values: the format allows it, strings are cut, floats have two zeros.
  bool MinMaxIsExact(const BaseStatistics& stats, const duckdb::StorageIndex&) override {
    LogicalTypeId type = stats.GetType().id();
    return file_->is_own && !file_->hides_rows() && type != LogicalTypeId::VARCHAR && type != LogicalTypeId::FLOAT &&
           type != LogicalTypeId::DOUBLE;
  }

 private:
  std::shared_ptr<TableScan> scan_;
  ShownTypes shown_;
  const ScanFile* file_;
};

}  // namespace

duckdb::unique_ptr<BaseStatistics> ColumnStatistics(const ScanFileList& files, duckdb::column_t column) {
  return StatisticsOf(*files.scan(), files.shown(), files.Files(), column);
}

duckdb::vector<duckdb::PartitionStatistics> FileStatistics(duckdb::ClientContext& context, const ScanFileList& files) {
  duckdb::vector<duckdb::PartitionStatistics> result;
  for (const ScanFile* file : files.Files()) {
    duckdb::PartitionStatistics stats;
    stats.count = static_cast<duckdb::idx_t>(ValueOrThrow(files.scan()->LiveRows(context, *file)));
    stats.count_type = duckdb::CountType::COUNT_EXACT;
    stats.partition_row_group = duckdb::make_shared_ptr<FilePartition>(files.scan(), files.shown(), file);
    result.push_back(stats);
  }
  return result;
}

}  // namespace lake::server
