// A local file that is being written and does not exist yet for anybody else.
//
// It has no name at all (O_TMPFILE) where the file system can do that, so that not even kill -9 leaves a trace; else a
// temporary name in the same directory that listings skip. Publish() makes the bytes durable first and the name second:
// under the final name there is nothing or the whole content, also after a power failure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake::storage {

/// Names that start with this are never objects.
constexpr std::string_view kTemporaryPrefix = ".lake-tmp-";

/// Translates an errno of `doing` (such as "write") on `path` into the kind the caller has to act on.
Error FileError(int error_number, std::string_view doing, const std::string& path);

/// Creates a directory and its missing parents (mode 0700), durably.
Status EnsureDirectory(const std::string& path);

/// Makes all names durable that the directory has. kUnknownOutcome where that fails.
Status SyncNames(const std::string& directory);

class PendingFile {
 public:
  /// Starts a file that will be called `path` (resolved, see LocalPolicy). Creates missing parents. `nameless` false:
  /// always takes a temporary name, as on file systems that know no other way.
  static Result<std::unique_ptr<PendingFile>> Create(std::string path, bool nameless = true);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  Status Append(std::string_view bytes);
  /// Makes the file durable and visible. `if_absent`: kAlreadyExists when the name is taken; otherwise replaces.
  /// `name_later`: its name is not durable before SyncNames(). kUnknownOutcome when the name was set and making the
  /// name durable failed.
  Status Publish(bool if_absent, bool name_later = false);
  int descriptor() const { return descriptor_; }

 private:
  explicit PendingFile(std::string path);

  bool OpenNameless();
  Status OpenNamed();
  Status SetName(bool if_absent);

  std::string path_;
  std::string directory_;
  std::string temporary_path_;  // empty while the file has no name
  int descriptor_ = -1;
};

}  // namespace lake::storage
