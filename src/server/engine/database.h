// A DuckDB instance: its settings, its memory, its start-up file. One for the process, and one for each session that
// has a memory limit of its own, since DuckDB knows limits of instances alone.
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
  /// An instance beside this one, in memory, with another limit: the same functions, storage, secrets and cache of
  /// Iceberg files; no start-up file, no cache of data files. This one must outlive it.
  Result<std::unique_ptr<Database>> WithLimit(const std::string& memory_limit);
  ~Database();

  std::unique_ptr<duckdb::Connection> Connect();
  duckdb::DatabaseInstance& instance();
  /// "8.0 GiB", as the engine understood it.
  std::string MemoryLimit();
  uint64_t MemoryLimitBytes();
  /// The file, or ":memory:".
  const std::string& path() const { return path_; }

  /// An error of the engine that nothing survives: then the process has to end, for a supervisor to start it anew.
  bool IsInvalidated(std::string& reason);

 private:
  Database(const Options& options, SessionRegistry& sessions);
  Status Configure();
  void RegisterEngineFunctions();
  Status RunInitFile(const std::string& path);
  Status RestrictFiles();

  Options options_;  // temp_directory as it is used
  SessionRegistry* sessions_;
  std::string path_;
  std::unique_ptr<duckdb::DuckDB> db_;
};

}  // namespace lake::server
