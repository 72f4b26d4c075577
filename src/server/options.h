// The command line of pgduck_server (surface.md, DUCK-1 to DUCK-3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lake::server {

struct Options {
  std::string unix_socket_directory = "/tmp";  // "@name": an abstract socket
  std::string unix_socket_group;               // name or number; empty: the group of the process
  uint32_t unix_socket_permissions = 0770;
  uint16_t port = 5332;
  std::optional<std::string> listen_address;  // "none": no TCP; absent: 127.0.0.1 if its port is free
  int max_clients = 10000;
  std::string memory_limit;      // empty: 80 % of the memory
  bool continue_on_oom = false;  // accepted; every out-of-memory error fails its query alone
  uint64_t cache_on_write_max_size = uint64_t{1} << 30;
  std::string database_file_path = "~/.pglake/pgduck_server.db";
  std::string init_file_path;
  std::string cache_dir;
  std::string extensions_dir;
  std::string pidfile;
  bool no_extension_install = false;
  bool check_only = false;  // --check_cli_params_only
  bool debug = false;       // log every query
  bool verbose = false;
  bool help = false;
  // ours
  std::vector<std::string> local_roots;
  int threads = 0;  // 0: the cores
  std::string temp_directory;
  std::string max_temp_directory_size;
  std::string fault_spec;  // LAKE_FAULTS of the environment, for the fault tests
};

/// The text of an error is complete: it is printed as it is. getopt_long prints what it finds wrong by itself; then the
/// text is empty.
Result<Options> ParseOptions(int argc, char** argv);

/// "Usage: pgduck_server [options]" and a line for each option.
std::string UsageText();

}  // namespace lake::server
