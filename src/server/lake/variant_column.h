// Columns of type variant: VARCHAR with JSON in queries and rows, in files a group of metadata, value and, where the
// writer has shredded them, typed_value (Parquet's "Variant Shredding"):
//
//   optional group v (VARIANT) {
//     required binary metadata;
//     optional binary value;                  // what typed_value has not, by the binary encoding (variant_binary.h)
//     optional <any type> typed_value;        // an object: a group of fields, each a group of value and typed_value;
//   }                                         // an array: a list of such groups; or a scalar
//
// Where both are null there is no such field; at the top, and in an array, that is JSON's null. Both are there for an
// object of which some fields are shredded. We write no typed_value.
#pragma once

#include "duckdb/common/types.hpp"

namespace duckdb {
class ExtensionLoader;
}  // namespace duckdb

namespace lake::server {

inline constexpr const char* kVariantAlias = "variant";

/// The type of a variant group in a file, of these fields.
duckdb::LogicalType VariantGroup(duckdb::child_list_t<duckdb::LogicalType> fields);
/// As we write it: metadata and value.
duckdb::LogicalType VariantInFile();
inline bool IsVariantGroup(const duckdb::LogicalType& type) {
  return type.id() == duckdb::LogicalTypeId::STRUCT && type.HasAlias() && type.GetAlias() == kVariantAlias;
}
/// Of variants that lie in other columns of a file, once they are JSON: DuckDB matches no groups by field ids there.
inline duckdb::LogicalType VariantText() {
  duckdb::LogicalType type(duckdb::LogicalTypeId::VARCHAR);
  type.SetAlias(kVariantAlias);
  return type;
}

/// Casts of variant groups, of whatever fields, to VARCHAR and VariantText(), of that to VARCHAR, and of VARCHAR to
/// VariantInFile(). Broken bytes raise XX001, text that is no JSON 22P02.
void RegisterVariantCasts(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
