// See the header. A member that is private may be named where a template is instantiated.
#include "server/lake/parquet_internals.h"

namespace lake::server {

namespace {

using duckdb_parquet::FileMetaData;

FileMetaData& Footer(duckdb::ParquetWriter& writer);
ColumnWriters& Columns(duckdb::ParquetWriter& writer);

template <auto kFooter, auto kColumns>
struct Opened {
  friend FileMetaData& Footer(duckdb::ParquetWriter& writer) { return writer.*kFooter; }
  friend ColumnWriters& Columns(duckdb::ParquetWriter& writer) { return writer.*kColumns; }
};
template struct Opened<&duckdb::ParquetWriter::file_meta_data, &duckdb::ParquetWriter::column_writers>;

struct Column : public duckdb::ColumnWriter {
  static constexpr ColumnWriters duckdb::ColumnWriter::*kChildren = &Column::child_writers;
};

}  // namespace

FileMetaData& FooterOf(duckdb::ParquetWriter& writer) { return Footer(writer); }
ColumnWriters& ColumnsOf(duckdb::ParquetWriter& writer) { return Columns(writer); }
ColumnWriters& ChildrenOf(duckdb::ColumnWriter& column) { return column.*Column::kChildren; }

}  // namespace lake::server
