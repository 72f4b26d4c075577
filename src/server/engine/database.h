// The DuckDB instance: its settings, its memory, its start-up file. One for the process.
#pragma once

#include <memory>

#include "base/result.h"
#include "server/options.h"

namespace duckdb {
class Connection;
class DatabaseInstance;
class DuckDB;
}  // namespace duckdb

namespace lake::server {

class SessionRegistry;

class Database {
 public:
  /// Makes the instance, registers our functions, runs the init file. Errors are for the operator.
  static Result<std::unique_ptr<Database>> Open(const Options& options, SessionRegistry& sessions);
  ~Database();

  std::unique_ptr<duckdb::Connection> Connect();
  duckdb::DatabaseInstance& instance();
  /// "8.0 GiB", as the engine understood it.
  std::string MemoryLimit();
  /// The file, or ":memory:".
  const std::string& path() const { return path_; }

  /// An error of the engine that nothing survives: then the process has to end, for a supervisor to start it anew.
  bool IsInvalidated(std::string& reason);

 private:
  Database() = default;
  Status Configure(const Options& options);
  Status RunInitFile(const std::string& path);
  Status RestrictFiles(const Options& options);

  std::string path_;
  std::unique_ptr<duckdb::DuckDB> db_;
};

}  // namespace lake::server
