// See the header for the formats. Delete files are parsed once and kept in the instance's cache under their location.
#include "server/lake/deleted_rows.h"

#include <algorithm>

#include "duckdb/common/multi_file/base_file_reader.hpp"
#include "server/lake/deletion_vector.h"
#include "server/lake/guarded.h"

namespace lake::server {

namespace {

constexpr int64_t kMaxVectorBytes = int64_t{1} << 31;

using Positions = std::vector<int64_t>;

/// Rows that no file can have are of no consequence.
RowSet RowsAt(const Positions& positions) {
  RowSet rows;
  std::vector<uint32_t> numbers;
  for (int64_t position : positions) {
    if (position <= RowSet::kMaxRow) numbers.push_back(static_cast<uint32_t>(position));
  }
  rows.Add(numbers.data(), numbers.size());
  return rows;
}

std::string VectorName(const iceberg::DataFile& file) {
  return fmt::format("vector {} {}", file.content_offset.value_or(-1), file.file_path);
}

Result<std::shared_ptr<const RowSet>> ReadDeletionVector(LakeInstance& lake, const iceberg::DataFile& file) {
  const std::string& location = file.file_path.str();
  int64_t offset = file.content_offset.value_or(-1);
  int64_t size = file.content_size_in_bytes.value_or(-1);
  if (offset < 0 || size < 0 || size > kMaxVectorBytes) {
    return Corrupt("deletion vector in \"{}\" has offset {} and size {}", location, offset, size);
  }
  std::string name = VectorName(file);
  if (auto known = lake.cache().Get<RowSet>(name)) return known;
  LAKE_ASSIGN_OR_RETURN(std::string blob,
                        lake.store().GetRange(location, static_cast<uint64_t>(offset), static_cast<uint64_t>(size)));
  LAKE_ASSIGN_OR_RETURN(Positions positions, ParseDeletionVector(blob, file.record_count, location));
  auto shared = std::make_shared<const RowSet>(RowsAt(positions));
  lake.cache().Put<RowSet>(name, shared, shared->MemoryUsage());
  return shared;
}

std::string PositionDeletesName(const iceberg::DataFile& file) { return "deletes " + file.file_path.str(); }

std::shared_ptr<const PositionDeletes> Keep(LakeInstance& lake, const iceberg::DataFile& file,
                                            PositionDeletes deletes) {
  size_t weight = 0;
  for (const auto& [path, rows] : deletes) weight += path.size() + rows.MemoryUsage();
  auto shared = std::make_shared<const PositionDeletes>(std::move(deletes));
  lake.cache().Put<PositionDeletes>(PositionDeletesName(file), shared, weight);
  return shared;
}

Result<std::shared_ptr<const PositionDeletes>> ReadPositionDeletes(duckdb::ClientContext& context, LakeInstance& lake,
                                                                   const iceberg::DataFile& file) {
  if (auto known = lake.cache().Get<PositionDeletes>(PositionDeletesName(file))) return known;
  auto name = [&] { return fmt::format("position delete file \"{}\"", file.file_path); };
  LAKE_ASSIGN_OR_RETURN(PositionDeletes deletes, Guarded([&] { return ReadPositionDeleteFile(context, file); }, name));
  return Keep(lake, file, std::move(deletes));
}

}  // namespace

void RememberDeletionVector(LakeInstance& lake, const iceberg::DataFile& file, RowSet rows) {
  auto shared = std::make_shared<const RowSet>(std::move(rows));
  lake.cache().Put<RowSet>(VectorName(file), shared, shared->MemoryUsage());
}

void RememberPositionDeletes(LakeInstance& lake, const iceberg::DataFile& file, PositionDeletes deletes) {
  Keep(lake, file, std::move(deletes));
}

Result<std::shared_ptr<const DeletedRows>> HiddenRowsOf(duckdb::ClientContext& context, LakeInstance& lake,
                                                        EqualityDeletes& by_keys, const iceberg::ScanTask& task,
                                                        const RowSet* deleted, int64_t row_limit) {
  const iceberg::DataFile& file = *task.file;
  RowSet rows;
  for (const iceberg::ScanDelete& applies : task.deletes) {
    if (applies.file->is_deletion_vector()) {
      LAKE_ASSIGN_OR_RETURN(auto vector, ReadDeletionVector(lake, *applies.file));
      rows.Add(*vector);
    } else if (applies.file->content == iceberg::FileContent::kPositionDeletes) {
      LAKE_ASSIGN_OR_RETURN(auto by_path, ReadPositionDeletes(context, lake, *applies.file));
      if (auto at = by_path->find(file.file_path.str()); at != by_path->end()) rows.Add(at->second);
    }
  }
  LAKE_ASSIGN_OR_RETURN(auto matched, Guarded([&] { return by_keys.RowsOf(context, task); }));
  if (matched) rows.Add(*matched);
  if (deleted != nullptr) rows.Add(*deleted);
  if (rows.empty() && row_limit >= file.record_count) return std::shared_ptr<const DeletedRows>();
  if (file.record_count > RowSet::kMaxRow) {
    return Unsupported("data file \"{}\" has {} rows, too many for deleted ones among them", file.file_path.str(),
                       file.record_count);
  }
  return std::make_shared<const DeletedRows>(std::move(rows), row_limit);
}

std::vector<iceberg::Location> AppliedTo(const iceberg::ScanTask& task) {
  std::vector<iceberg::Location> applied;
  for (const iceberg::ScanDelete& applies : task.deletes) applied.push_back(applies.file->file_path);
  std::sort(applied.begin(), applied.end());
  return applied;
}

void DeletedRows::FindLive(int64_t start, uint32_t count, LiveRows& live) const {
  live.Clear();
  count = static_cast<uint32_t>(std::clamp<int64_t>(row_limit_ - start, 0, count));
  uint32_t next = 0;  // behind the last deleted row
  RowSet::Cursor deleted(rows_);
  if (start > 0) deleted.SeekTo(static_cast<uint32_t>(std::min(start, RowSet::kMaxRow)));
  for (; !deleted.at_end() && deleted.row() < start + count; deleted.Next()) {
    const auto at = static_cast<uint32_t>(deleted.row() - start);
    live.Add(next, at);
    next = at + 1;
  }
  live.Add(next, count);
}

namespace {

/// With more of them a selection is cheaper.
constexpr size_t kMaxRuns = 100;

/// What Filter keeps back for RemoveFrom.
thread_local struct {
  const DeletedRowsFilter* filter = nullptr;
  LiveRows live;
} kept_back;

}  // namespace

duckdb::idx_t DeletedRowsFilter::Filter(duckdb::row_t start, duckdb::idx_t count, duckdb::SelectionVector& result) {
  LiveRows& live = kept_back.live;
  rows_->FindLive(start, static_cast<uint32_t>(count), live);
  const bool filtered = reader_.filters && !reader_.filters->filters.empty();
  kept_back.filter = nullptr;
  if (live.count() == count) return count;  // without a selection DuckDB reads on as if nothing were deleted
  if (!filtered && live.count() > 0 && live.runs().size() <= kMaxRuns) {
    kept_back.filter = this;
    return count;
  }
  result.Initialize(STANDARD_VECTOR_SIZE);
  live.CopyTo(result.data());
  return live.count();
}

void DeletedRowsFilter::RemoveFrom(duckdb::DataChunk& chunk) const {
  if (kept_back.filter != this) return;
  kept_back.filter = nullptr;
  kept_back.live.KeepIn(chunk);
}

}  // namespace lake::server
