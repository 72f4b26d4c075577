// Sort order evolution ("Sorting" in the specification): another default sort order. Files keep the order they were
// written in, and its id.
#pragma once

#include <string>
#include <vector>

#include "iceberg/commit.h"

namespace lake::iceberg {

struct NewSortField {
  std::string column;  // full name of the source column
  Transform transform;
  bool ascending = true;
  bool nulls_first = true;
};

/// An order of these fields; its id is given when it is added. kInvalidInput: unknown or unsuitable columns, a field
/// that comes twice.
Result<SortOrder> MakeSortOrder(const std::vector<NewSortField>& fields, const Schema& schema);

/// The new metadata, with these fields as default sort order (none: unsorted); the base when that is the default
/// already. An order that was there keeps its id. Errors as above.
Result<TableMetadata> UpdateSortOrder(const TableMetadata& base, const std::vector<NewSortField>& fields,
                                      const CommitContext& context);

}  // namespace lake::iceberg
