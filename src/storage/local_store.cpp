#include "storage/local_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "storage/location.h"
#include "storage/pending_file.h"

namespace lake::storage {
namespace {

constexpr size_t kWriteBuffer = 256 * 1024;

bool IsCancelled(const CancelFlag* cancel) { return cancel != nullptr && cancel->load(std::memory_order_relaxed); }

Error CancelledError(const std::string& location) { return Cancelled("access to \"{}\" was cancelled", location); }

ObjectInfo InfoOf(const std::string& location, const struct stat& status) {
  ObjectInfo info;
  info.location = location;
  info.size = static_cast<uint64_t>(status.st_size);
  info.modified_us = status.st_mtim.tv_sec * int64_t{1000000} + status.st_mtim.tv_nsec / 1000;
  info.etag = fmt::format("{:x}-{:x}-{:x}", status.st_ino, status.st_size,
                          status.st_mtim.tv_sec * int64_t{1000000000} + status.st_mtim.tv_nsec);
  return info;
}

class LocalReader : public ObjectReader {
 public:
  LocalReader(int descriptor, ObjectInfo info) : descriptor_(descriptor), info_(std::move(info)) {}
  ~LocalReader() override { ::close(descriptor_); }

  const ObjectInfo& info() const override { return info_; }

  Result<uint64_t> ReadAt(uint64_t offset, char* buffer, uint64_t length, const ReadOptions& options) override {
    uint64_t done = 0;
    if (offset >= info_.size) return done;
    length = std::min(length, info_.size - offset);
    while (done < length) {
      if (IsCancelled(options.cancel)) return CancelledError(info_.location);
      // A few MiB at a time so that a cancel is seen soon.
      size_t piece = std::min<uint64_t>(length - done, 4 << 20);
      ssize_t got = ::pread(descriptor_, buffer + done, piece, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR) continue;
        return FileError(errno, "read file", info_.location);
      }
      if (got == 0) break;  // somebody truncated it
      done += static_cast<uint64_t>(got);
    }
    return done;
  }

 private:
  int descriptor_;
  ObjectInfo info_;
};

class LocalWriter : public ObjectWriter {
 public:
  LocalWriter(std::unique_ptr<PendingFile> file, std::string location, WriteOptions options)
      : file_(std::move(file)), location_(std::move(location)), options_(std::move(options)) {}

  Status Append(std::string_view bytes) override {
    if (!file_) return Internal("write to \"{}\" after its end", location_);
    if (IsCancelled(options_.cancel)) return CancelledError(location_);
    if (buffer_.size() + bytes.size() < kWriteBuffer) {
      buffer_ += bytes;
      return {};
    }
    Status status = Flush(bytes);
    if (!status.ok()) Abort();  // what is missing in the middle must never be finished
    return status;
  }

  Result<ObjectInfo> Finish() override {
    if (!file_) return Internal("write to \"{}\" after its end", location_);
    std::unique_ptr<PendingFile> file = std::move(file_);
    LAKE_RETURN_IF_ERROR(file->Append(buffer_));
    if (IsCancelled(options_.cancel)) return CancelledError(location_);
    LAKE_RETURN_IF_ERROR(file->Publish(options_.if_absent, options_.name_later));
    struct stat status;
    if (::fstat(file->descriptor(), &status) != 0) return FileError(errno, "stat file", location_);
    return InfoOf(location_, status);
  }

  void Abort() override {
    file_.reset();
    buffer_.clear();
  }

 private:
  Status Flush(std::string_view bytes) {
    LAKE_RETURN_IF_ERROR(file_->Append(buffer_));
    buffer_.clear();
    return file_->Append(bytes);
  }

  std::unique_ptr<PendingFile> file_;  // null after the end
  std::string location_;
  WriteOptions options_;
  std::string buffer_;
};

struct Entry {
  std::string name;  // directories end with '/', so that sorting gives the byte order of whole locations
  ObjectInfo info;   // files only
};

/// Walks directories in the byte order of the locations. `directory` and `location` name the same place, both end
/// with '/'.
class Walk {
 public:
  Walk(const std::function<bool(const ObjectInfo&)>& visit, const CancelFlag* cancel)
      : visit_(visit), cancel_(cancel) {}

  /// Visits what is below `directory` and starts with `name_prefix`; false: the visitor had enough.
  Result<bool> Visit(const std::string& directory, const std::string& location, std::string_view name_prefix) {
    LAKE_ASSIGN_OR_RETURN(std::vector<Entry> entries, ReadEntries(directory, location, name_prefix));
    for (const Entry& entry : entries) {
      if (IsCancelled(cancel_)) return CancelledError(location);
      if (entry.name.back() == '/') {
        LAKE_ASSIGN_OR_RETURN(bool more, Visit(directory + entry.name, location + entry.name, ""));
        if (!more) return false;
      } else if (!visit_(entry.info)) {
        return false;
      }
    }
    return true;
  }

