// The data files of one write of a table with a sort order: all rows are sorted together, so that each file is sorted
// and files hold ranges that hardly overlap.
//
// Rows of whose order somebody must be told (Options::ordered_rows) lie in files of their own, in the order they came.
#pragma once

#include <future>

#include "server/lake/data_files.h"
#include "server/lake/row_sorter.h"

namespace lake::server {

class SortedFiles : public DataFiles {
 public:
  /// `ordered` takes the rows that keep their order, `sorted` the others; null: there are none of the kind.
  SortedFiles(const Options& options, iceberg::SortOrderId order_id, std::unique_ptr<RowSorter> sorter,
              std::unique_ptr<DataFiles> ordered, std::unique_ptr<DataFiles> sorted);

  Result<std::unique_ptr<Batch>> Prepare(duckdb::ColumnDataCollection& rows) override;
  Status Append(std::unique_ptr<Batch> batch) override;
  Status Close() override;
  /// Those of the ordered rows first.
  std::vector<iceberg::DataFile> files() const override;
  Order order() const override;
  void Discard() override;

 private:
  struct Rows;

  Options options_;
  iceberg::SortOrderId order_id_;
  std::unique_ptr<RowSorter> sorter_;
  std::unique_ptr<DataFiles> ordered_;
  std::unique_ptr<DataFiles> sorted_;
  int64_t arrived_ = 0;
};

}  // namespace lake::server
