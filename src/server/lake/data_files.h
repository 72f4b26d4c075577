// The data files of one write of a table: rows in, files out, one sequence of files for each partition.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "iceberg/manifest.h"
#include "server/lake/lake_instance.h"
#include "server/lake/parquet_file.h"

namespace lake::server {

class DataFiles {
 public:
  struct Options {
    std::string data_prefix;  // files are <data_prefix>-<n>.parquet, n from 0
    int64_t target_file_size = int64_t{512} << 20;
    int64_t row_group_size = int64_t{128} << 20;
    Compression compression = Compression::kSnappy;
    int64_t max_open_files = 5000;  // of a partitioned write
    /// Of how many of the first rows order() must tell: nullopt: all. These are not sorted.
    std::optional<int64_t> ordered_rows = 0;
  };

  /// Rows that are ready to be appended.
  struct Batch {
    virtual ~Batch() = default;
  };

  /// How the first rows came: so many to the file with that index in files(), then so many to that one ... Empty where
  /// files hold these rows in the order they came.
  using Order = std::vector<std::pair<size_t, int64_t>>;

  /// By the table's default spec and sort order; kUnsupported where rows cannot be written under the spec. `fields` are
  /// columns of the table, in the order of the rows' columns; none: no rows will come. `context` and `table` must
  /// outlive it.
  static Result<std::unique_ptr<DataFiles>> Open(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake,
                                                 const Options& options,
                                                 const std::vector<iceberg::NestedField>& fields,
                                                 const iceberg::TableMetadata& table);
  virtual ~DataFiles() = default;

  /// Any thread. `rows` is empty afterwards. Every batch must be appended.
  virtual Result<std::unique_ptr<Batch>> Prepare(duckdb::ColumnDataCollection& rows) = 0;
  /// Rows of one file have the order of the calls.
  virtual Status Append(std::unique_ptr<Batch> batch) = 0;
  Status Write(duckdb::ColumnDataCollection& rows) {
    LAKE_ASSIGN_OR_RETURN(auto batch, Prepare(rows));
    return Append(std::move(batch));
  }

  /// Makes all files durable. After the last Append().
  virtual Status Close() = 0;
  /// Complete after Close().
  virtual std::vector<iceberg::DataFile> files() const = 0;
  virtual Order order() const { return {}; }

  /// Removes what was finished: an aborted write leaves nothing. Failures are left to whoever cleans the location.
  virtual void Discard() = 0;
};

}  // namespace lake::server
