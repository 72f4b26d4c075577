// Rows in the order that a table's sort order asks for ("Sorting" in the specification), by DuckDB's own sort: on all
// threads that add rows, on disk where memory is short.
//
//   auto sorter = RowSorter::Create(context, table.default_sort_order(), columns);
//   if (*sorter) { while (more) (*sorter)->Add(rows); while (auto rows = (*sorter)->Next(is_full)) ... }
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/client_context.hpp"
#include "iceberg/sort_order.h"

namespace duckdb {
class Sort;
}

namespace lake::server {

class RowSorter {
 public:
  using Rows = std::unique_ptr<duckdb::ColumnDataCollection>;

  /// `columns` are those of the rows. Null where rows cannot be sorted so, or need not be: no fields, columns inside
  /// others, transforms that are not known (rule 23).
  static Result<std::unique_ptr<RowSorter>> Create(duckdb::ClientContext& context, const iceberg::SortOrder& order,
                                                   const std::vector<iceberg::NestedField>& columns);
  ~RowSorter();

  /// Any thread. `rows` is empty afterwards.
  Status Add(duckdb::ColumnDataCollection& rows);
  /// After the last Add(), one thread: the next rows, until they are as many as `is_full` wants or there are no more;
  /// null behind the last.
  Result<Rows> Next(const std::function<bool(const duckdb::ColumnDataCollection&)>& is_full);

 private:
  struct Key;
  struct Local;
  struct Source;

  explicit RowSorter(duckdb::ClientContext& context);
  std::unique_ptr<Local> TakeLocal();
  void Open();
  void Sink(Local& local, duckdb::ColumnDataCollection& rows);

  duckdb::ClientContext& context_;
  duckdb::vector<duckdb::LogicalType> types_;      // of the rows
  duckdb::vector<duckdb::LogicalType> key_types_;  // of keys that are no columns
  std::vector<Key> keys_;
  std::unique_ptr<duckdb::Sort> sort_;
  struct Global;
  std::unique_ptr<Global> global_;
  std::unique_ptr<Source> source_;  // once all rows are there
  std::mutex mutex_;
  std::vector<std::unique_ptr<Local>> locals_;  // that no thread has
};

}  // namespace lake::server
