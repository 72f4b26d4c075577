#include "storage/pending_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "base/uuid.h"

namespace lake::storage {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
// LocalStore::Remove() takes empty directories away: one that has just been made may be gone when it is used.
constexpr int kDirectoryAttempts = 10;

// A directory that another thread created but has not made durable yet must not be relied on: whoever needs a directory
// passes through here, and waits only while one is being created.
std::mutex directory_mutex;

Status SyncDirectory(const std::string& path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FileError(errno, "open directory", path);
  int outcome = ::fsync(descriptor);
  int error_number = errno;
  ::close(descriptor);
  // EINVAL: the file system has no notion of it (some network file systems).
  if (outcome != 0 && error_number != EINVAL) return FileError(error_number, "sync directory", path);
  return {};
}

/// One sync makes all names durable that a directory got before it began: threads that give names in the same directory
/// share those that have not begun yet, as commits share a flush of the log.
class SharedSyncs {
 public:
  Status Sync(const std::string& directory) {
    std::unique_lock lock(mutex_);
    Directory& state = directories_[directory];
    if (!state.next) state.next = std::make_shared<Round>();
    std::shared_ptr<Round> mine = state.next;
    ++state.waiting;
    while (!mine->outcome) {
      if (state.running) {
        finished_.wait(lock);
        continue;
      }
      state.running = true;
      state.next = nullptr;
      lock.unlock();
      Status synced = SyncDirectory(directory);
      lock.lock();
      mine->outcome = std::move(synced);
      state.running = false;
      finished_.notify_all();
    }
    if (--state.waiting == 0) directories_.erase(directory);
    return *mine->outcome;
  }

 private:
  struct Round {
    std::optional<Status> outcome;
  };
  struct Directory {
    std::shared_ptr<Round> next;  // what has not begun
    bool running = false;
    int waiting = 0;
  };

  std::mutex mutex_;
  std::condition_variable finished_;
  std::map<std::string, Directory> directories_;
} shared_syncs;

std::string ParentOf(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Status EnsureDirectoryLocked(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return FileError(ENOTDIR, "create directory", path);
  }
  if (errno != ENOENT) return FileError(errno, "create directory", path);
  std::string parent = ParentOf(path);
  LAKE_RETURN_IF_ERROR(EnsureDirectoryLocked(parent));
  if (::mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return FileError(errno, "create directory", path);
  return SyncDirectory(parent);
}

/// The descriptor's name in /proc, by which a nameless file can be linked without privileges.
std::string DescriptorPath(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

}  // namespace

Error FileError(int error_number, std::string_view doing, const std::string& path) {
  ErrorKind kind = ErrorKind::kUnavailable;
  switch (error_number) {
    case ENOENT: kind = ErrorKind::kNotFound; break;
    case EEXIST: kind = ErrorKind::kAlreadyExists; break;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP: kind = ErrorKind::kPermissionDenied; break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: kind = ErrorKind::kDiskFull; break;
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG: kind = ErrorKind::kInvalidInput; break;
    case ENOMEM: kind = ErrorKind::kOutOfMemory; break;
    default: break;
  }
  return Error(kind,
               fmt::format("could not {} \"{}\": {}", doing, path, std::generic_category().message(error_number)));
}

Status EnsureDirectory(const std::string& path) {
  std::lock_guard lock(directory_mutex);
  return EnsureDirectoryLocked(path);
}

Status SyncNames(const std::string& directory) {
  if (auto synced = shared_syncs.Sync(directory); !synced.ok()) {
    return UnknownOutcome("{}", synced.error().message());
  }
  return {};
}

PendingFile::PendingFile(std::string path) : path_(std::move(path)), directory_(ParentOf(path_)) {}

PendingFile::~PendingFile() {
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::unique_ptr<PendingFile>> PendingFile::Create(std::string path, bool nameless) {
  std::unique_ptr<PendingFile> file(new PendingFile(std::move(path)));
  Status opened;
  for (int attempt = 0; attempt < kDirectoryAttempts; ++attempt) {
    LAKE_RETURN_IF_ERROR(EnsureDirectory(file->directory_));
    if (nameless && file->OpenNameless()) return file;
    opened = file->OpenNamed();
    if (opened.ok()) return file;
    if (opened.error().kind() != ErrorKind::kNotFound) break;
  }
  return std::move(opened).error();
}

bool PendingFile::OpenNameless() {
  descriptor_ = ::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kFileMode);
  if (descriptor_ < 0) return false;
  static const bool has_proc = ::access(DescriptorPath(descriptor_).c_str(), F_OK) == 0;
  if (has_proc) return true;
  ::close(descriptor_);  // the file could never get its name
  descriptor_ = -1;
  return false;
}

Status PendingFile::OpenNamed() {
  std::string temporary = fmt::format("{}/{}{}", directory_, kTemporaryPrefix, Uuid::Random().ToString());
  descriptor_ = ::open(temporary.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kFileMode);
  if (descriptor_ < 0) return FileError(errno, "create file", path_);
  temporary_path_ = std::move(temporary);
  return {};
}

Status PendingFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return FileError(errno, "write file", path_);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status PendingFile::SetName(bool if_absent) {
  std::string source = temporary_path_.empty() ? DescriptorPath(descriptor_) : temporary_path_;
  if (if_absent) {
    if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return FileError(errno, "create file", path_);
    }
    return {};
  }
  if (temporary_path_.empty()) {
    // Replacing needs a name to rename from.
    std::string temporary = fmt::format("{}/{}{}", directory_, kTemporaryPrefix, Uuid::Random().ToString());
    if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return FileError(errno, "create file", path_);
    }
    temporary_path_ = std::move(temporary);
  }
  if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) return FileError(errno, "create file", path_);
  temporary_path_.clear();
  return {};
}

Status PendingFile::Publish(bool if_absent, bool name_later) {
  if (::fsync(descriptor_) != 0) return FileError(errno, "sync file", path_);
  Status named = SetName(if_absent);
  for (int attempt = 0; attempt < kDirectoryAttempts && !named.ok() && named.error().kind() == ErrorKind::kNotFound &&
                        temporary_path_.empty();
       ++attempt) {
    LAKE_RETURN_IF_ERROR(EnsureDirectory(directory_));
    named = SetName(if_absent);
  }
  LAKE_RETURN_IF_ERROR(named);
  if (!temporary_path_.empty()) {
    ::unlink(temporary_path_.c_str());
    temporary_path_.clear();
  }
  return name_later ? Status() : SyncNames(directory_);
}

}  // namespace lake::storage
