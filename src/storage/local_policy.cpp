#include "storage/local_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

namespace lake::storage {
namespace {

Error Denied(const std::string& path) {
  return PermissionDenied("permission denied for local path \"{}\"", path)
      .WithDetail("Local files are allowed only below the directories named by --local_root.");
}

/// Drops doubled and trailing slashes: "/a//b/" becomes "/a/b", "/" becomes "".
std::string Squeeze(std::string_view path) {
  std::string out;
  for (char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  if (!out.empty() && out.back() == '/') out.pop_back();
  return out;
}

/// realpath(), but asks the kernel, in three calls: the C library asks about each component, which is a good part of
/// the cost of a small file. nullopt: errno says why.
std::optional<std::string> RealPath(const std::string& path) {
  constexpr std::string_view kDeleted = " (deleted)";  // what the kernel puts behind names that are gone
  char resolved[PATH_MAX];
  int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor >= 0) {
    ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", descriptor).c_str(), resolved, sizeof resolved);
    ::close(descriptor);
    if (length > 0 && length < PATH_MAX && resolved[0] == '/') {
      std::string result(resolved, static_cast<size_t>(length));
      if (!result.ends_with(kDeleted)) return result;
    }
  } else if (errno != EMFILE && errno != ENFILE) {
    return std::nullopt;
  }
  if (::realpath(path.c_str(), resolved) == nullptr) return std::nullopt;
  return resolved;
}

/// The real path of the deepest existing part, followed by the rest as it is.
Result<std::string> ResolveExistingPart(const std::string& path) {
  std::string head = Squeeze(path);
  std::string tail;
  while (!head.empty()) {
    if (auto resolved = RealPath(head)) return (*resolved == "/" ? std::string() : *resolved) + tail;
    // A dangling link or a loop is a link whose target we cannot check.
    if (errno != ENOENT && errno != ENOTDIR) return Denied(path);
    char target[1];
    if (::readlink(head.c_str(), target, sizeof target) >= 0) return Denied(path);
    size_t slash = head.rfind('/');
    tail = head.substr(slash) + tail;
    head.resize(slash);
  }
  return tail;
}

bool IsWithin(std::string_view path, std::string_view root) {
  if (path.substr(0, root.size()) != root) return false;
  return path.size() == root.size() || path[root.size()] == '/';
}

}  // namespace

LocalPolicy::LocalPolicy(std::vector<std::string> roots) : roots_(std::move(roots)) {
  std::erase_if(roots_, [](const std::string& root) { return root.empty() || root[0] != '/'; });
}

Result<LocalPolicy::Resolved> LocalPolicy::Resolve(const std::string& path) const {
  LAKE_ASSIGN_OR_RETURN(std::string resolved, ResolveExistingPart(path));
  for (const std::string& root : roots_) {
    // Resolved each time: a root may be created, or become a link, while the server runs.
    auto resolved_root = ResolveExistingPart(root);
    if (resolved_root.ok() && IsWithin(resolved, *resolved_root)) return Resolved{resolved, *resolved_root};
  }
  return Denied(path);
}

}  // namespace lake::storage
