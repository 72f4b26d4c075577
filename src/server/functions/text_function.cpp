// See the header.
#include "server/functions/text_function.h"

#include "duckdb/common/exception/binder_exception.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

namespace {

struct TextFunctionInfo : public duckdb::TableFunctionInfo {
  Columns columns;
  TextAction action;
};

struct TextBindData : public duckdb::TableFunctionData {
  std::string argument;
  TextAction action;
};

struct TextState : public duckdb::GlobalTableFunctionState {
  bool done = false;
  Rows rows;
  size_t next = 0;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
  auto& info = input.info->Cast<TextFunctionInfo>();
  auto data = duckdb::make_uniq<TextBindData>();
  if (!input.inputs.empty()) {
    if (input.inputs[0].IsNull()) throw duckdb::BinderException("argument must not be null");
    data->argument = duckdb::StringValue::Get(input.inputs[0]);
  }
  data->action = info.action;
  for (const auto& [name, type] : info.columns) {
    names.push_back(name);
    types.emplace_back(type);
  }
  return data;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(duckdb::ClientContext&,
                                                                duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<TextState>();
}

void Produce(duckdb::ClientContext& context, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& data = input.bind_data->Cast<TextBindData>();
  auto& state = input.global_state->Cast<TextState>();
  if (!state.done) {
    state.rows = ValueOrThrow(data.action(context, data.argument));
    state.done = true;
  }
  duckdb::idx_t count = 0;
  for (; count < STANDARD_VECTOR_SIZE && state.next < state.rows.size(); ++count, ++state.next) {
    const Row& row = state.rows[state.next];
    for (duckdb::idx_t column = 0; column < row.size(); ++column) output.SetValue(column, count, row[column]);
  }
  output.SetCardinality(count);
}

void Register(duckdb::ExtensionLoader& loader, const std::string& name,
              const duckdb::vector<duckdb::LogicalType>& arguments, const Columns& columns, TextAction action) {
  duckdb::TableFunction function(name, arguments, Produce, Bind, InitGlobal);
  auto info = duckdb::make_shared_ptr<TextFunctionInfo>();
  info->columns = columns;
  info->action = action;
  function.function_info = info;
  loader.RegisterFunction(function);
}

}  // namespace

void RegisterTextFunction(duckdb::ExtensionLoader& loader, const std::string& name, const Columns& columns,
                          TextAction action) {
  Register(loader, name, {duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR)}, columns, action);
}

void RegisterPlainFunction(duckdb::ExtensionLoader& loader, const std::string& name, const Columns& columns,
                           TextAction action) {
  Register(loader, name, {}, columns, action);
}

}  // namespace lake::server
