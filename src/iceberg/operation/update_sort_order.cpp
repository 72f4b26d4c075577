// See the header.
#include "iceberg/operation/update_sort_order.h"

#include <algorithm>

namespace lake::iceberg {

Result<SortOrder> MakeSortOrder(const std::vector<NewSortField>& fields, const Schema& schema) {
  SortOrder order;
  for (const NewSortField& field : fields) {
    const NestedField* source = schema.FindByName(field.column);
    if (source == nullptr) return InvalidInput("column \"{}\" does not exist", field.column);
    if (!field.transform.CanTransform(source->type) || field.transform.kind() == Transform::Kind::kVoid) {
      return InvalidInput("column \"{}\" of type {} cannot be sorted by the transform {}", field.column,
                          source->type.ToString(), field.transform.ToString());
    }
    auto is_same = [&](const SortField& known) {
      return known.source_ids.front() == source->id && known.transform == field.transform;
    };
    if (std::any_of(order.fields.begin(), order.fields.end(), is_same)) {
      return InvalidInput("\"{}\" transform on column \"{}\" appears multiple times in sort order",
                          field.transform.ToString(), field.column);
    }
    order.fields.push_back({field.transform, {source->id}, field.ascending, field.nulls_first});
  }
  return order;
}

Result<TableMetadata> UpdateSortOrder(const TableMetadata& base, const std::vector<NewSortField>& fields,
                                      const CommitContext& context) {
  LAKE_ASSIGN_OR_RETURN(SortOrder order, MakeSortOrder(fields, base.current_schema()));
  if (order.fields == base.default_sort_order().fields) return base;
  return ApplyUpdates(&base, {AddSortOrder{std::move(order)}, SetDefaultSortOrder{SortOrderId{-1}}}, context);
}

}  // namespace lake::iceberg
