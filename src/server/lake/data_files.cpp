// See the header. What a write is made of: files of one partition or of several, behind a sort where the table has a
// sort order.
#include "server/lake/data_files.h"

#include "server/lake/file_sequence.h"
#include "server/lake/partitioned_files.h"
#include "server/lake/sorted_files.h"

namespace lake::server {

Result<std::unique_ptr<DataFiles>> DataFiles::Open(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake,
                                                   const Options& options,
                                                   const std::vector<iceberg::NestedField>& fields,
                                                   const iceberg::TableMetadata& table) {
  const iceberg::PartitionSpec& spec = table.default_spec();
  std::shared_ptr<FileSequence::Target> target(
      new FileSequence::Target{context, std::move(lake), options, fields, table});
  // Of fields that are void, all values are null. Without columns no rows will come.
  bool is_partitioned = !spec.is_unpartitioned() && !fields.empty();
  if (is_partitioned) {  // what cannot be written is found before the first row
    PartitionNumbers numbers;
    LAKE_ASSIGN_OR_RETURN(auto router, PartitionRouter::Create(spec, fields, table.current_schema(), numbers));
  }
  auto open = [&]() -> std::unique_ptr<DataFiles> {
    if (is_partitioned) return std::make_unique<PartitionedFiles>(target, spec);
    return std::make_unique<FileSequence>(target, iceberg::PartitionTuple(spec.fields.size()));
  };
  if (!options.ordered_rows || fields.empty()) return open();
  LAKE_ASSIGN_OR_RETURN(auto sorter, RowSorter::Create(context, table.default_sort_order(), fields));
  if (!sorter) return open();
  auto ordered = *options.ordered_rows > 0 ? open() : nullptr;
  return std::unique_ptr<DataFiles>(std::make_unique<SortedFiles>(options, table.default_sort_order_id,
                                                                  std::move(sorter), std::move(ordered), open()));
}

}  // namespace lake::server
