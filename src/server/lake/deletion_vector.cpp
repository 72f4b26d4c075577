// See the header.
#include "server/lake/deletion_vector.h"

#include <zlib.h>

#include <cstring>
#include <limits>

#include "wire/byte_order.h"

namespace lake::server {

namespace {

constexpr iceberg::FieldId kPosId{2147483645};  // the metadata column _pos
constexpr char kVectorMagic[4] = {'\xD1', '\xD3', '\x39', '\x64'};

uint32_t Checksum(std::string_view bytes) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

template <typename T>
T TakeLittle(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return value;
}

template <typename T>
void AppendLittle(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void AppendBig32(std::string& bytes, uint32_t value) {
  char text[4];
  wire::StoreBig32(text, value);
  bytes.append(text, sizeof(text));
}

}  // namespace

Result<std::vector<int64_t>> ParseDeletionVector(std::string_view blob, int64_t cardinality,
                                                 const std::string& location) {
  auto bad = [&](std::string_view what) { return Corrupt("deletion vector in \"{}\": {}", location, what); };
  if (blob.size() < 20) return bad("it is too short");
  if (wire::LoadBig32(blob.data()) != blob.size() - 8) return bad("its length does not match");
  std::string_view bitmap = blob.substr(4, blob.size() - 8);
  if (bitmap.substr(0, 4) != std::string_view(kVectorMagic, 4)) return bad("wrong magic number");
  if (wire::LoadBig32(blob.data() + blob.size() - 4) != Checksum(bitmap)) return bad("wrong checksum");
  bitmap.remove_prefix(4);

  std::vector<int64_t> positions;
  auto count = TakeLittle<uint64_t>(bitmap);
  int64_t last_key = -1;
  for (uint64_t i = 0; i < count; ++i) {
    if (bitmap.size() < 4) return bad("it ends inside of a bitmap");
    auto key = static_cast<int64_t>(TakeLittle<uint32_t>(bitmap));
    if (key <= last_key || key > std::numeric_limits<int32_t>::max()) return bad("keys are out of order");
    last_key = key;
    auto rows = RowSet::TakeFrom(bitmap);
    if (!rows.ok()) return bad(rows.error().message());
    if (rows->count() > cardinality - static_cast<int64_t>(positions.size())) return bad("it has too many rows");
    for (RowSet::Cursor at(*rows); !at.at_end(); at.Next()) positions.push_back(key << 32 | at.row());
  }
  if (!bitmap.empty()) return bad("it has bytes behind its bitmaps");
  if (static_cast<int64_t>(positions.size()) != cardinality) return bad("it has fewer rows than its entry says");
  return positions;
}

std::string DeletionVectorBlob(const RowSet& rows) {
  std::string bitmap(kVectorMagic, sizeof(kVectorMagic));
  AppendLittle<uint64_t>(bitmap, 1);
  AppendLittle<uint32_t>(bitmap, 0);
  bitmap += rows.ToBytes();
  std::string blob;
  AppendBig32(blob, static_cast<uint32_t>(bitmap.size()));
  blob += bitmap;
  AppendBig32(blob, Checksum(bitmap));
  return blob;
}

iceberg::DataFile AddDeletionVector(iceberg::PuffinWriter& puffin, const iceberg::Location& location,
                                    const iceberg::DataFile& data_file, const RowSet& rows) {
  iceberg::PuffinBlob blob;
  blob.type = iceberg::kDeletionVectorBlob;
  blob.fields = {kPosId};
  blob.properties = {{"referenced-data-file", data_file.file_path.str()},
                     {"cardinality", fmt::format("{}", rows.count())}};
  const iceberg::PuffinBlob& added = puffin.Add(std::move(blob), DeletionVectorBlob(rows));
  iceberg::DataFile vector;
  vector.content = iceberg::FileContent::kPositionDeletes;
  vector.file_format = iceberg::FileFormat::kPuffin;
  vector.file_path = location;
  vector.spec_id = data_file.spec_id;
  vector.partition = data_file.partition;
  vector.record_count = rows.count();
  vector.referenced_data_file = data_file.file_path;
  vector.content_offset = added.offset;
  vector.content_size_in_bytes = added.length;
  return vector;
}

}  // namespace lake::server
