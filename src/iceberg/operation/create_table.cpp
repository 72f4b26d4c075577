#include "iceberg/operation/create_table.h"

#include <set>

#include "iceberg/location.h"

namespace lake::iceberg {

namespace {

constexpr size_t kMaxPartitionFieldName = 99;  // PART-6

Result<PartitionSpec> BuildSpec(const std::vector<NewPartitionField>& wanted, const Schema& schema) {
  PartitionSpec spec;
  std::set<std::string> names;
  FieldId next = kFirstPartitionFieldId;
  for (const NewPartitionField& field : wanted) {
    const NestedField* source = schema.FindByName(field.column);
    if (source == nullptr) return InvalidInput("column \"{}\" does not exist", field.column);
    PartitionField made;
    made.source_ids = {source->id};
    made.field_id = next;
    made.name = field.name.empty() ? PartitionFieldName(field.column, field.transform) : field.name;
    made.transform = field.transform;
    if (made.name.size() > kMaxPartitionFieldName) {
      return InvalidInput("Partition field name length must be between 1 and {}", kMaxPartitionFieldName);
    }
    for (const PartitionField& known : spec.fields) {
      if (known.source_ids == made.source_ids && known.transform == made.transform) {
        return InvalidInput("\"{}\" transform on column \"{}\" appears multiple times in partition spec",
                            made.transform.ToString(), field.column);
      }
    }
    // A partition field may share its name with a column only if it is that column's identity.
    const NestedField* column = schema.FindByName(made.name);
    bool clash = column != nullptr && (column != source || made.transform.kind() != Transform::Kind::kIdentity);
    if (clash || !names.insert(made.name).second) {
      return InvalidInput("partition field name \"{}\" is already used", made.name);
    }
    next = FieldId{next.value + 1};
    spec.fields.push_back(std::move(made));
  }
  LAKE_RETURN_IF_ERROR(CheckSpec(spec, schema));
  return spec;
}

}  // namespace

std::string PartitionFieldName(const std::string& column, const Transform& transform) {
  switch (transform.kind()) {
    case Transform::Kind::kBucket: return fmt::format("{}_bucket_{}", column, transform.parameter());
    case Transform::Kind::kTruncate: return fmt::format("{}_trunc_{}", column, transform.parameter());
    case Transform::Kind::kIdentity: return column;
    default: return fmt::format("{}_{}", column, transform.ToString());
  }
}

Result<TableMetadata> CreateTable::Build(int64_t timestamp_ms) const {
  if (format_version_ != kMaxWriteFormatVersion) {
    return Unsupported("cannot write iceberg metadata in format version {}", format_version_);
  }
  LAKE_RETURN_IF_ERROR(CheckLocation(location_.str()));
  std::vector<NestedField> fields;
  std::set<std::string> names;
  for (const NewColumn& column : columns_) {
    if (column.name.empty()) return InvalidInput("a column has an empty name");
    if (!names.insert(column.name).second) return InvalidInput("column \"{}\" is given more than once", column.name);
    fields.push_back(NestedField{FieldId{0}, column.name, column.required, column.type, column.doc});
  }
  TableMetadata metadata;
  metadata.format_version = format_version_;
  metadata.table_uuid = uuid_;
  metadata.location = location_;
  metadata.last_updated_ms = timestamp_ms;
  FieldId next{1};
  Schema schema(SchemaId{0}, AssignFieldIds(fields, next));
  LAKE_RETURN_IF_ERROR(CheckSchema(schema, format_version_));
  metadata.last_column_id = schema.HighestFieldId();
  LAKE_ASSIGN_OR_RETURN(PartitionSpec spec, BuildSpec(partition_, schema));
  if (!spec.fields.empty()) metadata.last_partition_id = spec.fields.back().field_id;
  metadata.schemas.push_back(std::move(schema));
  metadata.partition_specs.push_back(std::move(spec));
  metadata.sort_orders.emplace_back();
  metadata.properties = properties_;
  return metadata;
}

}  // namespace lake::iceberg
