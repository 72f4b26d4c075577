// Table functions that do something once and answer with rows: what most of docs/link.md is made of. Nearly all of them
// take one text argument.
//
//   RegisterTextFunction(loader, "lake_create", {{"base", LogicalType::VARCHAR}}, CreateTable);
//
// The work happens when the query runs, once, never when it is planned or described.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "duckdb/common/types.hpp"
#include "duckdb/common/types/value.hpp"

namespace duckdb {
class ClientContext;
class ExtensionLoader;
}  // namespace duckdb

namespace lake::server {

using Row = std::vector<duckdb::Value>;
using Rows = std::vector<Row>;
template <typename T>
duckdb::Value BigintOrNull(const std::optional<T>& value) {
  return value ? duckdb::Value::BIGINT(*value) : duckdb::Value();
}

using Action =
    std::function<Result<Rows>(duckdb::ClientContext& context, const duckdb::vector<duckdb::Value>& arguments)>;
using TextAction = Result<Rows> (*)(duckdb::ClientContext& context, const std::string& argument);
using Columns = std::vector<std::pair<std::string, duckdb::LogicalTypeId>>;

void RegisterTextFunction(duckdb::ExtensionLoader& loader, const std::string& name, const Columns& columns,
                          TextAction action);
/// Without an argument: the action is given an empty one.
void RegisterPlainFunction(duckdb::ExtensionLoader& loader, const std::string& name, const Columns& columns,
                           TextAction action);

/// With arguments of any types, nulls among them.
void RegisterFunction(duckdb::ExtensionLoader& loader, const std::string& name,
                      const std::vector<duckdb::LogicalTypeId>& arguments, const Columns& columns, Action action);

}  // namespace lake::server
