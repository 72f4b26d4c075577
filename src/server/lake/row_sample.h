// Which rows ANALYZE looks at: a sample over the whole table that leaves most of a large one unread.
//
// The rows, file after file, are cut into strata of equal length. Of each a run of consecutive rows is looked at, at a
// random place, and of those rows each with the same chance. So every part of the table counts, and no more files and
// row groups are read than there are runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "server/lake/deleted_rows.h"
#include "server/lake/table_scan.h"

namespace lake::server {

/// Rows begin ... end - 1 of a file.
struct RowRun {
  int64_t begin = 0;
  int64_t end = 0;
};

class RowSample {
 public:
  /// Of about `rows` rows of the files; `seed` decides which.
  RowSample(const std::vector<const ScanFile*>& files, int64_t rows, uint64_t seed);

  /// Those to look at, ascending; none of a file that need not be opened.
  const std::vector<RowRun>& RunsIn(uint64_t ordinal) const;
  /// For every row of a run.
  double fraction() const { return fraction_; }
  uint64_t seed() const { return seed_; }

 private:
  std::map<uint64_t, std::vector<RowRun>> runs_;  // by ordinal
  double fraction_ = 1;
  uint64_t seed_;
};

/// Hands DuckDB's readers the sampled rows among those that count.
class SampledRowsFilter : public duckdb::DeleteFilter {
 public:
  /// `hidden` may be null: all rows count.
  SampledRowsFilter(std::shared_ptr<const RowSample> sample, uint64_t ordinal,
                    std::shared_ptr<const DeletedRows> hidden)
      : sample_(std::move(sample)), ordinal_(ordinal), hidden_(std::move(hidden)) {}
  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count, duckdb::SelectionVector& result) override;

 private:
  bool IsSampled(int64_t row) const;

  std::shared_ptr<const RowSample> sample_;
  uint64_t ordinal_;
  std::shared_ptr<const DeletedRows> hidden_;
};

}  // namespace lake::server
