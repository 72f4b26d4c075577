// See the header.
#include "parquet_bytes.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>

#include "thrift/protocol/TCompactProtocol.h"
#include "thrift/transport/TVirtualTransport.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace lake::fuzz {

namespace {

using duckdb_parquet::ColumnMetaData;
using duckdb_parquet::FileMetaData;
using duckdb_parquet::RowGroup;
using duckdb_parquet::SchemaElement;

constexpr std::string_view kMagic = "PAR1";
constexpr size_t kTailSize = 8;  // the footer's length and the magic

class Memory : public duckdb_apache::thrift::transport::TVirtualTransport<Memory> {
 public:
  explicit Memory(std::string bytes = {}) : bytes_(std::move(bytes)) {}

  uint32_t read(uint8_t* to, uint32_t size) {
    auto count = static_cast<uint32_t>(std::min<size_t>(size, bytes_.size() - at_));
    std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  void write(const uint8_t* from, uint32_t size) { bytes_.append(reinterpret_cast<const char*>(from), size); }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

using Protocol = duckdb_apache::thrift::protocol::TCompactProtocolT<Memory>;

size_t Below(std::mt19937& random, size_t limit) { return limit == 0 ? 0 : random() % limit; }

/// Another number in its place: one on an edge, or one near it.
template <typename T>
void LieOf(T& number, std::mt19937& random) {
  static constexpr int64_t kEdges[] = {INT64_MIN,        INT32_MIN,        -1,        0,      1, 2, 127, INT32_MAX,
                                       int64_t{1} << 32, int64_t{1} << 62, INT64_MAX, 1000000};
  auto bits = static_cast<uint64_t>(number);
  switch (Below(random, 3)) {
    case 0: bits = static_cast<uint64_t>(kEdges[Below(random, std::size(kEdges))]); break;
    case 1: bits += random() % 2 == 0 ? 1 : ~uint64_t{0}; break;
    default: bits *= 2;
  }
  number = static_cast<T>(bits);
}

/// Enumerations are kept as whatever number was read, by Thrift, too.
template <typename E>
void LieOfKind(E& kind, std::mt19937& random) {
  kind = static_cast<E>(Below(random, 24));
}

void LieOfBytes(std::string& bytes, std::mt19937& random) {
  bytes.resize(std::max<size_t>(bytes.size(), 1));
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size(), bytes.size()));
  if (random() % 4 == 0) bytes.resize(Below(random, 17));
}

void LieOf(SchemaElement& element, std::mt19937& random) {
  switch (Below(random, 10)) {
    case 0:
      element.__isset.type = random() % 4 != 0;
      element.type = static_cast<duckdb_parquet::Type::type>(Below(random, 9));
      return;
    case 1: element.__isset.type_length = true; return LieOf(element.type_length, random);
    case 2:
      element.__isset.repetition_type = true;
      element.repetition_type = static_cast<duckdb_parquet::FieldRepetitionType::type>(Below(random, 4));
      return;
    case 3: element.__isset.num_children = true; return LieOf(element.num_children, random);
    case 4: element.__isset.converted_type = true; return LieOfKind(element.converted_type, random);
    case 5: element.__isset.scale = true; return LieOf(element.scale, random);
    case 6: element.__isset.precision = true; return LieOf(element.precision, random);
    case 7: element.__isset.field_id = true; return LieOf(element.field_id, random);
    case 8: element.__isset.logicalType = !element.__isset.logicalType; return;
    default: return LieOfBytes(element.name, random);
  }
}

void LieOf(ColumnMetaData& column, std::mt19937& random) {
  auto& statistics = column.statistics;
  switch (Below(random, 14)) {
    case 0: return LieOf(column.num_values, random);
    case 1: return LieOf(column.total_compressed_size, random);
    case 2: return LieOf(column.total_uncompressed_size, random);
    case 3: return LieOf(column.data_page_offset, random);
    case 4: column.__isset.dictionary_page_offset = true; return LieOf(column.dictionary_page_offset, random);
    case 5: return LieOfKind(column.codec, random);
    case 6: return LieOfKind(column.type, random);
    case 7: column.__isset.bloom_filter_offset = true; return LieOf(column.bloom_filter_offset, random);
    case 8: statistics.__isset.null_count = true; return LieOf(statistics.null_count, random);
    case 9: statistics.__isset.min_value = true; return LieOfBytes(statistics.min_value, random);
    case 10: statistics.__isset.max_value = true; return LieOfBytes(statistics.max_value, random);
    case 11: std::swap(statistics.min_value, statistics.max_value); return;
    case 12:
      statistics.__isset.min = statistics.__isset.max = !statistics.__isset.min;
      statistics.min = statistics.min_value;
      statistics.max = statistics.max_value;
      return;
    default: column.__isset.statistics = !column.__isset.statistics;
  }
}

/// Removes, repeats or moves one element of a list.
template <typename T>
void LieOfList(T& list, std::mt19937& random) {
  if (list.empty()) return;
  size_t at = Below(random, list.size());
  switch (Below(random, 3)) {
    case 0: list.erase(list.begin() + static_cast<int64_t>(at)); return;
    case 1: list.push_back(typename T::value_type(list[at])); return;
    default: std::swap(list[at], list[Below(random, list.size())]);
  }
}

}  // namespace

