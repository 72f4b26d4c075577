// See the header.
#include "server/lake/row_sample.h"

#include <algorithm>
#include <limits>

namespace lake::server {

namespace {

constexpr int64_t kStrata = 128;
/// A small table is read as a whole: no run is shorter than so many times the rows that are wanted of it.
constexpr int64_t kReadPerRow = 100;
/// More rows than asked for, so that chance seldom leaves too few: the caller takes what it needs of them.
constexpr double kReserve = 1.1;

/// A well-mixed number of the three (splitmix64).
uint64_t Mix(uint64_t seed, uint64_t file, uint64_t row) {
  uint64_t x = seed + 0x9e3779b97f4a7c15U * (file + 1) + 0xd1b54a32d192ed03U * (row + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

RowSample::RowSample(const std::vector<const ScanFile*>& files, int64_t rows, uint64_t seed) : seed_(seed) {
  int64_t total = 0;
  for (const ScanFile* file : files) total += file->row_limit;
  int64_t read = std::max<int64_t>(rows, 1) * kReadPerRow;
  int64_t strata = read < total ? kStrata : 1;
  read = std::min(read, total);
  if (read > 0) fraction_ = static_cast<double>(rows) * kReserve / static_cast<double>(read);

  std::vector<RowRun> runs;  // over all rows
  for (int64_t i = 0; i < strata; ++i) {
    int64_t begin = total / strata * i;
    int64_t length = read / strata;
    int64_t room = total / strata - length;
    if (room > 0) begin += static_cast<int64_t>(Mix(seed, 0, static_cast<uint64_t>(i)) % static_cast<uint64_t>(room));
    runs.push_back({begin, begin + length});
  }
  int64_t first = 0;
  for (const ScanFile* file : files) {
    for (const RowRun& run : runs) {
      RowRun inside{std::max<int64_t>(run.begin - first, 0), std::min(run.end - first, file->row_limit)};
      if (inside.begin < inside.end) runs_[file->ordinal].push_back(inside);
    }
    first += file->row_limit;
  }
}

const std::vector<RowRun>& RowSample::RunsIn(uint64_t ordinal) const {
  static const std::vector<RowRun> none;
  auto at = runs_.find(ordinal);
  return at == runs_.end() ? none : at->second;
}

bool SampledRowsFilter::IsSampled(int64_t row) const {
  double chance = static_cast<double>(Mix(sample_->seed(), ordinal_, static_cast<uint64_t>(row)) >> 11) * 0x1.0p-53;
  if (chance >= sample_->fraction()) return false;
  for (const RowRun& run : sample_->RunsIn(ordinal_)) {
    if (row >= run.begin && row < run.end) return true;
  }
  return false;
}

duckdb::idx_t SampledRowsFilter::Filter(duckdb::row_t start, duckdb::idx_t count, duckdb::SelectionVector& result) {
  LiveRows live;
  if (hidden_) {
    hidden_->FindLive(start, static_cast<uint32_t>(count), live);
  } else {
    live.Add(0, static_cast<uint32_t>(count));
  }
  result.Initialize(STANDARD_VECTOR_SIZE);
  duckdb::idx_t found = 0;
  for (const LiveRows::Run& run : live.runs()) {
    for (uint32_t row = run.begin; row < run.end; ++row) {
      if (IsSampled(start + row)) result.set_index(found++, row);
    }
  }
  return found;
}

}  // namespace lake::server
