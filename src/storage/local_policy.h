// Which local files may be touched at all: those below the directories the administrator named (--local_root).
//
// The check works on resolved paths: symbolic links of the deepest existing part of a path are followed first, and what
// is opened afterwards is the resolved path, its last component without following links. A link that leads out of the
// roots is refused the same way as a path outside of them, and whether something exists out there is never told.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lake::storage {

class LocalPolicy {
 public:
  /// `roots` are absolute directories; they need not exist yet. No roots: no local files. What is not absolute permits
  /// nothing (an empty text would otherwise permit everything).
  explicit LocalPolicy(std::vector<std::string> roots = {});

  struct Resolved {
    std::string path;  // absolute, no symbolic links in its existing part, no trailing slash
    std::string root;  // the resolved root it lies in
  };

  /// Resolves an absolute path without "." and ".." components. kPermissionDenied outside of all roots, or when the
  /// server's own user may not look into a directory on the way.
  Result<Resolved> Resolve(const std::string& path) const;

 private:
  std::vector<std::string> roots_;
};

}  // namespace lake::storage
