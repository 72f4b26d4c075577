// See the header.
#include "server/lake/stage_shape.h"

#include "duckdb/function/table_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"
#include "server/engine/lake_exception.h"
#include "server/lake/stage_writer.h"

namespace lake::server {

namespace {

struct Shape : public duckdb::TableFunctionData {
  std::string table;
  duckdb::idx_t rows = 0;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
  auto shape = duckdb::make_uniq<Shape>();
  if (input.inputs[0].IsNull() || input.inputs[1].IsNull()) {
    ThrowLakeError(InvalidInput("lake_stage_shape: arguments must not be null"));
  }
  Json spec = ValueOrThrow(ParseJson(duckdb::StringValue::Get(input.inputs[0]), "specification of a stage"));
  StageColumns columns = ValueOrThrow(ParseStage(spec));
  shape->table = columns.table;
  shape->rows = static_cast<duckdb::idx_t>(std::max<int64_t>(input.inputs[1].GetValue<int64_t>(), 0));
  names.insert(names.end(), columns.names.begin(), columns.names.end());
  types.insert(types.end(), columns.types.begin(), columns.types.end());
  return shape;
}

void NoRows(duckdb::ClientContext&, duckdb::TableFunctionInput&, duckdb::DataChunk& output) {
  output.SetCardinality(0);
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(duckdb::ClientContext&, const duckdb::FunctionData* data) {
  return duckdb::make_uniq<duckdb::NodeStatistics>(data->Cast<Shape>().rows);
}

duckdb::InsertionOrderPreservingMap<std::string> Describe(duckdb::TableFunctionToStringInput& input) {
  duckdb::InsertionOrderPreservingMap<std::string> result;
  result["Table"] = input.bind_data->Cast<Shape>().table;
  return result;
}

}  // namespace

void RegisterStageShape(duckdb::ExtensionLoader& loader) {
  duckdb::TableFunction function(
      "lake_stage_shape",
      {duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR), duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT)}, NoRows,
      Bind);
  function.cardinality = Cardinality;
  function.to_string = Describe;
  function.projection_pushdown = true;
  loader.RegisterFunction(function);
}

}  // namespace lake::server
