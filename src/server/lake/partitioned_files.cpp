// See the header.
#include "server/lake/partitioned_files.h"

#include <algorithm>
#include <unordered_map>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/storage/buffer_manager.hpp"
#include "server/lake/attempt.h"
#include "server/lake/fault_point.h"
#include "server/lake/parallel.h"

namespace lake::server {

using duckdb::ColumnDataCollection;
using duckdb::DataChunk;
using duckdb::idx_t;

namespace {

constexpr int64_t kMinEarlyBytes = 1 << 20;             // a partition with less waits, whatever the memory
constexpr int64_t kRemoteFileBytes = int64_t{8} << 20;  // that an open upload may keep in memory

constexpr size_t kThreadsPerCore = 4;              // at the end, where files are finished one after the other
constexpr int64_t kPlaceBytes = int64_t{4} << 20;  // memory that a place in sorted rows may keep

constexpr const char* kWhat = "dividing rows by partition";

}  // namespace

/// Rows of one partition within sorted rows.
struct PartitionedFiles::Slice {
  std::shared_ptr<ColumnDataCollection> rows;
  idx_t begin = 0;
  idx_t count = 0;
  double row_bytes = 0;
};

struct PartitionedFiles::Partition {
  uint32_t number = 0;
  std::unique_ptr<FileSequence> files;
  Slices waiting;
  int64_t rows = 0;  // that wait
  double bytes = 0;
  bool is_listed = false;  // in full_
  std::mutex writing;      // row groups go into the file in the order they were taken
  std::list<Partition*>::iterator open_at;
  bool is_open = false;
};

struct PartitionedFiles::SortedRows : public DataFiles::Batch {
  struct Range {
    uint32_t number;
    idx_t begin, count;
  };
  std::shared_ptr<ColumnDataCollection> rows;
  std::vector<Range> ranges;
  std::vector<std::pair<uint32_t, int64_t>> arrivals;  // where the order matters
};

/// Copies slices of sorted rows. It keeps its place in the first few of them: the rows of the next partition lie right
/// behind those of the last one, mostly in the same chunk.
class PartitionedFiles::SliceReader {
 public:
  explicit SliceReader(size_t max_places) : max_places_(max_places) {}

  Status Copy(const Slice& slice, ColumnDataCollection& target, duckdb::ColumnDataAppendState& append) {
    Place passing;
    Place& place = PlaceIn(slice, passing);
    DataChunk part;
    part.InitializeEmpty(target.Types());
    for (idx_t at = slice.begin, end = slice.begin + slice.count; at < end;) {
      if (at < place.begin || at >= place.begin + place.chunk.size()) {
        if (!slice.rows->Seek(at, place.scan, place.chunk)) return Internal("rows of a partition are not there");
        place.begin = place.scan.current_row_index;
      }
      idx_t offset = at - place.begin;
      idx_t count = std::min(place.chunk.size() - offset, end - at);
      at += count;
      if (count == place.chunk.size()) {
        target.Append(append, place.chunk);
        continue;
      }
      for (size_t i = 0; i < part.ColumnCount(); ++i) part.data[i].Slice(place.chunk.data[i], offset, offset + count);
      part.SetCardinality(count);
      target.Append(append, part);
    }
    return {};
  }

 private:
  struct Place {
    std::shared_ptr<ColumnDataCollection> rows;
    duckdb::ColumnDataScanState scan;
    DataChunk chunk;
    idx_t begin = 0;
  };

  Place& PlaceIn(const Slice& slice, Place& passing) {
    auto found = places_.find(slice.rows.get());
    if (found != places_.end()) return found->second;
    Place& place = places_.size() < max_places_ ? places_[slice.rows.get()] : passing;
    place.rows = slice.rows;
    place.rows->InitializeScan(place.scan);
    place.rows->InitializeScanChunk(place.scan, place.chunk);
    return place;
  }

