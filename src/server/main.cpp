// pgduck_server: DuckDB and Iceberg behind the PostgreSQL protocol.
#include <fcntl.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "server/engine/database.h"
#include "server/listener/listener.h"
#include "server/options.h"

namespace lake::server {
namespace {

/// A file with the process id, removed when the server ends.
class PidFile {
 public:
  Status Write(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr) return Unavailable("could not write pidfile \"{}\": {}", path, std::strerror(errno));
    fmt::print(file, "{}\n", getpid());
    std::fclose(file);
    path_ = path;
    return {};
  }
  ~PidFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }

 private:
  std::string path_;
};

/// SIGTERM and SIGINT as a descriptor. Blocked before any thread starts, so that no thread takes them.
int BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

/// A client takes two descriptors: its socket and its wake-up.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void SetUpLog(const Options& options) {
  auto logger = spdlog::stderr_logger_mt("pgduck_server");
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
  logger->set_level(options.debug || options.verbose ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

void PrintStart(const Options& options, Database& database) {
  if (options.verbose) fmt::print(stderr, "Verbose mode enabled.\n");
  if (options.debug) fmt::print(stderr, "Debugging mode on; will log all queries\n");
  if (options.no_extension_install) fmt::print(stderr, "Using local extension binaries only\n");
  fmt::print(stderr, "DuckDB is using database file path: {}\n", database.path());
  fmt::print(stderr, "Memory limit is set to: {}\n", database.MemoryLimit());
  fmt::print(stderr, "Cache on write max size is set to: {}\n", options.cache_on_write_max_size);
  fmt::print(stderr, "pgduck_server is listening on unix_socket_directory: {} with port {}, max_clients allowed {}\n",
             options.unix_socket_directory, options.port, options.max_clients);
}

Status Serve(const Options& options, int signal_fd) {
  SessionRegistry sessions;
  LAKE_ASSIGN_OR_RETURN(auto database, Database::Open(options, sessions));
  Watcher watcher(sessions);
  Admission admission(database->instance());
  ServerContext server{*database, sessions, watcher, admission, options.max_clients, options.debug};
  Listener listener(server);
  LAKE_RETURN_IF_ERROR(listener.Open(options));
  PidFile pidfile;
  if (!options.pidfile.empty()) LAKE_RETURN_IF_ERROR(pidfile.Write(options.pidfile));
  PrintStart(options, *database);
  listener.Serve(signal_fd);
  if (int interrupted = listener.Stop(); interrupted > 0) {
    fmt::print(stderr, "interrupted {} active connection(s)\n", interrupted);
  }
  return {};
}

int Main(int argc, char** argv) {
  Result<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) {
    if (!options.error().message().empty()) fmt::print(stderr, "{}\n", options.error().message());
    fmt::print(stderr, "Usage: pgduck_server [options]\n");
    return EXIT_FAILURE;
  }
  if (options->help) {
    fmt::print("{}", UsageText());
    return EXIT_SUCCESS;
  }
  if (options->check_only) return EXIT_SUCCESS;
  SetUpLog(*options);
  RaiseDescriptorLimit();
  int signal_fd = BlockSignals();
  Status status = Serve(*options, signal_fd);
  if (!status.ok()) {
    fmt::print(stderr, "Error: {}\n", status.error().message());
    return EXIT_FAILURE;
  }
  fmt::print(stderr, "Done running\n");
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace lake::server

int main(int argc, char** argv) { return lake::server::Main(argc, argv); }
