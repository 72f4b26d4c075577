// lake_delete of docs/link.md: row ids of a base and its changes become one more change, which deletes those rows.
// Nothing is written: what becomes of it is decided once for the whole transaction (commit_deletes.h).
#pragma once

#include <roaring/roaring64map.hh>
#include <string>
#include <string_view>

#include "base/result.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

struct RowsDeleted {
  std::string change;
  int64_t rows = 0;  // that were there until now
};

/// `changes` may be empty. `row_ids` as in row_ids.h. kInvalidInput `row id %s is not one of the table's` for an id
/// that no row has that counts, and for malformed ids.
Result<RowsDeleted> DeleteRows(duckdb::ClientContext& context, const std::string& base, const std::string& changes,
                               std::string_view row_ids);
/// The same for a set.
Result<RowsDeleted> DeleteRows(duckdb::ClientContext& context, const std::string& base, const std::string& changes,
                               const Roaring64Map& row_ids);

}  // namespace lake::server
