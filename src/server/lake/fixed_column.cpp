// See the header. The writer of a column is one of DuckDB's, for strings, with another way to write a value: the bytes
// alone, without their length.
#include "server/lake/fixed_column.h"

#include <algorithm>
#include <map>

// The header of DuckDB's templates does not include all that it needs.
#include "parquet_bss_encoder.hpp"
#include "parquet_rle_bp_decoder.hpp"
#include "parquet_writer.hpp"
#include "server/lake/parquet_internals.h"
#include "writer/templated_column_writer.hpp"

namespace lake::server {

using duckdb::string_t;
using iceberg::NestedField;
using iceberg::TypeId;

namespace {

using Lengths = std::map<int32_t, int32_t>;  // by field id

struct BytesAlone : public duckdb::ParquetBlobOperator {
  template <class Source, class Target>
  static void WriteToStream(const Target& value, duckdb::WriteStream& out) {
    out.WriteData(duckdb::const_data_ptr_cast(value.GetData()), value.GetSize());
  }
  template <class Source, class Target>
  static duckdb::idx_t WriteSize(const Target& value) {
    return value.GetSize();
  }
  template <class Source, class Target>
  static uint64_t XXHash64(const Target&) {
    return 0;  // for DuckDB's Bloom filters, which are not written here
  }
};

class FixedWriter : public duckdb::StandardColumnWriter<string_t, string_t, BytesAlone> {
 public:
  FixedWriter(duckdb::ColumnWriter& bytes, int32_t length)
      : StandardColumnWriter(bytes.writer, duckdb::ParquetColumnSchema(bytes.column_schema), bytes.schema_path),
        length_(length) {
    parent = bytes.parent;
    can_have_nulls = bytes.can_have_nulls;
  }

  duckdb::idx_t FinalizeSchema(duckdb::vector<duckdb_parquet::SchemaElement>& schema) override {
    duckdb::idx_t added = StandardColumnWriter::FinalizeSchema(schema);
    schema.back().type = duckdb_parquet::Type::FIXED_LEN_BYTE_ARRAY;
    schema.back().__set_type_length(length_);
    return added;
  }

 private:
  int32_t length_;
};

void Collect(const NestedField& field, Lengths& lengths) {
  if (field.type.id() == TypeId::kFixed) lengths.emplace(field.id.value, field.type.length());
  for (const NestedField& child : field.type.fields()) Collect(child, lengths);
}

void Replace(ColumnWriters& columns, const Lengths& lengths) {
  for (auto& column : columns) {
    Replace(ChildrenOf(*column), lengths);
    auto id = column->Schema().field_id;
    auto length = id.IsValid() ? lengths.find(static_cast<int32_t>(id.GetIndex())) : lengths.end();
    if (length != lengths.end()) column = duckdb::make_uniq<FixedWriter>(*column, length->second);
  }
}

Status Check(duckdb::Vector& vector, const NestedField& field, duckdb::idx_t count) {
  const auto& fields = field.type.fields();
  switch (field.type.id()) {
    case TypeId::kStruct:
      for (size_t i = 0; i < fields.size(); ++i) {
        LAKE_RETURN_IF_ERROR(Check(*duckdb::StructVector::GetEntries(vector)[i], fields[i], count));
      }
      return {};
    case TypeId::kList:
      return Check(duckdb::ListVector::GetEntry(vector), fields[0], duckdb::ListVector::GetListSize(vector));
    case TypeId::kMap:
      LAKE_RETURN_IF_ERROR(
          Check(duckdb::MapVector::GetKeys(vector), fields[0], duckdb::ListVector::GetListSize(vector)));
      return Check(duckdb::MapVector::GetValues(vector), fields[1], duckdb::ListVector::GetListSize(vector));
    case TypeId::kFixed: break;
    default: return {};
  }
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<string_t>(format);
  const auto length = static_cast<duckdb::idx_t>(field.type.length());
  for (duckdb::idx_t row = 0; row < count; ++row) {
    duckdb::idx_t at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at) || values[at].GetSize() == length) continue;
    return InvalidInput("value of {} bytes does not fit column \"{}\" of type {}", values[at].GetSize(), field.name,
                        field.type.ToString());
  }
  return {};
}

}  // namespace

void WriteFixed(duckdb::ParquetWriter& writer, const std::vector<NestedField>& fields) {
  Lengths lengths;
  for (const NestedField& field : fields) Collect(field, lengths);
  if (!lengths.empty()) Replace(ColumnsOf(writer), lengths);
}

bool HasFixed(const std::vector<NestedField>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const NestedField& field) {
    return field.type.id() == TypeId::kFixed || HasFixed(field.type.fields());
  });
}

Status CheckFixed(duckdb::DataChunk& chunk, const std::vector<NestedField>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) LAKE_RETURN_IF_ERROR(Check(chunk.data[i], fields[i], chunk.size()));
  return {};
}

}  // namespace lake::server
