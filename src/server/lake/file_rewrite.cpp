// See the header.
#include "server/lake/file_rewrite.h"

#include "server/lake/data_file_writer.h"
#include "server/lake/lake_scan.h"

namespace lake::server {

bool CanRewrite(const iceberg::Schema& schema) {
  for (iceberg::FieldId id : schema.AllFieldIds()) {
    if (schema.Find(id)->type.id() == iceberg::TypeId::kFixed) return false;
  }
  return true;
}

Result<iceberg::DataFile> RewriteFile(duckdb::ClientContext& context, LakeInstance& lake,
                                      const LakeInstance::MetadataPtr& table, const iceberg::DataFile& file,
                                      const RowSet& gone, const std::string& location, Compression compression) {
  LAKE_ASSIGN_OR_RETURN(std::shared_ptr<TableScan> scan, TableScan::OfFile(context, table, file, gone));
  ScanCursor cursor(context, std::move(scan));
  LAKE_ASSIGN_OR_RETURN(auto writer, DataFileWriter::Create(context, lake.store(), location,
                                                            table->current_schema().fields(), *table, compression));
  duckdb::DataChunk chunk;
  chunk.Initialize(context, cursor.types());
  bool more = true;
  while (more) {
    duckdb::ColumnDataCollection group(context, cursor.types());
    duckdb::ColumnDataAppendState append;
    group.InitializeAppend(append);
    while (static_cast<int64_t>(group.Count()) < kMaxRowGroupRows &&
           static_cast<int64_t>(group.SizeInBytes()) < kDefaultRowGroupBytes) {
      more = cursor.Next(chunk);
      if (!more) break;
      group.Append(append, chunk);
    }
    if (group.Count() > 0) LAKE_RETURN_IF_ERROR(writer->Write(group));
  }
  LAKE_ASSIGN_OR_RETURN(iceberg::DataFile written, writer->Finish());
  written.spec_id = file.spec_id;
  written.partition = file.partition;
  written.sort_order_id = file.sort_order_id;
  if (written.record_count != file.record_count - gone.count()) {
    return Corrupt("data file \"{}\" has {} rows left, {} were expected", file.file_path.str(), written.record_count,
                   file.record_count - gone.count());
  }
  return written;
}

}  // namespace lake::server
