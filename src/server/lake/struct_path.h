// Fields that lie in structs of a column: the positions that lead to them, and their values in vectors.
#pragma once

#include <optional>
#include <vector>

#include "duckdb/common/types/vector.hpp"
#include "iceberg/schema.h"

namespace lake::server {

struct StructPath {
  size_t column = 0;
  std::vector<size_t> positions;  // from struct to struct; empty: the column itself

  /// To the field of that id, through structs alone; nullopt: there is none.
  static std::optional<StructPath> To(iceberg::FieldId id, const std::vector<iceberg::NestedField>& columns);

  /// The field's vector in the column's, both flat, and which of its first `count` values are not null: a struct's null
  /// is one of its fields, too.
  duckdb::Vector& Follow(duckdb::Vector& column, duckdb::idx_t count, duckdb::ValidityMask& validity) const;
};

}  // namespace lake::server
