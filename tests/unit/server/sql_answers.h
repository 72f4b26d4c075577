// A DuckDB with some of our functions in it, and its answer to an expression.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

class SqlAnswers : public testing::Test {
 protected:
  explicit SqlAnswers(void (*register_functions)(duckdb::ExtensionLoader&)) : connection_(db_) {
    duckdb::ExtensionLoader loader(*db_.instance, "pg_lake");
    register_functions(loader);
  }

  // The one value of the query, or "SQLSTATE message" of the error.
  std::string Ask(const std::string& expression) {
    auto result = connection_.Query("SELECT " + expression);
    if (!result->HasError()) return result->GetValue(0, 0).ToString();
    Report report = ReportOf(result->GetErrorObject());
    return report.sqlstate + " " + report.message;
  }

 private:
  duckdb::DuckDB db_{nullptr};
  duckdb::Connection connection_;
};

}  // namespace lake::server
