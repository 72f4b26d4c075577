#include "iceberg/operation/create_table.h"

#include <set>

#include "iceberg/location.h"

namespace lake::iceberg {

Result<TableMetadata> CreateTable::Build(int64_t timestamp_ms) const {
  LAKE_RETURN_IF_ERROR(CheckWritable(format_version_));
  LAKE_RETURN_IF_ERROR(CheckLocation(location_.str()));
  std::vector<NestedField> fields;
  std::set<std::string> names;
  for (const NewColumn& column : columns_) {
    if (column.name.empty()) return InvalidInput("a column has an empty name");
    if (!names.insert(column.name).second) return InvalidInput("column \"{}\" is given more than once", column.name);
    fields.push_back(column.AsField());
  }
  TableMetadata metadata;
  metadata.format_version = format_version_;
  if (format_version_ >= 3) metadata.next_row_id = 0;
  metadata.table_uuid = uuid_;
  metadata.location = location_;
  metadata.last_updated_ms = timestamp_ms;
  FieldId next{1};
  Schema schema(SchemaId{0}, AssignFieldIds(fields, next));
  LAKE_RETURN_IF_ERROR(CheckSchema(schema, format_version_));
  metadata.last_column_id = schema.HighestFieldId();
  LAKE_ASSIGN_OR_RETURN(PartitionSpec spec, MakePartitionSpec(partition_, schema));
  LAKE_ASSIGN_OR_RETURN(SortOrder order, MakeSortOrder(sort_, schema));
  if (!spec.fields.empty()) metadata.last_partition_id = spec.fields.back().field_id;
  metadata.schemas.push_back(std::move(schema));
  metadata.partition_specs.push_back(std::move(spec));
  metadata.sort_orders.emplace_back();
  if (!order.fields.empty()) {
    order.order_id = metadata.default_sort_order_id = SortOrderId{1};
    metadata.sort_orders.push_back(std::move(order));
  }
  metadata.properties = properties_;
  return metadata;
}

}  // namespace lake::iceberg