  size_t max_places_;
  std::unordered_map<const ColumnDataCollection*, Place> places_;
};

PartitionedFiles::PartitionedFiles(std::shared_ptr<FileSequence::Target> target, const iceberg::PartitionSpec& spec)
    : target_(std::move(target)), spec_(spec) {
  target_->names_later = true;
  budget_ = static_cast<int64_t>(duckdb::BufferManager::GetBufferManager(target_->context).GetMaxMemory() / 4);
  // Uploads keep what is not a part yet.
  bool is_local = target_->options.data_prefix.starts_with("file:");
  if (!is_local) {
    target_->options.max_open_files =
        std::clamp(target_->options.max_open_files, int64_t{1}, std::max<int64_t>(budget_ / kRemoteFileBytes, 1));
  }
}

PartitionedFiles::~PartitionedFiles() = default;

// ------------------------------------------------------------------------------------------------ rows in

Result<std::unique_ptr<PartitionRouter>> PartitionedFiles::TakeRouter() {
  {
    std::lock_guard lock(mutex_);
    if (!routers_.empty()) {
      auto router = std::move(routers_.back());
      routers_.pop_back();
      return router;
    }
  }
  return PartitionRouter::Create(spec_, target_->fields, target_->table.current_schema(), numbers_);
}

void PartitionedFiles::GiveBack(std::unique_ptr<PartitionRouter> router) {
  std::lock_guard lock(mutex_);
  routers_.push_back(std::move(router));
}

Result<std::unique_ptr<DataFiles::Batch>> PartitionedFiles::Prepare(ColumnDataCollection& rows) {
  auto sorted = std::make_unique<SortedRows>();
  std::vector<uint32_t> numbers(rows.Count());
  LAKE_ASSIGN_OR_RETURN(auto router, TakeRouter());
  LAKE_RETURN_IF_ERROR(Attempt(kWhat, [&]() -> Status {
    size_t at = 0;
    for (DataChunk& chunk : rows.Chunks()) {
      LAKE_RETURN_IF_ERROR(router->Route(chunk, numbers.data() + at));
      at += chunk.size();
    }
    return {};
  }));
  GiveBack(std::move(router));
  if (target_->options.ordered_rows != int64_t{0}) {
    for (uint32_t number : numbers) {
      if (sorted->arrivals.empty() || sorted->arrivals.back().first != number) sorted->arrivals.emplace_back(number, 0);
      ++sorted->arrivals.back().second;
    }
  }
  LAKE_RETURN_IF_ERROR(Attempt(kWhat, [&] { return Sort(rows, numbers, *sorted); }));
  // Here, where all threads come by.
  LAKE_RETURN_IF_ERROR(WriteFull());
  return std::unique_ptr<Batch>(std::move(sorted));
}

/// Stable: rows of a partition keep their order.
Status PartitionedFiles::Sort(ColumnDataCollection& rows, const std::vector<uint32_t>& numbers,
                              SortedRows& sorted) const {
  const auto& types = rows.Types();
  sorted.rows = std::make_shared<ColumnDataCollection>(target_->context, types);
  if (std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) == numbers.end()) {
    if (!numbers.empty()) sorted.ranges.push_back({numbers.front(), 0, numbers.size()});
    sorted.rows->Combine(rows);
    return {};
  }
  uint32_t highest = *std::max_element(numbers.begin(), numbers.end());
  std::vector<idx_t> next(size_t{highest} + 2);
  for (uint32_t number : numbers) ++next[number + 1];
  for (uint32_t number = 0; number <= highest; ++number) {
    if (next[number + 1] > 0) sorted.ranges.push_back({number, next[number], next[number + 1]});
    next[number + 1] += next[number];
  }
  std::vector<duckdb::sel_t> order(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) order[next[numbers[i]]++] = static_cast<duckdb::sel_t>(i);

  DataChunk all;
  all.Initialize(duckdb::Allocator::Get(target_->context), types, numbers.size());
  idx_t at = 0;
  for (DataChunk& chunk : rows.Chunks()) {
    for (size_t i = 0; i < types.size(); ++i) {
      duckdb::VectorOperations::Copy(chunk.data[i], all.data[i], chunk.size(), 0, at);
    }
    at += chunk.size();
  }
  all.SetCardinality(at);
  rows.Reset();
  duckdb::ColumnDataAppendState append;
  sorted.rows->InitializeAppend(append);
  DataChunk slice;
  for (idx_t begin = 0; begin < order.size(); begin += STANDARD_VECTOR_SIZE) {
    idx_t count = std::min<idx_t>(STANDARD_VECTOR_SIZE, order.size() - begin);
    duckdb::SelectionVector selection(order.data() + begin);
    slice.Destroy();
    slice.InitializeEmpty(types);
    slice.Slice(all, selection, count);
    slice.SetCardinality(count);
    sorted.rows->Append(append, slice);
  }
  return {};
}

PartitionedFiles::Partition& PartitionedFiles::PartitionOf(uint32_t number) {
  while (partitions_.size() <= number) {
    auto partition = std::make_unique<Partition>();
    partition->number = static_cast<uint32_t>(partitions_.size());
    partition->files = std::make_unique<FileSequence>(target_, numbers_.Tuple(partition->number));
    partitions_.push_back(std::move(partition));
  }
  return *partitions_[number];
}

