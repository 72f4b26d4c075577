#include "server/engine/database.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "duckdb/common/error_data.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/main/valid_checker.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "server/engine/infinite_dates.h"
#include "server/engine/query_profile.h"
#include "server/engine/session_functions.h"
#include "server/engine/streamed_statistics.h"
#include "server/lake/register.h"

namespace lake::server {

namespace {

Result<std::string> DatabasePath(const std::string& option) {
  if (option.empty() || option == "none" || option == ":memory:") return std::string(":memory:");
  std::string path = option;
  if (path.starts_with("~/")) {
    const char* home = std::getenv("HOME");
    if (home == nullptr) return InvalidInput("database file path \"{}\" needs the environment variable HOME", option);
    path = std::string(home) + path.substr(1);
  }
  std::error_code error;
  auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return Unavailable("could not create directory \"{}\": {}", parent.string(), error.message());
  return path;
}

Error FromDuckDb(std::string_view what, const std::exception& exception) {
  return InvalidInput("{}: {}", what, duckdb::ErrorData(exception).Message());
}

}  // namespace

Database::Database(const Options& options, SessionRegistry& sessions) : options_(options), sessions_(&sessions) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::Open(const Options& options, SessionRegistry& sessions) {
  std::unique_ptr<Database> database(new Database(options, sessions));
  LAKE_ASSIGN_OR_RETURN(database->path_, DatabasePath(options.database_file_path));
  std::string& temp = database->options_.temp_directory;
  if (temp.empty() && database->path_ == ":memory:") {
    temp = (std::filesystem::temp_directory_path() / fmt::format("pgduck_server.{}.tmp", options.port)).string();
  } else if (temp.empty()) {
    temp = database->path_ + ".tmp";
  }
  LAKE_RETURN_IF_ERROR(database->Configure());
  try {
    database->RegisterEngineFunctions();
    RegisterLake(database->instance(), {options.local_roots, options.fault_spec});
  } catch (const std::exception& exception) {
    return FromDuckDb("could not register functions", exception);
  }
  if (!options.init_file_path.empty()) LAKE_RETURN_IF_ERROR(database->RunInitFile(options.init_file_path));
  LAKE_RETURN_IF_ERROR(database->RestrictFiles());
  return database;
}

Result<std::unique_ptr<Database>> Database::WithLimit(const std::string& memory_limit) {
  static std::atomic<uint64_t> number = 0;
  try {
    duckdb::DBConfig::ParseMemoryLimit(memory_limit);
  } catch (const std::exception&) {
    return InvalidInput("invalid value for parameter \"query_memory_limit\": \"{}\"", memory_limit);
  }
  Options options = options_;
  options.memory_limit = memory_limit;
  options.threads = duckdb::TaskScheduler::GetScheduler(instance()).NumberOfThreads();
  std::error_code ignored;  // DuckDB makes one level of directories only, and tells what is wrong when it spills
  std::filesystem::create_directories(options.temp_directory, ignored);
  options.temp_directory += fmt::format("/limited-{}", ++number);
  std::unique_ptr<Database> database(new Database(options, *sessions_));
  database->path_ = ":memory:";
  LAKE_RETURN_IF_ERROR(database->Configure());
  try {
    database->RegisterEngineFunctions();
    ShareLake(database->instance(), instance());
    // Its memory is for what statements need.
    duckdb::DBConfig::GetConfig(database->instance()).SetOptionByName("enable_external_file_cache", false);
  } catch (const std::exception& exception) {
    return FromDuckDb("could not register functions", exception);
  }
  LAKE_RETURN_IF_ERROR(database->RestrictFiles());
  return database;
}

void Database::RegisterEngineFunctions() {
  RegisterSessionFunctions(instance(), *sessions_);
  RegisterInfiniteDates(instance());
  RegisterStreamedStatistics(instance());
}

Status Database::Configure() {
  const Options& options = options_;
  try {
    duckdb::DBConfig config;
    auto set = [&](const char* name, const duckdb::Value& value) { config.SetOptionByName(name, value); };
    set("default_null_order", "nulls_last_on_asc_first_on_desc");  // PostgreSQL's
    set("preserve_insertion_order", duckdb::Value::BOOLEAN(false));
    // No network, nothing from outside that was not asked for, no secrets on disk.
    set("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
    set("autoload_known_extensions", duckdb::Value::BOOLEAN(!options.extensions_dir.empty()));
    set("allow_community_extensions", duckdb::Value::BOOLEAN(false));
    set("allow_persistent_secrets", duckdb::Value::BOOLEAN(false));
    if (!options.extensions_dir.empty()) set("extension_directory", options.extensions_dir);
    if (!options.memory_limit.empty()) set("memory_limit", options.memory_limit);
    if (options.threads > 0) set("threads", duckdb::Value::BIGINT(options.threads));
    // Memory that statements have left goes back to the system soon.
    set("allocator_background_threads", duckdb::Value::BOOLEAN(true));
    set("temp_directory", options.temp_directory);
    if (!options.max_temp_directory_size.empty()) set("max_temp_directory_size", options.max_temp_directory_size);
    db_ = std::make_unique<duckdb::DuckDB>(path_, &config);
    duckdb::Connection connection(*db_);
    auto result = connection.Query("SET GLOBAL TimeZone = 'UTC'");
    if (result->HasError()) return Internal("could not set the time zone: {}", result->GetError());
  } catch (const std::exception& exception) {
    return FromDuckDb("could not start DuckDB", exception);
  }
  return {};
}

Status Database::RunInitFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return NotFound("could not read init file \"{}\"", path);
  try {
    duckdb::Connection connection(*db_);
    for (auto& statement : connection.ExtractStatements(text.str())) {
      auto result = connection.Query(std::move(statement));
      if (result->HasError()) return InvalidInput("init file \"{}\" failed: {}", path, result->GetError());
    }
  } catch (const std::exception& exception) {
    return FromDuckDb(fmt::format("init file \"{}\" failed", path), exception);
  }
  return {};
}

/// Statements come from clients who need not own this machine's files: DuckDB's own file functions reach what
/// --local_root names, and remote storage. From here on extensions can only be loaded, and databases attached, from
/// there.
Status Database::RestrictFiles() {
  std::string directories;
  auto allow = [&](const std::string& prefix) {
    directories += (directories.empty() ? "" : ", ") + duckdb::KeywordHelper::WriteQuoted(prefix, '\'');
  };
  for (const char* scheme :
       {"file://", "s3://", "gs://", "gcs://", "az://", "azure://", "abfss://", "http://", "https://"}) {
    allow(scheme);
  }
  for (const std::string& root : options_.local_roots) allow(root);
  duckdb::Connection connection(*db_);
  auto enabled = connection.Query("SELECT current_setting('enable_external_access')");
  if (!enabled->HasError() && !enabled->GetValue(0, 0).GetValue<bool>()) return {};  // the init file was stricter
  for (const std::string& statement : {fmt::format("SET GLOBAL allowed_directories = [{}]", directories),
                                       std::string("SET GLOBAL enable_external_access = false")}) {
    auto result = connection.Query(statement);
    if (result->HasError()) return Internal("could not restrict file access: {}", result->GetError());
  }
  return {};
}

std::unique_ptr<duckdb::Connection> Database::Connect() {
  auto connection = std::make_unique<duckdb::Connection>(*db_);
  QueryProfile::Of(*connection->context);
  return connection;
}

duckdb::DatabaseInstance& Database::instance() { return *db_->instance; }

uint64_t Database::MemoryLimitBytes() { return duckdb::BufferManager::GetBufferManager(instance()).GetMaxMemory(); }

std::string Database::MemoryLimit() {
  duckdb::Connection connection(*db_);
  auto result = connection.Query("SELECT current_setting('memory_limit')");
  return result->HasError() ? result->GetError() : result->GetValue(0, 0).ToString();
}

bool Database::IsInvalidated(std::string& reason) {
  if (!duckdb::ValidChecker::IsInvalidated(instance())) return false;
  reason = duckdb::ValidChecker::InvalidatedMessage(instance());
  return true;
}

}  // namespace lake::server
