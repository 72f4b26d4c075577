// See the header.
#include "server/lake/row_set.h"

#include <bit>
#include <cstring>

namespace lake::server {

namespace {

constexpr uint32_t kCookie = 12346;
constexpr uint32_t kCookieWithRuns = 12347;
constexpr size_t kMaxContainers = 65536;
constexpr size_t kMinContainersWithOffsets = 4;  // when there are runs
constexpr size_t kMaxArrayRows = 4096;
constexpr size_t kBitmapBytes = 8192;

/// Reads and checks the portable form.
class Checker {
 public:
  explicit Checker(std::string_view bytes) : bytes_(bytes) {}

  /// The bytes behind the bitmap.
  Result<std::string_view> Check() {
    LAKE_RETURN_IF_ERROR(CheckHeader());
    for (size_t i = 0; i < containers_; ++i) {
      LAKE_RETURN_IF_ERROR(CheckContainer(i));
    }
    return bytes_;
  }

  static Error Bad(const char* what) { return Corrupt("bitmap of rows {}", what); }

 private:
  static uint32_t Number(std::string_view bytes, size_t at, size_t size) {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
    return value;
  }

  Result<std::string_view> Take(size_t size) {
    if (bytes_.size() < size) return Bad("is cut off");
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  Status CheckHeader() {
    LAKE_ASSIGN_OR_RETURN(std::string_view cookie, Take(4));
    bool has_runs = Number(cookie, 0, 2) == kCookieWithRuns;
    if (has_runs) {
      containers_ = Number(cookie, 2, 2) + 1;
      LAKE_ASSIGN_OR_RETURN(runs_, Take((containers_ + 7) / 8));
    } else {
      if (Number(cookie, 0, 4) != kCookie) return Bad("has an unknown format");
      LAKE_ASSIGN_OR_RETURN(std::string_view count, Take(4));
      containers_ = Number(count, 0, 4);
      if (containers_ > kMaxContainers) return Bad("has too many containers");
    }
    LAKE_ASSIGN_OR_RETURN(descriptions_, Take(containers_ * 4));
    for (size_t i = 1; i < containers_; ++i) {
      if (Number(descriptions_, i * 4 - 4, 2) >= Number(descriptions_, i * 4, 2)) return Bad("is out of order");
    }
    if (!has_runs || containers_ >= kMinContainersWithOffsets) {
      LAKE_ASSIGN_OR_RETURN([[maybe_unused]] std::string_view offsets, Take(containers_ * 4));  // nobody goes by them
    }
    return {};
  }

  Status CheckContainer(size_t i) {
    size_t rows = Number(descriptions_, i * 4 + 2, 2) + 1;
    if (!runs_.empty() && (static_cast<uint8_t>(runs_[i / 8]) >> (i % 8) & 1) != 0) return CheckRuns(rows);
    if (rows > kMaxArrayRows) return CheckBitmap(rows);
    LAKE_ASSIGN_OR_RETURN(std::string_view array, Take(rows * 2));
    for (size_t j = 1; j < rows; ++j) {
      if (Number(array, j * 2 - 2, 2) >= Number(array, j * 2, 2)) return Bad("is out of order");
    }
    return {};
  }

  Status CheckRuns(size_t rows) {
    LAKE_ASSIGN_OR_RETURN(std::string_view count, Take(2));
    LAKE_ASSIGN_OR_RETURN(std::string_view runs, Take(Number(count, 0, 2) * size_t{4}));
    uint32_t next = 0;  // lowest start that a run may have
    size_t found = 0;
    for (size_t at = 0; at < runs.size(); at += 4) {
      uint32_t start = Number(runs, at, 2);
      uint32_t last = start + Number(runs, at + 2, 2);
      if (start < next || last > 0xFFFF) return Bad("is out of order");
      found += last - start + 1;
      next = last + 1;
    }
    return found == rows ? Status() : Bad("has a wrong number of rows");
  }

  Status CheckBitmap(size_t rows) {
    LAKE_ASSIGN_OR_RETURN(std::string_view bits, Take(kBitmapBytes));
    size_t found = 0;
    for (size_t at = 0; at < bits.size(); at += 4) found += static_cast<size_t>(std::popcount(Number(bits, at, 4)));
    return found == rows ? Status() : Bad("has a wrong number of rows");
  }

  std::string_view bytes_;
  size_t containers_ = 0;
  std::string_view runs_;          // a bit a container
  std::string_view descriptions_;  // key and number of rows of each container
};

}  // namespace

int64_t RowSet::CountBelow(int64_t row) const {
  if (row <= 0) return 0;
  return row > kMaxRow ? count() : static_cast<int64_t>(rows_.rank(static_cast<uint32_t>(row - 1)));
}

std::string RowSet::ToBytes() const {
  Roaring rows = rows_;
  rows.runOptimize();
  std::string bytes(rows.getSizeInBytes(), '\0');
  rows.write(bytes.data());
  return bytes;
}

Result<RowSet> RowSet::Parse(std::string_view bytes) {
  LAKE_ASSIGN_OR_RETURN(RowSet set, TakeFrom(bytes));
  if (!bytes.empty()) return Checker::Bad("has bytes behind its end");
  return set;
}

Result<RowSet> RowSet::TakeFrom(std::string_view& bytes) {
  LAKE_ASSIGN_OR_RETURN(std::string_view rest, Checker(bytes).Check());
  size_t size = bytes.size() - rest.size();
  RowSet set;
  set.rows_ = Roaring::readSafe(bytes.data(), size);
  bytes = rest;
  return set;
}

}  // namespace lake::server