bool PartitionedFiles::IsFull(const Partition& partition) const {
  return partition.rows >= kMaxRowGroupRows || partition.bytes >= static_cast<double>(target_->options.row_group_size);
}

Status PartitionedFiles::Append(std::unique_ptr<Batch> batch) {
  auto& sorted = static_cast<SortedRows&>(*batch);
  if (sorted.rows->Count() == 0) return {};
  {
    std::lock_guard lock(mutex_);
    double row_bytes = static_cast<double>(sorted.rows->SizeInBytes()) / static_cast<double>(sorted.rows->Count());
    for (const SortedRows::Range& range : sorted.ranges) {
      Partition& partition = PartitionOf(range.number);
      partition.waiting.push_back({sorted.rows, range.begin, range.count, row_bytes});
      partition.rows += static_cast<int64_t>(range.count);
      partition.bytes += row_bytes * static_cast<double>(range.count);
    }
    waiting_bytes_ += static_cast<int64_t>(sorted.rows->SizeInBytes());
    const auto& ordered = target_->options.ordered_rows;
    for (auto [number, count] : sorted.arrivals) {
      if (ordered && arrived_ >= *ordered) break;
      if (ordered) count = std::min(count, *ordered - arrived_);
      arrivals_.emplace_back(number, count);
      arrived_ += count;
    }
    FindFull(sorted);
  }
  batch.reset();  // a row group that is a whole batch is written without being copied
  return WriteFull();
}

void PartitionedFiles::FindFull(const SortedRows& sorted) {
  auto list = [&](Partition& partition) {
    if (!partition.is_listed) full_.push_back(&partition);
    partition.is_listed = true;
  };
  for (const SortedRows::Range& range : sorted.ranges) {
    if (IsFull(*partitions_[range.number])) list(*partitions_[range.number]);
  }
  if (waiting_bytes_ <= budget_) return;
  std::vector<Partition*> large;
  for (const auto& partition : partitions_) {
    if (partition->bytes >= kMinEarlyBytes) large.push_back(partition.get());
  }
  std::sort(large.begin(), large.end(), [](const Partition* a, const Partition* b) { return a->bytes > b->bytes; });
  double left = static_cast<double>(waiting_bytes_);
  for (Partition* partition : large) {
    if (left <= static_cast<double>(budget_) / 2) break;
    left -= partition->bytes;
    list(*partition);
  }
}

// ------------------------------------------------------------------------------------------------ files out

PartitionedFiles::Slices PartitionedFiles::TakeRowGroup(Partition& partition) {
  Slices taken;
  int64_t rows = 0;
  double bytes = 0;
  auto limit = static_cast<double>(target_->options.row_group_size);
  while (!partition.waiting.empty() && rows < kMaxRowGroupRows && bytes < limit) {
    Slice& slice = partition.waiting.front();
    auto fits = static_cast<idx_t>(kMaxRowGroupRows - rows);
    if (slice.row_bytes > 0) fits = std::min(fits, static_cast<idx_t>((limit - bytes) / slice.row_bytes) + 1);
    idx_t count = std::min(slice.count, fits);
    taken.push_back({slice.rows, slice.begin, count, slice.row_bytes});
    rows += static_cast<int64_t>(count);
    bytes += slice.row_bytes * static_cast<double>(count);
    slice.begin += count;
    slice.count -= count;
    if (slice.count == 0) partition.waiting.pop_front();
  }
  partition.rows -= rows;
  partition.bytes -= bytes;
  waiting_bytes_ -= static_cast<int64_t>(bytes);
  return taken;
}

Status PartitionedFiles::WriteFull() {
  for (;;) {
    Partition* partition = nullptr;
    {
      std::lock_guard lock(mutex_);
      if (full_.empty()) return {};
      partition = full_.front();
      full_.pop_front();
    }
    std::lock_guard writing(partition->writing);
    Slices slices;
    {
      std::lock_guard lock(mutex_);
      slices = TakeRowGroup(*partition);
      partition->is_listed = IsFull(*partition);
      if (partition->is_listed) full_.push_back(partition);
    }
    if (slices.empty()) continue;
    SliceReader reader(0);
    LAKE_RETURN_IF_ERROR(WriteSlices(*partition, std::move(slices), reader));
    LAKE_RETURN_IF_ERROR(NoteOpen(*partition));
  }
}