 private:
  Result<std::vector<Entry>> ReadEntries(const std::string& directory, const std::string& location,
                                         std::string_view name_prefix) {
    std::vector<Entry> entries;
    std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
    if (!stream) {
      if (errno == ENOENT || errno == ENOTDIR) return entries;
      return FileError(errno, "list directory", directory);
    }
    errno = 0;
    while (struct dirent* found = ::readdir(stream.get())) {
      std::string name = found->d_name;
      struct stat status;
      if (name != "." && name != ".." && name.compare(0, name_prefix.size(), name_prefix) == 0 &&
          name.compare(0, kTemporaryPrefix.size(), kTemporaryPrefix) != 0 &&
          ::fstatat(::dirfd(stream.get()), found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(status.st_mode)) {
          entries.push_back({name + '/', {}});
        } else if (S_ISREG(status.st_mode)) {
          entries.push_back({name, InfoOf(location + name, status)});
        }
      }
      errno = 0;
    }
    if (errno != 0) return FileError(errno, "list directory", directory);
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  const std::function<bool(const ObjectInfo&)>& visit_;
  const CancelFlag* cancel_;
};

}  // namespace

Result<LocalPolicy::Resolved> LocalStore::ResolveObject(const std::string& location) const {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(location));
  if (parsed.scheme != Scheme::kFile) return InvalidInput("location \"{}\" is not a local file", location);
  std::string_view name = std::string_view(parsed.key).substr(parsed.key.rfind('/') + 1);
  if (name.empty()) return InvalidInput("location \"{}\" names a directory, not a file", location);
  if (name.substr(0, kTemporaryPrefix.size()) == kTemporaryPrefix) {
    return InvalidInput("location \"{}\" is reserved for temporary files", location);
  }
  return policy_.Resolve(parsed.key);
}

Result<std::unique_ptr<ObjectReader>> LocalStore::OpenReader(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto resolved, ResolveObject(location));
  if (IsCancelled(options.cancel)) return CancelledError(location);
  // O_NONBLOCK: somebody's FIFO must not hang us before we have seen that it is none of ours.
  int descriptor = ::open(resolved.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return FileError(errno, "open file", location);
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return NotFound("could not open file \"{}\": not a regular file", location);
  }
  return std::unique_ptr<ObjectReader>(std::make_unique<LocalReader>(descriptor, InfoOf(location, status)));
}

Result<ObjectInfo> LocalStore::Head(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto reader, OpenReader(location, options));
  return reader->info();
}

Result<std::string> LocalStore::Get(const std::string& location, const ReadOptions& options) {
  return GetRange(location, 0, UINT64_MAX, options);
}

Result<std::string> LocalStore::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                         const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto reader, OpenReader(location, options));
  uint64_t size = reader->info().size;
  std::string bytes(offset >= size ? 0 : std::min(length, size - offset), '\0');
  LAKE_ASSIGN_OR_RETURN(uint64_t got, reader->ReadAt(offset, bytes.data(), bytes.size(), options));
  bytes.resize(got);
  return bytes;
}

Result<ObjectInfo> LocalStore::Put(const std::string& location, std::string_view bytes, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto writer, OpenWriter(location, options));
  LAKE_RETURN_IF_ERROR(writer->Append(bytes));
  return writer->Finish();
}

Result<std::unique_ptr<ObjectWriter>> LocalStore::OpenWriter(const std::string& location, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(auto resolved, ResolveObject(location));
  LAKE_ASSIGN_OR_RETURN(auto file, PendingFile::Create(resolved.path));
  return std::unique_ptr<ObjectWriter>(std::make_unique<LocalWriter>(std::move(file), location, options));
}

Status LocalStore::SyncNames(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(auto resolved, ResolveObject(location));
  return storage::SyncNames(resolved.path.substr(0, resolved.path.rfind('/')));
}

Status LocalStore::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                        const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(prefix));
  if (parsed.scheme != Scheme::kFile) return InvalidInput("location \"{}\" is not a local file", prefix);
  size_t path_slash = parsed.key.rfind('/');
  std::string name_prefix = parsed.key.substr(path_slash + 1);
  LAKE_ASSIGN_OR_RETURN(auto resolved, policy_.Resolve(parsed.key.substr(0, path_slash + 1)));
  std::string location = prefix.substr(0, prefix.rfind('/') + 1);
  LAKE_ASSIGN_OR_RETURN(bool more, Walk(visit, options.cancel).Visit(resolved.path + '/', location, name_prefix));
  static_cast<void>(more);
  return {};
}

Status LocalStore::Remove(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(auto resolved, ResolveObject(location));
  if (::unlink(resolved.path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
    return FileError(errno, "remove file", location);
  }
  // Object stores have no directories, so nothing of an emptied one may stay behind. A writer that is about to put a
  // file there creates it again.
  std::string directory = resolved.path;
  while (true) {
    directory.resize(directory.rfind('/'));
    if (directory.size() <= resolved.root.size() || ::rmdir(directory.c_str()) != 0) return {};
  }
}

}  // namespace lake::storage
