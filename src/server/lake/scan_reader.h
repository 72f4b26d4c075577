// How DuckDB's multi-file reader is taught Iceberg: the schema instead of the first file's, columns by field id,
// partition values for columns that files do not have, hidden rows.
#pragma once

#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/function/table_function.hpp"
#include "server/lake/column_mapping.h"
#include "server/lake/scan_file_list.h"

namespace lake::server {

/// What binding one call of lake_scan has found out; rides on the copy of the table function that DuckDB's bind is
/// given.
struct ScanBinding : public duckdb::TableFunctionInfo {
  std::shared_ptr<TableScan> scan;
  ShownTypes shown;
  duckdb::vector<duckdb::MultiFileColumnDefinition> columns;
  std::optional<NameMapping> name_mapping;
};

/// Of the virtual column file_index: DuckDB's own is UBIGINT, whose sum with file_row_number would be a HUGEINT.
inline constexpr duckdb::LogicalTypeId kFileIndexType = duckdb::LogicalTypeId::BIGINT;

class ScanReader : public duckdb::MultiFileReader {
 public:
  explicit ScanReader(duckdb::shared_ptr<ScanBinding> binding) : binding_(std::move(binding)) {
    function_name = "lake_scan";
  }

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(duckdb::ClientContext& context,
                                                           const duckdb::vector<std::string>& paths,
                                                           const duckdb::FileGlobInput& glob) override;
  bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList& files, duckdb::vector<duckdb::LogicalType>& types,
            duckdb::vector<std::string>& names, duckdb::MultiFileReaderBindData& bind_data) override;
  void FinalizeBind(duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileOptions& options,
                    const duckdb::MultiFileReaderBindData& bind_data,
                    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                    const duckdb::vector<duckdb::ColumnIndex>& column_ids, duckdb::ClientContext& context,
                    duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> global_state) override;
  using duckdb::MultiFileReader::CreateReader;
  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(duckdb::ClientContext& context,
                                                          duckdb::GlobalTableFunctionState& global,
                                                          const duckdb::OpenFileInfo& file, duckdb::idx_t file_index,
                                                          const duckdb::MultiFileBindData& bind_data) override;
  /// Without the Bloom filters of joins on columns whose type in the file is another: DuckDB cannot convert them.
  using duckdb::MultiFileReader::CreateMapping;
  duckdb::ReaderInitializeType CreateMapping(duckdb::ClientContext& context, duckdb::MultiFileReaderData& reader_data,
                                             const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                                             const duckdb::vector<duckdb::ColumnIndex>& column_ids,
                                             duckdb::optional_ptr<duckdb::TableFilterSet> filters,
                                             duckdb::MultiFileList& files,
                                             const duckdb::MultiFileReaderBindData& bind_data,
                                             const duckdb::virtual_column_map_t& virtual_columns) override;
  /// Without the deleted rows that are still in it.
  void FinalizeChunk(duckdb::ClientContext& context, const duckdb::MultiFileBindData& bind_data,
                     duckdb::BaseFileReader& reader, const duckdb::MultiFileReaderData& reader_data,
                     duckdb::DataChunk& input, duckdb::DataChunk& output, duckdb::ExpressionExecutor& executor,
                     duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> global_state) override;
  duckdb::unique_ptr<duckdb::MultiFileReader> Copy() const override { return duckdb::make_uniq<ScanReader>(binding_); }

 private:
  Status MapColumns(duckdb::BaseFileReader& reader) const;
  static Status CheckRowCount(duckdb::BaseFileReader& reader, const iceberg::DataFile& file);
  void AddPartitionValues(duckdb::MultiFileReaderData& reader_data, const ScanFile& file,
                          const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                          const duckdb::vector<duckdb::ColumnIndex>& column_ids) const;

  duckdb::shared_ptr<ScanBinding> binding_;
};

}  // namespace lake::server
