// Counts what a snapshot adds and removes, and writes its summary (rules 44 and 45): all values are strings, totals are
// the previous total plus added minus removed, and a total is left out where the previous one is not known.
#pragma once

#include <set>
#include <string>

#include "iceberg/manifest.h"
#include "iceberg/scan.h"

namespace lake::iceberg {

class SummaryCounter {
 public:
  void Added(const DataFile& file) { Count(file, added_); }
  void Removed(const DataFile& file) { Count(file, removed_); }

  /// "append", "overwrite" or "delete".
  const char* Operation() const;
  /// The counters and totals; `previous` is the parent snapshot's summary, null when there is no parent.
  void Write(const Properties* previous, Properties& summary) const;
  /// The totals after the snapshot.
  TableTotals Apply(const TableTotals& before) const;

 private:
  struct Counts {
    int64_t data_files = 0;
    int64_t records = 0;
    int64_t bytes = 0;  // of all files
    int64_t delete_files = 0;
    int64_t position_delete_files = 0;
    int64_t position_deletes = 0;
    int64_t equality_delete_files = 0;
    int64_t equality_deletes = 0;
    int64_t vectors = 0;
  };
  void Count(const DataFile& file, Counts& counts);

  Counts added_;
  Counts removed_;
  std::set<std::string> partitions_;
};

}  // namespace lake::iceberg
