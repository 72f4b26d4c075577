// Iceberg's types that Parquet files have in another form than rows: nanoseconds (nanoseconds.h), variants
// (variant_column.h), and geometry and geography, which are BLOB in both, Well-Known Binary, but annotated in files.
#pragma once

#include <string>
#include <vector>

#include "duckdb/common/types.hpp"
#include "iceberg/schema.h"

namespace duckdb {
class BaseFileReader;
class ClientContext;
class ParquetWriter;
}  // namespace duckdb

namespace lake::server {

/// The type in files; DuckType() where it is the same. kUnsupported for fixed, and for type unknown inside of another
/// one.
Result<duckdb::LogicalType> TypeInFile(const iceberg::Type& type, const std::string& name);

/// Whether a row that is read and written again may lose something.
bool LosesWhenRead(const iceberg::Type& type);

/// The reader of a Parquet file is to give what is stored. DuckDB cuts nanoseconds in UTC to microseconds, makes
/// VARIANT of variants, without JSON's null and with fewer digits, and GEOMETRY of geometries, in bytes of its own.
void ReadAsStored(duckdb::BaseFileReader& reader);

/// To be called once the columns are mapped: columns with variants inside are read with JSON in their place
/// (VariantText()), which is what ReadAsStored has promised the mapping.
void ReadVariantsInside(duckdb::ClientContext& context, duckdb::BaseFileReader& reader);

/// To be called before the writer has seen a row: both parts of a variant are required.
void RequireVariantParts(duckdb::ParquetWriter& writer);

/// Makes the writer's footer say what DuckDB has no type for; to be called before it is written.
void AnnotateStoredTypes(duckdb::ParquetWriter& writer, const std::vector<iceberg::NestedField>& fields);

}  // namespace lake::server