/// Beyond the limit the file that was written longest ago is finished; more rows of its partition go into another one.
Status PartitionedFiles::NoteOpen(Partition& partition) {
  Partition* victim = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (partition.is_open) open_.erase(partition.open_at);
    partition.open_at = open_.insert(open_.end(), &partition);
    partition.is_open = true;
    if (static_cast<int64_t>(open_.size()) > target_->options.max_open_files) {
      victim = open_.front();
      open_.pop_front();
      victim->is_open = false;
    }
  }
  return victim == nullptr ? Status() : victim->files->CloseOpenFile();
}

Status PartitionedFiles::WriteSlices(Partition& partition, Slices slices, SliceReader& reader) {
  if (slices.size() == 1 && slices.front().count == slices.front().rows->Count() &&
      slices.front().rows.use_count() == 1) {
    return partition.files->Write(*slices.front().rows);
  }
  ColumnDataCollection group(target_->context, slices.front().rows->Types());
  LAKE_RETURN_IF_ERROR(Attempt(kWhat, [&]() -> Status {
    duckdb::ColumnDataAppendState append;
    group.InitializeAppend(append);
    for (; !slices.empty(); slices.pop_front()) {
      if (target_->context.interrupted) throw duckdb::InterruptException();
      LAKE_RETURN_IF_ERROR(reader.Copy(slices.front(), group, append));
    }
    return {};
  }));
  return partition.files->Write(group);
}

Status PartitionedFiles::WriteRest(Partition& partition, SliceReader& reader) {
  for (;;) {
    Slices slices;
    {
      std::lock_guard lock(mutex_);
      slices = TakeRowGroup(partition);
    }
    if (slices.empty()) return partition.files->Close();
    LAKE_RETURN_IF_ERROR(WriteSlices(partition, std::move(slices), reader));
  }
}

/// More threads than cores where their rows fit: each waits for its file to be on disk, or at the other end of a
/// network.
Status PartitionedFiles::Close() {
  auto cores = static_cast<size_t>(duckdb::TaskScheduler::GetScheduler(target_->context).NumberOfThreads());
  double most_bytes = 1;
  for (const auto& partition : partitions_) most_bytes = std::max(most_bytes, partition->bytes);
  auto fitting = static_cast<size_t>(static_cast<double>(budget_) / most_bytes);
  size_t threads = HasFaultPoint() ? 1 : std::clamp(fitting, cores, cores * kThreadsPerCore);
  auto max_places = static_cast<size_t>(budget_ / kPlaceBytes) / threads;
  std::vector<std::unique_ptr<SliceReader>> readers;
  for (size_t i = 0; i < threads; ++i) readers.push_back(std::make_unique<SliceReader>(max_places));
  LAKE_RETURN_IF_ERROR(RunParallel(partitions_.size(), threads, [&](size_t i) -> Status {
    std::unique_ptr<SliceReader> reader;
    {
      std::lock_guard lock(mutex_);
      reader = std::move(readers.back());
      readers.pop_back();
    }
    LAKE_RETURN_IF_ERROR(WriteRest(*partitions_[i], *reader));
    std::lock_guard lock(mutex_);
    readers.push_back(std::move(reader));
    return {};
  }));
  if (target_->next_name == 0) return {};
  return target_->lake->store().SyncNames(target_->Location(0));
}

std::vector<iceberg::DataFile> PartitionedFiles::files() const {
  std::vector<iceberg::DataFile> files;
  for (const auto& partition : partitions_) {
    for (iceberg::DataFile& file : partition->files->files()) files.push_back(std::move(file));
  }
  return files;
}

DataFiles::Order PartitionedFiles::order() const {
  // Of each partition: the file that the next row went to, and how many rows of it came before.
  struct At {
    std::vector<iceberg::DataFile> files;
    size_t first = 0, file = 0;
    int64_t rows = 0;
  };
  std::vector<At> partitions(partitions_.size());
  size_t count = 0;
  for (size_t i = 0; i < partitions.size(); ++i) {
    partitions[i].files = partitions_[i]->files->files();
    partitions[i].first = count;
    count += partitions[i].files.size();
  }
  Order order;
  for (auto [number, rows] : arrivals_) {
    At& at = partitions[number];
    while (rows > 0 && at.file < at.files.size()) {
      int64_t taken = std::min(rows, at.files[at.file].record_count - at.rows);
      if (taken > 0) order.emplace_back(at.first + at.file, taken);
      rows -= taken;
      at.rows += taken;
      if (at.rows < at.files[at.file].record_count) continue;
      ++at.file;
      at.rows = 0;
    }
  }
  return order;
}

void PartitionedFiles::Discard() {
  for (const auto& partition : partitions_) partition->files->Discard();
  partitions_.clear();
}

}  // namespace lake::server
