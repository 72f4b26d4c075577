#include "server/options.h"

#include <getopt.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace lake::server {

namespace {

// Values of options without a short form.
enum LongOnly {
  kSocketGroup = 1000,
  kSocketPermissions,
  kContinueOnOom,
  kInitFile,
  kCacheDir,
  kExtensionsDir,
  kNoExtensionInstall,
  kListenAddress,
  kLocalRoot,
  kThreads,
  kTempDirectory,
  kMaxTempDirectorySize,
};

const option kLongOptions[] = {
    {"unix_socket_directory", required_argument, nullptr, 'U'},
    {"unix_socket_group", required_argument, nullptr, kSocketGroup},
    {"unix_socket_permissions", required_argument, nullptr, kSocketPermissions},
    {"port", required_argument, nullptr, 'P'},
    {"listen_address", required_argument, nullptr, kListenAddress},
    {"max_clients", required_argument, nullptr, 'M'},
    {"memory_limit", required_argument, nullptr, 'l'},
    {"continue_on_oom", no_argument, nullptr, kContinueOnOom},
    {"cache_on_write_max_size", required_argument, nullptr, 'L'},
    {"duckdb_database_file_path", required_argument, nullptr, 'D'},
    {"check_cli_params_only", no_argument, nullptr, 'c'},
    {"init_file_path", required_argument, nullptr, kInitFile},
    {"cache_dir", required_argument, nullptr, kCacheDir},
    {"extensions_dir", required_argument, nullptr, kExtensionsDir},
    {"pidfile", required_argument, nullptr, 'p'},
    {"no_extension_install", no_argument, nullptr, kNoExtensionInstall},
    {"local_root", required_argument, nullptr, kLocalRoot},
    {"threads", required_argument, nullptr, kThreads},
    {"temp_directory", required_argument, nullptr, kTempDirectory},
    {"max_temp_directory_size", required_argument, nullptr, kMaxTempDirectorySize},
    {"debug", no_argument, nullptr, 'd'},
    {"verbose", no_argument, nullptr, 'v'},
    {"help", no_argument, nullptr, 'h'},
    {nullptr, 0, nullptr, 0},
};

/// `name` as the messages say it: "Port", "Max clients".
Result<int64_t> ParseNumber(const char* text, const char* name, int64_t min, int64_t max) {
  std::string_view digits(text);
  int64_t value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || digits.empty())
    return InvalidInput("Error: {} should be an integer", name);
  if (error == std::errc::result_out_of_range || value < min || value > max) {
    return InvalidInput("{} should be in between [{}, {}]", name, min, max);
  }
  return value;
}

Result<uint32_t> ParsePermissions(const char* text) {
  char* end = nullptr;
  errno = 0;
  long value = std::strtol(text, &end, 8);
  if (end == text || *end != '\0') return InvalidInput("Error: Permissions should be an integer");
  if (errno != 0 || value < 0 || value > 0777) return InvalidInput("Permissions should be in between [0000, 0777]");
  return static_cast<uint32_t>(value);
}

Status ApplyNumber(int code, const char* argument, Options& options) {
  switch (code) {
    case 'P': {
      LAKE_ASSIGN_OR_RETURN(int64_t port, ParseNumber(argument, "Port", 1, 65535));
      options.port = static_cast<uint16_t>(port);
      return {};
    }
    case 'M': {
      LAKE_ASSIGN_OR_RETURN(int64_t clients, ParseNumber(argument, "Max clients", 1, 100000));
      options.max_clients = static_cast<int>(clients);
      return {};
    }
    case 'L': {
      LAKE_ASSIGN_OR_RETURN(int64_t bytes, ParseNumber(argument, "Cache on write max size", 0, INT64_MAX));
      options.cache_on_write_max_size = static_cast<uint64_t>(bytes);
      return {};
    }
    case kThreads: {
      LAKE_ASSIGN_OR_RETURN(int64_t threads, ParseNumber(argument, "Threads", 1, 1024));
      options.threads = static_cast<int>(threads);
      return {};
    }
    default: {
      LAKE_ASSIGN_OR_RETURN(options.unix_socket_permissions, ParsePermissions(argument));
      return {};
    }
  }
}

Status Apply(int code, const char* argument, Options& options) {
  switch (code) {
    case 'U': options.unix_socket_directory = argument; break;
    case kSocketGroup: options.unix_socket_group = argument; break;
    case kListenAddress: options.listen_address = argument; break;
    case 'l': options.memory_limit = argument; break;
    case kContinueOnOom: options.continue_on_oom = true; break;
    case 'D': options.database_file_path = argument; break;
    case 'c': options.check_only = true; break;
    case kInitFile: options.init_file_path = argument; break;
    case kCacheDir: options.cache_dir = argument; break;
    case kExtensionsDir: options.extensions_dir = argument; break;
    case 'p': options.pidfile = argument; break;
    case kNoExtensionInstall: options.no_extension_install = true; break;
    case kLocalRoot: options.local_roots.emplace_back(argument); break;
    case kTempDirectory: options.temp_directory = argument; break;
    case kMaxTempDirectorySize: options.max_temp_directory_size = argument; break;
    case 'd': options.debug = true; break;
    case 'v': options.verbose = true; break;
    case 'h': options.help = true; break;
    default: return ApplyNumber(code, argument, options);
  }
  return {};
}

}  // namespace

Result<Options> ParseOptions(int argc, char** argv) {
  Options options;
  optind = 1;
  for (int code; (code = getopt_long(argc, argv, "U:P:M:D:l:L:p:cvdh", kLongOptions, nullptr)) != -1;) {
    if (code == '?') return Error(ErrorKind::kInvalidInput, "");
    LAKE_RETURN_IF_ERROR(Apply(code, optarg, options));
  }
  if (optind < argc) return InvalidInput("unexpected argument \"{}\"", argv[optind]);
  if (const char* faults = std::getenv("LAKE_FAULTS")) options.fault_spec = faults;
  return options;
}

std::string UsageText() {
  return R"(Usage: pgduck_server [options]

  -U, --unix_socket_directory DIR      where the socket .s.PGSQL.<port> lies; @name is an abstract socket (/tmp)
      --unix_socket_group GROUP        group of the socket
      --unix_socket_permissions MODE   octal permissions of the socket (0770)
  -P, --port PORT                      port, 1 to 65535 (5332)
      --listen_address ADDRESS         also listen on TCP (127.0.0.1), none: do not; there is no authentication
  -M, --max_clients N                  connections at a time, 1 to 100000 (10000)
  -l, --memory_limit SIZE              of the query engine, for example 8GB (80% of the memory)
      --continue_on_oom                accepted: running out of memory always fails the query alone
  -L, --cache_on_write_max_size BYTES  largest written file that goes into the cache (1 GiB)
  -D, --duckdb_database_file_path FILE database of the engine, empty or "none" for memory (~/.pglake/pgduck_server.db)
      --init_file_path FILE            statements run at start, for example CREATE SECRET and SET GLOBAL
      --cache_dir DIR                  cache of remote files
      --extensions_dir DIR             where DuckDB extensions lie
      --no_extension_install           use local extension binaries only
      --local_root DIR                 file:// locations are allowed below DIR; may be given several times
      --threads N                      worker threads of the engine (all cores)
      --temp_directory DIR             where large queries spill to
      --max_temp_directory_size SIZE   how much they may spill
  -p, --pidfile FILE                   file that holds the process id while the server runs
  -c, --check_cli_params_only          check the options and exit
  -d, --debug                          log every query
  -v, --verbose                        log more
  -h, --help                           show this text
)";
}

}  // namespace lake::server