std::optional<ParquetParts> SplitParquet(std::string_view file) {
  if (file.size() < kMagic.size() + kTailSize || !file.ends_with(kMagic)) return std::nullopt;
  uint32_t length = 0;
  std::memcpy(&length, file.data() + file.size() - kTailSize, sizeof(length));
  if (length > file.size() - kTailSize - kMagic.size()) return std::nullopt;
  size_t body = file.size() - kTailSize - length;
  return ParquetParts{std::string(file.substr(0, body)), std::string(file.substr(body, length))};
}

std::string JoinParquet(const ParquetParts& parts) {
  auto length = static_cast<uint32_t>(parts.footer.size());
  std::string file = parts.body + parts.footer;
  file.append(reinterpret_cast<const char*>(&length), sizeof(length));
  return file.append(kMagic);
}

std::optional<FileMetaData> ReadFooter(std::string_view footer) {
  try {
    // An element takes a byte at least, so a list that is longer than the footer cannot be read.
    auto limit = static_cast<int32_t>(footer.size() + 1);
    Protocol protocol(std::make_shared<Memory>(std::string(footer)), limit, limit);
    FileMetaData metadata;
    metadata.read(&protocol);
    return metadata;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string WriteFooter(const FileMetaData& metadata) {
  auto memory = std::make_shared<Memory>();
  Protocol protocol(memory);
  metadata.write(&protocol);
  return std::move(memory->bytes());
}

void Lie(FileMetaData& metadata, std::mt19937& random) {
  RowGroup* group =
      metadata.row_groups.empty() ? nullptr : &metadata.row_groups[Below(random, metadata.row_groups.size())];
  switch (Below(random, 12)) {
    case 0: return LieOf(metadata.num_rows, random);
    case 1: return LieOfList(metadata.schema, random);
    case 2: return LieOfList(metadata.row_groups, random);
    case 3:
      if (group != nullptr) LieOf(group->num_rows, random);
      return;
    case 4:
      if (group != nullptr) LieOfList(group->columns, random);
      return;
    case 5:
    case 6:
    case 7:
      if (!metadata.schema.empty()) LieOf(metadata.schema[Below(random, metadata.schema.size())], random);
      return;
    default:
      if (group == nullptr || group->columns.empty()) return;
      LieOf(group->columns[Below(random, group->columns.size())].meta_data, random);
  }
}

size_t MutateParquet(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  std::mt19937 random(seed);
  auto parts = SplitParquet({reinterpret_cast<const char*>(data), size});
  if (!parts || random() % 32 == 0) return LLVMFuzzerMutate(data, size, max_size);
  auto mutate = [](std::string& bytes) {
    size_t before = bytes.size();
    bytes.resize(before + 64);
    bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), before, bytes.size()));
  };
  size_t kind = random() % 4;
  if (kind == 0) mutate(parts->body);
  if (kind == 1) mutate(parts->footer);
  if (kind > 1) {
    auto metadata = ReadFooter(parts->footer);
    if (!metadata) return LLVMFuzzerMutate(data, size, max_size);
    for (size_t lies = 1 + random() % 3; lies > 0; --lies) Lie(*metadata, random);
    parts->footer = WriteFooter(*metadata);
  }
  std::string file = JoinParquet(*parts);
  if (file.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, file.data(), file.size());
  return file.size();
}

}  // namespace lake::fuzz
