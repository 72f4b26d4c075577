// What a write is told: which table, which columns, how large the files. Shared by rows that stream in (row_writer.h)
// and queries whose rows stay here (set_writer.h).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "server/lake/copy_decoder.h"
#include "server/lake/data_file_writer.h"
#include "server/lake/data_files.h"

namespace lake::server {

struct WriteSpec {
  DataFiles::Options files;
  std::vector<StreamColumn> columns;
  bool lineage = false;  // the last column of the stream is a row id (docs/link.md), of the files it is _row_id
  std::string lineage_base, lineage_changes;

  /// They make a row group.
  bool IsFull(const duckdb::ColumnDataCollection& rows) const { return MakeRowGroup(rows, files.row_group_size); }
};

/// The members that lake_write and FORMAT lake have in common (docs/link.md). kConflict when the table's columns are
/// not those that the caller knows. No columns: no rows will be written.
Result<WriteSpec> ParseWriteSpec(const Json& json, const iceberg::TableMetadata& table);

/// The columns' fields, in order.
std::vector<iceberg::NestedField> FieldsOf(const std::vector<StreamColumn>& columns);

}  // namespace lake::server
