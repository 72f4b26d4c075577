// What the queries of one connection cost: counters that the scans and the file system keep, and, when it was asked for
// before the query began, DuckDB's profile of its operators. lake_last_query() answers from here (docs/link.md,
// "Profiles").
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"

namespace lake::server {

struct QuerySummary {
  std::string plan;  // JSON, as EXPLAIN's, with what every operator did; empty when no profile was asked for
  int64_t microseconds = 0;
  int64_t data_files_scanned = 0;
  int64_t data_files_skipped = 0;  // of those that the scans' tables have
  int64_t data_files_cached = 0;   // of those scanned: nothing of them came from storage
  int64_t delete_files_scanned = 0;
  int64_t bytes_read = 0;  // from storage
  int64_t reads = 0;       // requests for them
};

/// Of one query; its scans and open files share it, from any thread, for as long as they live.
class QueryCounters {
 public:
  /// A scan begins, over a table of so many files. `scan` only tells scans apart.
  void ScanBegun(const void* scan, int64_t data_files);
  void DataFileOpened(const void* scan, const std::string& location, int64_t delete_files);
  /// Bytes that came from storage, not from a cache.
  void BytesRead(const std::string& location, uint64_t bytes);

  /// All but plan and time.
  QuerySummary Sum();

 private:
  std::mutex mutex_;
  std::map<const void*, int64_t> scans_;                  // and the files of their tables
  std::set<std::pair<const void*, std::string>> opened_;  // data files, by scan
  std::unordered_set<std::string> fetched_;               // files of which anything came from storage
  int64_t delete_files_ = 0;
  int64_t bytes_read_ = 0;
  int64_t reads_ = 0;
};

class QueryProfile : public duckdb::ClientContextState {
 public:
  static std::shared_ptr<QueryCounters> CountersOf(duckdb::ClientContext& context);
  static QueryProfile& Of(duckdb::ClientContext& context);

  /// The connection's next query is profiled.
  void ProfileNext(duckdb::ClientContext& context);
  /// Of the query that ended last.
  const QuerySummary& last() const { return last_; }

  void QueryBegin(duckdb::ClientContext& context) override;
  void QueryEnd(duckdb::ClientContext& context) override;

 private:
  enum class Profiling {
    kOff,
    kNext,     // the query that asked for it is still running
    kRunning,  // the profiled query is
  };

  std::mutex mutex_;  // of counters_
  std::shared_ptr<QueryCounters> counters_ = std::make_shared<QueryCounters>();
  std::chrono::steady_clock::time_point began_;
  Profiling profiling_ = Profiling::kOff;
  QuerySummary last_;
};

}  // namespace lake::server
