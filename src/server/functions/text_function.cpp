// See the header.
#include "server/functions/text_function.h"

#include "duckdb/common/exception/binder_exception.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

namespace {

struct FunctionInfo : public duckdb::TableFunctionInfo {
  Columns columns;
  Action action;
  bool refuses_null = true;
};

struct BindData : public duckdb::TableFunctionData {
  duckdb::vector<duckdb::Value> arguments;
  Action action;
};

struct State : public duckdb::GlobalTableFunctionState {
  bool done = false;
  Rows rows;
  size_t next = 0;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
  auto& info = input.info->Cast<FunctionInfo>();
  auto data = duckdb::make_uniq<BindData>();
  for (const duckdb::Value& argument : input.inputs) {
    if (info.refuses_null && argument.IsNull()) throw duckdb::BinderException("argument must not be null");
  }
  data->arguments = input.inputs;
  data->action = info.action;
  for (const auto& [name, type] : info.columns) {
    names.push_back(name);
    types.emplace_back(type);
  }
  return data;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(duckdb::ClientContext&,
                                                                duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<State>();
}

void Produce(duckdb::ClientContext& context, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& data = input.bind_data->Cast<BindData>();
  auto& state = input.global_state->Cast<State>();
  if (!state.done) {
    state.rows = ValueOrThrow(data.action(context, data.arguments));
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
              const duckdb::vector<duckdb::LogicalType>& arguments, const Columns& columns, Action action,
              bool refuses_null) {
  duckdb::TableFunction function(name, arguments, Produce, Bind, InitGlobal);
  auto info = duckdb::make_shared_ptr<FunctionInfo>();
  info->columns = columns;
  info->action = std::move(action);
  info->refuses_null = refuses_null;
  function.function_info = info;
  loader.RegisterFunction(function);
}

}  // namespace

void RegisterTextFunction(duckdb::ExtensionLoader& loader, const std::string& name, const Columns& columns,
                          TextAction action) {
  auto with_text = [action](duckdb::ClientContext& context, const duckdb::vector<duckdb::Value>& arguments) {
    return action(context, duckdb::StringValue::Get(arguments[0]));
  };
  Register(loader, name, {duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR)}, columns, with_text, true);
}

void RegisterPlainFunction(duckdb::ExtensionLoader& loader, const std::string& name, const Columns& columns,
                           TextAction action) {
  auto without = [action](duckdb::ClientContext& context, const duckdb::vector<duckdb::Value>&) {
    return action(context, std::string());
  };
  Register(loader, name, {}, columns, without, true);
}

void RegisterFunction(duckdb::ExtensionLoader& loader, const std::string& name,
                      const std::vector<duckdb::LogicalTypeId>& arguments, const Columns& columns, Action action) {
  duckdb::vector<duckdb::LogicalType> types;
  for (duckdb::LogicalTypeId argument : arguments) types.emplace_back(argument);
  Register(loader, name, types, columns, std::move(action), false);
}

}  // namespace lake::server
