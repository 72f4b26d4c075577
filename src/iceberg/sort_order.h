// Sort orders: how a writer promises to have sorted a file. Order 0 is "unsorted" and always present.
#pragma once

#include <vector>

#include "iceberg/partition.h"

namespace lake::iceberg {

struct SortField {
  Transform transform;
  std::vector<FieldId> source_ids;
  bool ascending = true;
  bool nulls_first = true;

  bool operator==(const SortField&) const = default;
};

struct SortOrder {
  SortOrderId order_id{0};
  std::vector<SortField> fields;

  bool operator==(const SortOrder&) const = default;
};

Result<SortOrder> ParseSortOrder(const Json& json);
Json SortOrderToJson(const SortOrder& order);

}  // namespace lake::iceberg
