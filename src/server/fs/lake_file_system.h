// DuckDB's view of the object store: reads of file:// and s3:// locations, whole or by range.
//
// Opening asks the store for nothing when the caller said how large the file is (lake/open_file.h): the first read is
// the first request. Everything DuckDB asks about an open file is answered from memory. Blocks are cached by DuckDB
// itself (its external file cache and Parquet metadata cache), bounded by its memory limit; for immutable files it does
// not ask whether they changed.
//
// Writing through DuckDB (COPY ... TO 'file:///...') is refused: the lake's own files are written by
// lake/parquet_file.h, straight to the store.
#pragma once

#include <memory>

#include "duckdb/common/file_system.hpp"
#include "storage/object_store.h"

namespace lake::server {

class LakeFileSystem : public duckdb::FileSystem {
 public:
  explicit LakeFileSystem(std::shared_ptr<storage::ObjectStore> store) : store_(std::move(store)) {}

  std::string GetName() const override { return "LakeFileSystem"; }
  bool CanHandleFile(const std::string& path) override;
  bool SupportsOpenFileExtended() const override { return true; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(const duckdb::OpenFileInfo& file, duckdb::FileOpenFlags flags,
                                                          duckdb::optional_ptr<duckdb::FileOpener> opener) override;

  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes, duckdb::idx_t location) override;
  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override;
  int64_t GetFileSize(duckdb::FileHandle& handle) override;
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override;
  std::string GetVersionTag(duckdb::FileHandle& handle) override;
  duckdb::FileType GetFileType(duckdb::FileHandle&) override { return duckdb::FileType::FILE_TYPE_REGULAR; }
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override;
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override;
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle& handle) override;
  bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, duckdb::FileOpener* opener) override;

 private:
  std::shared_ptr<storage::ObjectStore> store_;
};

}  // namespace lake::server
