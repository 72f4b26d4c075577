// See the header.
#include "iceberg/operation/update_spec.h"

#include <set>

namespace lake::iceberg {

namespace {

constexpr size_t kMaxPartitionFieldName = 99;  // PART-6

/// The field over the same column by the same transform in any spec of the table: null if there was none.
const PartitionField* FormerField(const TableMetadata& base, const PartitionField& field) {
  for (const PartitionSpec& spec : base.partition_specs) {
    for (const PartitionField& known : spec.fields) {
      if (known.source_ids == field.source_ids && known.transform == field.transform) return &known;
    }
  }
  return nullptr;
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

Result<PartitionSpec> MakePartitionSpec(const std::vector<NewPartitionField>& fields, const Schema& schema) {
  PartitionSpec spec;
  std::set<std::string> names;
  FieldId next = kFirstPartitionFieldId;
  for (const NewPartitionField& field : fields) {
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

Result<TableMetadata> UpdateSpec(const TableMetadata& base, const std::vector<NewPartitionField>& fields,
                                 const CommitContext& context) {
  std::vector<NewPartitionField> wanted = fields;
  LAKE_ASSIGN_OR_RETURN(PartitionSpec spec, MakePartitionSpec(wanted, base.current_schema()));
  for (size_t i = 0; i < wanted.size(); i++) {
    const PartitionField* former = FormerField(base, spec.fields[i]);
    if (former != nullptr && wanted[i].name.empty()) wanted[i].name = former->name;
  }
  LAKE_ASSIGN_OR_RETURN(spec, MakePartitionSpec(wanted, base.current_schema()));
  // Whatever is new gets its id behind all that were given before.
  for (PartitionField& field : spec.fields) field.field_id = FieldId{0};
  LAKE_ASSIGN_OR_RETURN(TableMetadata changed,
                        ApplyUpdates(&base, {AddSpec{std::move(spec)}, SetDefaultSpec{SpecId{-1}}}, context));
  if (changed.default_spec_id == base.default_spec_id) return base;
  return changed;
}

}  // namespace lake::iceberg
