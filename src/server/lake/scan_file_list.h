// The list of files of one scan as DuckDB's multi-file reader walks it: planned when first asked for, pruned by the
// filters that DuckDB pushes while it optimises and again when joins have produced theirs.
#pragma once

#include <mutex>

#include "duckdb/common/multi_file/multi_file_list.hpp"
#include "server/lake/table_scan.h"

namespace lake::server {

/// How the columns of a scan are shown, where that differs from the schema: by position, INVALID for "as it is".
using ShownTypes = std::vector<duckdb::LogicalType>;

class ScanFileList : public duckdb::MultiFileList {
 public:
  ScanFileList(std::shared_ptr<TableScan> scan, ShownTypes shown, iceberg::Expression filter = {})
      : scan_(std::move(scan)), shown_(std::move(shown)), filter_(std::move(filter)) {}

  duckdb::unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
      duckdb::ClientContext& context, const duckdb::MultiFileOptions& options, duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const override;
  duckdb::unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(duckdb::ClientContext& context,
                                                                  const duckdb::MultiFileOptions& options,
                                                                  const duckdb::vector<std::string>& names,
                                                                  const duckdb::vector<duckdb::LogicalType>& types,
                                                                  const duckdb::vector<duckdb::column_t>& column_ids,
                                                                  duckdb::TableFilterSet& filters) const override;

  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override;
  duckdb::FileExpandResult GetExpandResult() const override;
  duckdb::idx_t GetTotalFileCount() const override { return Files().size(); }
  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(duckdb::ClientContext& context) const override;
  duckdb::unique_ptr<duckdb::MultiFileList> Copy() const override;

  /// The planned files. Throws what planning answers.
  const std::vector<const ScanFile*>& Files() const;
  /// Sorts the files by their bounds of a column: those first that may hold the first rows of that order.
  void ReadInOrder(duckdb::column_t column, bool descending, bool nulls_first);
  const std::shared_ptr<TableScan>& scan() const { return scan_; }
  const ShownTypes& shown() const { return shown_; }

 protected:
  duckdb::OpenFileInfo GetFile(duckdb::idx_t i) const override;

 private:
  /// The field of a column, when filters on it may prune.
  std::optional<iceberg::FieldId> PrunableField(duckdb::column_t column) const;
  /// The field that the expression is: a column, or a field of a struct of one. Null for anything else.
  const iceberg::NestedField* FieldBehind(const duckdb::Expression& expression,
                                          const duckdb::MultiFilePushdownInfo& info) const;

  std::shared_ptr<TableScan> scan_;
  ShownTypes shown_;
  iceberg::Expression filter_;
  mutable std::mutex mutex_;
  mutable bool planned_ = false;
  mutable std::vector<const ScanFile*> files_;
};

}  // namespace lake::server
