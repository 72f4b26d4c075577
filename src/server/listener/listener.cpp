#include "server/listener/listener.h"

#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>

namespace lake::server {

namespace {

constexpr int kBacklog = 1024;
constexpr const char* kDefaultAddress = "127.0.0.1";
// Connections beyond max_clients, for cancel requests and to tell the rejected why.
constexpr int kSpareConnections = 32;

std::string SystemError() { return std::strerror(errno); }

Result<gid_t> FindGroup(const std::string& name) {
  gid_t number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) return number;
  if (struct group* entry = getgrnam(name.c_str())) return entry->gr_gid;
  return NotFound("group \"{}\" does not exist", name);
}

}  // namespace

Listener::~Listener() { CloseSockets(); }

void Listener::CloseSockets() {
  for (int fd : sockets_) close(fd);
  sockets_.clear();
  if (!socket_path_.empty()) unlink(socket_path_.c_str());
  socket_path_.clear();
}

Status Listener::Open(const Options& options) {
  LAKE_RETURN_IF_ERROR(OpenUnix(options));
  if (options.listen_address == "none") return {};
  if (options.listen_address) return OpenTcp(*options.listen_address, options.port);
  // What nobody asked for must not stop a server that has its socket: another home may have the port.
  Status status = OpenTcp(kDefaultAddress, options.port);
  if (!status.ok()) fmt::print(stderr, "WARNING: {}; the unix socket is open\n", status.error().message());
  return {};
}

Status Listener::OpenUnix(const Options& options) {
  std::string path = fmt::format("{}/.s.PGSQL.{}", options.unix_socket_directory, options.port);
  bool is_abstract = path.starts_with('@');
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return InvalidInput("unix socket path \"{}\" has {} bytes, at most {} are possible", path, path.size(),
                        sizeof(address.sun_path) - 1);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (is_abstract) address.sun_path[0] = '\0';
  auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  auto* raw = reinterpret_cast<const sockaddr*>(&address);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return Unavailable("could not create a socket: {}", SystemError());
  sockets_.push_back(fd);
  if (connect(fd, raw, length) == 0) {
    return AlreadyExists("unix socket \"{}\" is in use: is another pgduck_server running?", path);
  }
  if (!is_abstract && errno == ECONNREFUSED) unlink(path.c_str());  // left by a server that died
  if (bind(fd, raw, length) != 0) return Unavailable("could not bind unix socket \"{}\": {}", path, SystemError());
  if (!is_abstract) {
    socket_path_ = path;
    if (!options.unix_socket_group.empty()) {
      LAKE_ASSIGN_OR_RETURN(gid_t group, FindGroup(options.unix_socket_group));
      if (chown(path.c_str(), static_cast<uid_t>(-1), group) != 0) {
        return PermissionDenied("could not set group \"{}\" of unix socket \"{}\": {}", options.unix_socket_group, path,
                                SystemError());
      }
    }
    if (chmod(path.c_str(), options.unix_socket_permissions) != 0) {
      return PermissionDenied("could not set permissions of unix socket \"{}\": {}", path, SystemError());
    }
  }
  if (listen(fd, kBacklog) != 0) return Unavailable("could not listen on unix socket \"{}\": {}", path, SystemError());
  return {};
}

Status Listener::OpenTcp(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return InvalidInput("listen address \"{}\" is unknown: {}", host, gai_strerror(code));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> guard(found, freeaddrinfo);
  for (addrinfo* at = found; at != nullptr; at = at->ai_next) {
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0) return Unavailable("could not create a socket: {}", SystemError());
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, kBacklog) != 0) {
      Error error = Unavailable("could not listen on \"{}\", port {}: {}", host, port, SystemError());
      close(fd);
      return error;
    }
    sockets_.push_back(fd);
  }
  return {};
}

void Listener::Serve(int signal_fd) {
  std::vector<pollfd> fds{{signal_fd, POLLIN, 0}};
  for (int fd : sockets_) fds.push_back({fd, POLLIN, 0});
  for (;;) {
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[0].revents != 0) return;
    for (size_t i = 1; i < fds.size(); ++i) {
      if (fds[i].revents != 0) Accept(fds[i].fd);
    }
  }
}

void Listener::Accept(int listening) {
  int fd = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      spdlog::error("could not accept a client: {}", SystemError());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the backlog keeps poll() ready: do not spin
    }
    return;
  }
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // fails on unix sockets, which need it not
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  {
    std::lock_guard lock(mutex_);
    if (threads_ >= server_.max_clients + kSpareConnections) {
      spdlog::warn("A new client rejected as it exceeds {} clients", server_.max_clients);
      close(fd);
      return;
    }
    ++threads_;
  }
  auto serve = [this, fd] {
    try {
      Session(server_, fd).Run();
    } catch (const std::exception& exception) {
      spdlog::error("a session could not start: {}", exception.what());
    }
    std::lock_guard lock(mutex_);
    --threads_;
    ended_.notify_all();
  };
  try {
    std::thread(serve).detach();
  } catch (const std::system_error& error) {
    spdlog::error("could not start a thread for a client: {}", error.what());
    close(fd);
    std::lock_guard lock(mutex_);
    --threads_;
  }
}

int Listener::Stop() {
  CloseSockets();
  int interrupted = 0;
  for (auto& session : server_.sessions.All()) interrupted += session->Interrupt(InterruptReason::kShutdown) ? 1 : 0;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::milliseconds(100), [&] { return threads_ == 0; })) {
    // A session that was only starting was not there to be told.
    lock.unlock();
    for (auto& session : server_.sessions.All()) session->Interrupt(InterruptReason::kShutdown);
    lock.lock();
  }
  return interrupted;
}

}  // namespace lake::server
