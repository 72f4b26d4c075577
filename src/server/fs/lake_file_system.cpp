// See the header.
#include "server/fs/lake_file_system.h"

#include <mutex>

#include "duckdb/common/file_opener.hpp"
#include "duckdb/common/open_file_info.hpp"
#include "server/engine/lake_exception.h"
#include "server/engine/query_profile.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

namespace {

/// A Parquet reader asks for the last 8 bytes, then for the footer before them: remote files get both in one request.
constexpr uint64_t kTailBytes = 64 << 10;

class LakeFileHandle : public duckdb::FileHandle {
 public:
  LakeFileHandle(LakeFileSystem& fs, storage::ObjectStore& store, const std::string& path, duckdb::FileOpenFlags flags,
                 storage::ReadOptions options, std::shared_ptr<QueryCounters> counters)
      : duckdb::FileHandle(fs, path, flags),
        store_(store),
        options_(options),
        counters_(std::move(counters)),
        is_local_(path.rfind("file:", 0) == 0) {
    info_.location = path;
  }

  void Close() override {}

  /// What the caller knows already; without a size the store is asked now, as it is for local files, where it is cheap.
  void Open(const duckdb::OpenFileInfo& file) {
    if (!is_local_ && file.extended_info) {
      const auto& options = file.extended_info->options;
      if (auto size = options.find("file_size"); size != options.end()) {
        info_.size = size->second.GetValue<uint64_t>();
        return;
      }
    }
    reader_ = ValueOrThrow(store_.OpenReader(path, options_));
    info_ = reader_->info();
  }

  uint64_t ReadAt(char* buffer, uint64_t bytes, uint64_t offset) {
    if (offset >= info_.size) return 0;
    bytes = std::min(bytes, info_.size - offset);
    if (is_local_) return Counted(ValueOrThrow(reader_->ReadAt(offset, buffer, bytes, options_)));
    if (offset + bytes == info_.size && bytes <= kTailBytes) ReadTail();
    {
      std::lock_guard lock(mutex_);
      if (!tail_.empty() && offset >= info_.size - tail_.size()) {
        tail_.copy(buffer, bytes, offset - (info_.size - tail_.size()));
        return bytes;
      }
    }
    if (reader_) return Counted(ValueOrThrow(reader_->ReadAt(offset, buffer, bytes, options_)));
    std::string read = ValueOrThrow(store_.GetRange(path, offset, bytes, options_));
    read.copy(buffer, bytes);
    return std::min<uint64_t>(Counted(read.size()), bytes);
  }

  const storage::ObjectInfo& info() const { return info_; }
  bool is_local() const { return is_local_; }

  uint64_t position = 0;

 private:
  uint64_t Counted(uint64_t bytes) {
    if (counters_) counters_->BytesRead(path, bytes);
    return bytes;
  }

  void ReadTail() {
    std::lock_guard lock(mutex_);
    if (!tail_.empty()) return;
    uint64_t bytes = std::min(kTailBytes, info_.size);
    std::string read = ValueOrThrow(store_.GetRange(path, info_.size - bytes, bytes, options_));
    Counted(read.size());
    if (read.size() == bytes) tail_ = std::move(read);
  }

  storage::ObjectStore& store_;
  storage::ReadOptions options_;
  std::shared_ptr<QueryCounters> counters_;  // null: nobody asks
  bool is_local_;
  storage::ObjectInfo info_;
  std::unique_ptr<storage::ObjectReader> reader_;  // null: read with GetRange
  std::mutex mutex_;
  std::string tail_;
};

LakeFileHandle& HandleOf(duckdb::FileHandle& handle) { return handle.Cast<LakeFileHandle>(); }

}  // namespace

bool LakeFileSystem::CanHandleFile(const std::string& path) {
  for (const char* prefix : {"file:", "s3:", "s3a:"}) {
    if (path.rfind(prefix, 0) == 0) return true;
  }
  return false;
}

duckdb::unique_ptr<duckdb::FileHandle> LakeFileSystem::OpenFileExtended(
    const duckdb::OpenFileInfo& file, duckdb::FileOpenFlags flags, duckdb::optional_ptr<duckdb::FileOpener> opener) {
  if (flags.OpenForWriting()) {
    ThrowLakeError(Unsupported("\"{}\" cannot be written here", file.path));
  }
  storage::ReadOptions options;
  std::shared_ptr<QueryCounters> counters;
  if (auto context = duckdb::FileOpener::TryGetClientContext(opener)) {
    options = Cancellable(*context);
    counters = QueryProfile::CountersOf(*context);
  }
  auto handle = duckdb::make_uniq<LakeFileHandle>(*this, *store_, file.path, flags, options, std::move(counters));
  handle->Open(file);
  return handle;
}

void LakeFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes, duckdb::idx_t location) {
  uint64_t wanted = static_cast<uint64_t>(bytes);
  uint64_t read = HandleOf(handle).ReadAt(static_cast<char*>(buffer), wanted, location);
  if (read < wanted) {
    ThrowLakeError(Corrupt("\"{}\" ends after {} bytes, {} bytes at {} were expected", handle.GetPath(),
                           HandleOf(handle).info().size, wanted, location));
  }
}

int64_t LakeFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) {
  LakeFileHandle& file = HandleOf(handle);
  uint64_t read = file.ReadAt(static_cast<char*>(buffer), static_cast<uint64_t>(bytes), file.position);
  file.position += read;
  return static_cast<int64_t>(read);
}

int64_t LakeFileSystem::GetFileSize(duckdb::FileHandle& handle) {
  return static_cast<int64_t>(HandleOf(handle).info().size);
}

duckdb::timestamp_t LakeFileSystem::GetLastModifiedTime(duckdb::FileHandle& handle) {
  return duckdb::timestamp_t(HandleOf(handle).info().modified_us);
}

std::string LakeFileSystem::GetVersionTag(duckdb::FileHandle& handle) { return HandleOf(handle).info().etag; }

void LakeFileSystem::Seek(duckdb::FileHandle& handle, duckdb::idx_t location) { HandleOf(handle).position = location; }

duckdb::idx_t LakeFileSystem::SeekPosition(duckdb::FileHandle& handle) { return HandleOf(handle).position; }

bool LakeFileSystem::OnDiskFile(duckdb::FileHandle& handle) { return HandleOf(handle).is_local(); }

bool LakeFileSystem::FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener>) {
  auto info = store_->Head(path);
  if (!info.ok() && info.error().kind() != ErrorKind::kNotFound) ThrowLakeError(info.error());
  return info.ok();
}

duckdb::vector<duckdb::OpenFileInfo> LakeFileSystem::Glob(const std::string& path, duckdb::FileOpener*) {
  if (duckdb::FileSystem::HasGlob(path)) ThrowLakeError(Unsupported("wildcards are not supported in \"{}\"", path));
  duckdb::vector<duckdb::OpenFileInfo> result;
  if (FileExists(path, nullptr)) result.emplace_back(path);
  return result;
}

}  // namespace lake::server
