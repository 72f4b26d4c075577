// Partition evolution ("Partition Evolution" in the specification): another default spec. Files keep the spec they were
// written under.
#pragma once

#include <string>
#include <vector>

#include "iceberg/commit.h"

namespace lake::iceberg {

struct NewPartitionField {
  std::string column;  // full name of the source column
  Transform transform;
  std::string name;  // empty: PART-6's default, "ts_day", "id_bucket_16", "name_trunc_4"
};

/// PART-6: the name of a partition field over a column.
std::string PartitionFieldName(const std::string& column, const Transform& transform);

/// A spec of these fields, with ids from 1000 on. kInvalidInput: unknown or unsuitable columns, a field that comes
/// twice, names that are taken.
Result<PartitionSpec> MakePartitionSpec(const std::vector<NewPartitionField>& fields, const Schema& schema);

/// The new metadata, with these fields as default spec (none: unpartitioned); the base when that is the default spec
/// already. A field that any spec had keeps its id and name, a spec that was there its id (rule 15). Errors as above.
Result<TableMetadata> UpdateSpec(const TableMetadata& base, const std::vector<NewPartitionField>& fields,
                                 const CommitContext& context);

}  // namespace lake::iceberg
