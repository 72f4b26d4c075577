// Which files a query reads: iceberg_scan file:///dir/metadata/v3.metadata.json [column value]
#include <iostream>

#include "iceberg/manifest_source.h"
#include "iceberg/scan.h"
#include "storage/local_store.h"

using namespace lake::iceberg;

lake::Status Run(const std::string& location, const std::string& column, const std::string& value) {
  lake::storage::LocalStore store(lake::storage::LocalPolicy({"/"}));
  LAKE_ASSIGN_OR_RETURN(std::string bytes, store.Get(location));
  LAKE_ASSIGN_OR_RETURN(TableMetadata table, ParseMetadata(bytes, location));
  Expression filter;
  if (!column.empty()) {
    const NestedField* field = table.current_schema().FindByName(column);
    if (field == nullptr) return lake::InvalidInput("column \"{}\" does not exist", column);
    LAKE_ASSIGN_OR_RETURN(Literal literal, Literal::FromJson(field->type, lake::Json::parse(value)));
    filter = Expression::Compare(Expression::Kind::kEq, field->id, std::move(literal));
  }
  StoreManifestSource manifests(store);
  LAKE_ASSIGN_OR_RETURN(ScanPlan plan, PlanScan(table, table.current_snapshot(), filter, manifests));
  for (const ScanTask& task : plan.tasks) {
    std::cout << task.file->file_path.str() << " " << task.file->record_count << " rows, " << task.deletes.size()
              << " delete files\n";
  }
  return {};
}

int main(int argc, char** argv) {
  auto status = Run(argc > 1 ? argv[1] : "", argc > 3 ? argv[2] : "", argc > 3 ? argv[3] : "");
  if (!status.ok()) std::cerr << status.error().message() << "\n";
  return status.ok() ? 0 : 1;
}
