// See the header for the formats. Delete files are parsed once and kept in the instance's cache under their location.
#include "server/lake/deleted_rows.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <roaring/roaring.hh>

#include "server/lake/guarded.h"
#include "wire/byte_order.h"

namespace lake::server {

namespace {

constexpr char kVectorMagic[4] = {'\xD1', '\xD3', '\x39', '\x64'};
constexpr int64_t kMaxVectorBytes = int64_t{1} << 31;

using Positions = std::vector<int64_t>;

template <typename T>
T TakeLittle(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return value;
}

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

Result<std::shared_ptr<const RowSet>> ReadDeletionVector(LakeInstance& lake, const iceberg::DataFile& file) {
  const std::string& location = file.file_path.str();
  int64_t offset = file.content_offset.value_or(-1);
  int64_t size = file.content_size_in_bytes.value_or(-1);
  if (offset < 0 || size < 0 || size > kMaxVectorBytes) {
    return Corrupt("deletion vector in \"{}\" has offset {} and size {}", location, offset, size);
  }
  std::string name = fmt::format("vector {} {}", offset, location);
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
  LAKE_ASSIGN_OR_RETURN(PositionDeletes deletes, Guarded([&] { return ReadPositionDeleteFile(context, file); }));
  return Keep(lake, file, std::move(deletes));
}

}  // namespace

void RememberPositionDeletes(LakeInstance& lake, const iceberg::DataFile& file, PositionDeletes deletes) {
  Keep(lake, file, std::move(deletes));
}

Result<std::vector<int64_t>> ParseDeletionVector(std::string_view blob, int64_t cardinality,
                                                 const std::string& location) {
  auto bad = [&](std::string_view what) { return Corrupt("deletion vector in \"{}\": {}", location, what); };
  if (blob.size() < 20) return bad("it is too short");
  if (wire::LoadBig32(blob.data()) != blob.size() - 8) return bad("its length does not match");
  std::string_view bitmap = blob.substr(4, blob.size() - 8);
  if (bitmap.substr(0, 4) != std::string_view(kVectorMagic, 4)) return bad("wrong magic number");
  uLong crc = crc32(0, reinterpret_cast<const Bytef*>(bitmap.data()), static_cast<uInt>(bitmap.size()));
  if (wire::LoadBig32(blob.data() + blob.size() - 4) != crc) return bad("wrong checksum");
  bitmap.remove_prefix(4);

  std::vector<int64_t> positions;
  auto count = TakeLittle<uint64_t>(bitmap);
  int64_t last_key = -1;
  for (uint64_t i = 0; i < count; ++i) {
    if (bitmap.size() < 4) return bad("it ends inside of a bitmap");
    auto key = static_cast<int64_t>(TakeLittle<uint32_t>(bitmap));
    if (key <= last_key || key > std::numeric_limits<int32_t>::max()) return bad("keys are out of order");
    last_key = key;
    roaring_bitmap_t* parsed = roaring_bitmap_portable_deserialize_safe(bitmap.data(), bitmap.size());
    if (parsed == nullptr) return bad("a bitmap is malformed");
    Roaring rows(parsed);
    size_t used = rows.getSizeInBytes();
    if (used > bitmap.size()) return bad("a bitmap is malformed");
    bitmap.remove_prefix(used);
    if (static_cast<int64_t>(positions.size() + rows.cardinality()) > cardinality) return bad("it has too many rows");
    for (uint32_t row : rows) positions.push_back(key << 32 | row);
  }
  if (!std::is_sorted(positions.begin(), positions.end())) return bad("a bitmap is out of order");
  if (static_cast<int64_t>(positions.size()) != cardinality) return bad("it has fewer rows than its entry says");
  return positions;
}

Result<std::shared_ptr<const DeletedRows>> HiddenRowsOf(duckdb::ClientContext& context, LakeInstance& lake,
                                                        const iceberg::DataFile& file,
                                                        const std::vector<const iceberg::DataFile*>& deletes,
                                                        const RowSet* deleted, int64_t row_limit) {
  RowSet rows;
  for (const iceberg::DataFile* delete_file : deletes) {
    if (delete_file->is_deletion_vector()) {
      LAKE_ASSIGN_OR_RETURN(auto vector, ReadDeletionVector(lake, *delete_file));
      rows.Add(*vector);
    } else {
      LAKE_ASSIGN_OR_RETURN(auto by_path, ReadPositionDeletes(context, lake, *delete_file));
      if (auto at = by_path->find(file.file_path.str()); at != by_path->end()) rows.Add(at->second);
    }
  }
  if (deleted != nullptr) rows.Add(*deleted);
  if (rows.empty() && row_limit >= file.record_count) return std::shared_ptr<const DeletedRows>();
  if (file.record_count > RowSet::kMaxRow) {
    return Unsupported("data file \"{}\" has {} rows, too many for deleted ones among them", file.file_path.str(),
                       file.record_count);
  }
  return std::make_shared<const DeletedRows>(std::move(rows), row_limit);
}

uint32_t DeletedRows::Live(int64_t start, uint32_t count, uint32_t* live) const {
  count = static_cast<uint32_t>(std::clamp<int64_t>(row_limit_ - start, 0, count));
  RowSet::Cursor deleted(rows_);
  if (start > 0) deleted.SeekTo(static_cast<uint32_t>(std::min(start, RowSet::kMaxRow)));
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (!deleted.at_end() && deleted.row() == start + i) {
      deleted.Next();
    } else {
      live[found++] = i;
    }
  }
  return found;
}

duckdb::idx_t DeletedRowsFilter::Filter(duckdb::row_t start, duckdb::idx_t count, duckdb::SelectionVector& result) {
  result.Initialize(STANDARD_VECTOR_SIZE);
  return rows_->Live(start, static_cast<uint32_t>(count), result.data());
}

}  // namespace lake::server
