// See the header.
#include "server/lake/file_rewrite.h"

#include "server/lake/data_file_writer.h"
#include "server/lake/lake_scan.h"
#include "server/lake/row_lineage.h"
#include "server/lake/row_sorter.h"
#include "server/lake/stored_types.h"

namespace lake::server {

namespace {

bool IsRowGroup(const duckdb::ColumnDataCollection& rows) { return MakeRowGroup(rows, kDefaultRowGroupBytes); }

}  // namespace

bool CanRewrite(const iceberg::Schema& schema) {
  for (iceberg::FieldId id : schema.AllFieldIds()) {
    if (LosesWhenRead(schema.Find(id)->type)) return false;
  }
  return true;
}

Result<iceberg::DataFile> RewriteFile(duckdb::ClientContext& context, LakeInstance& lake,
                                      const LakeInstance::MetadataPtr& table, const iceberg::ScanTask& task,
                                      const RowSet& gone, const std::string& location, Compression compression) {
  const iceberg::DataFile& file = *task.file;
  std::vector<iceberg::NestedField> fields = table->current_schema().fields();
  const size_t columns = fields.size();
  const bool lineage = KeepsLineage(*table, task);
  if (lineage) fields.insert(fields.end(), {RowIdField(), LastUpdatedField()});
  LAKE_ASSIGN_OR_RETURN(std::shared_ptr<TableScan> scan,
                        TableScan::OfFile(context, table, file, iceberg::Schema({}, fields), gone));
  ScanCursor cursor(context, std::move(scan), {.row_numbers = true});
  LAKE_ASSIGN_OR_RETURN(auto writer,
                        DataFileWriter::Create(context, lake.store(), location, fields, *table, compression));
  std::unique_ptr<RowSorter> sorter;  // null: the rows are as they should be
  if (file.sort_order_id != table->default_sort_order_id) {
    LAKE_ASSIGN_OR_RETURN(sorter, RowSorter::Create(context, table->default_sort_order(), fields));
  }
  duckdb::vector<duckdb::LogicalType> types = cursor.types();
  duckdb::DataChunk chunk, written_chunk;
  chunk.Initialize(context, types);
  types.pop_back();  // the row number
  written_chunk.InitializeEmpty(types);
  bool more = true;
  while (more) {
    duckdb::ColumnDataCollection group(context, types);
    duckdb::ColumnDataAppendState append;
    group.InitializeAppend(append);
    while (!IsRowGroup(group)) {
      more = cursor.Next(chunk);
      if (!more) break;
      if (lineage) {
        FillLineage(task, chunk.data[columns], chunk.data[columns + 1], chunk.data.back(), chunk.size());
      }
      for (size_t i = 0; i < types.size(); ++i) written_chunk.data[i].Reference(chunk.data[i]);
      written_chunk.SetCardinality(chunk.size());
      group.Append(append, written_chunk);
    }
    if (group.Count() > 0) LAKE_RETURN_IF_ERROR(sorter ? sorter->Add(group) : writer->Write(group));
  }
  while (sorter) {
    LAKE_ASSIGN_OR_RETURN(RowSorter::Rows group, sorter->Next(IsRowGroup));
    if (!group) break;
    LAKE_RETURN_IF_ERROR(writer->Write(*group));
  }
  LAKE_ASSIGN_OR_RETURN(iceberg::DataFile written, writer->Finish());
  written.spec_id = file.spec_id;
  written.partition = file.partition;
  written.sort_order_id = sorter ? table->default_sort_order_id : file.sort_order_id;
  if (written.record_count != file.record_count - gone.count()) {
    return Corrupt("data file \"{}\" has {} rows left, {} were expected", file.file_path.str(), written.record_count,
                   file.record_count - gone.count());
  }
  return written;
}

}  // namespace lake::server
