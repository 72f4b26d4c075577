// See the header.
#include "server/lake/data_file_writer.h"

#include "iceberg/metrics_config.h"

namespace lake::server {

Result<std::unique_ptr<DataFileWriter>> DataFileWriter::Create(duckdb::ClientContext& context,
                                                               storage::ObjectStore& store, const std::string& location,
                                                               const std::vector<iceberg::NestedField>& fields,
                                                               const iceberg::TableMetadata& table,
                                                               Compression compression, bool name_later) {
  std::unique_ptr<DataFileWriter> writer(new DataFileWriter());
  writer->metrics_ = ColumnMetrics::Of(fields, iceberg::MetricsModes(table.current_schema(), table.properties));
  writer->empty_metrics_ = writer->metrics_;
  LAKE_ASSIGN_OR_RETURN(writer->file_, ParquetFile::Create(context, store, location, fields, compression,
                                                           BloomFilters::Of(table, fields), name_later));
  return writer;
}

Result<DataFileWriter::RowGroup> DataFileWriter::Encode(duckdb::ColumnDataCollection& rows) const {
  RowGroup group;
  group.metrics = empty_metrics_;
  group.rows = static_cast<int64_t>(rows.Count());
  for (auto& chunk : rows.Chunks()) {
    for (ColumnMetrics& metrics : group.metrics) metrics.Update(chunk);
  }
  LAKE_ASSIGN_OR_RETURN(group.encoded, file_->Encode(rows));
  return group;
}

Status DataFileWriter::Append(RowGroup group) {
  for (size_t i = 0; i < metrics_.size(); ++i) metrics_[i].Merge(group.metrics[i]);
  rows_ += group.rows;
  return file_->Append(*group.encoded);
}

Status DataFileWriter::Write(duckdb::ColumnDataCollection& rows) {
  LAKE_ASSIGN_OR_RETURN(RowGroup group, Encode(rows));
  return Append(std::move(group));
}

Result<iceberg::DataFile> DataFileWriter::Finish() {
  iceberg::DataFile file;
  file.record_count = rows_;
  LAKE_RETURN_IF_ERROR(file_->Finish(file));
  for (const ColumnMetrics& metrics : metrics_) metrics.WriteTo(file);
  return file;
}

}  // namespace lake::server
