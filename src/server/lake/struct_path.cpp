#include "server/lake/struct_path.h"

namespace lake::server {

namespace {

bool Find(iceberg::FieldId id, const iceberg::NestedField& field, std::vector<size_t>& positions) {
  if (field.id == id) return true;
  if (field.type.id() != iceberg::TypeId::kStruct) return false;
  for (size_t i = 0; i < field.type.fields().size(); ++i) {
    positions.push_back(i);
    if (Find(id, field.type.fields()[i], positions)) return true;
    positions.pop_back();
  }
  return false;
}

}  // namespace

std::optional<StructPath> StructPath::To(iceberg::FieldId id, const std::vector<iceberg::NestedField>& columns) {
  StructPath path;
  for (path.column = 0; path.column < columns.size(); ++path.column) {
    if (Find(id, columns[path.column], path.positions)) return path;
  }
  return std::nullopt;
}

duckdb::Vector& StructPath::Follow(duckdb::Vector& column, duckdb::idx_t count, duckdb::ValidityMask& validity) const {
  column.Flatten(count);  // and what is inside
  duckdb::Vector* found = &column;
  validity.Initialize(duckdb::FlatVector::Validity(column));
  for (size_t position : positions) {
    found = duckdb::StructVector::GetEntries(*found)[position].get();
    validity.Combine(duckdb::FlatVector::Validity(*found), count);
  }
  return *found;
}

}  // namespace lake::server
