#include "avro/file.h"

#include <algorithm>

#include "base/uuid.h"

namespace lake::avro {

namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr size_t kSyncSize = 16;
constexpr size_t kMaxSchemaSize = size_t{1} << 20;  // every object costs a look at every field of it
constexpr size_t kMaxBlockSize = size_t{256} << 20;

/// All blocks of a file together may decompress to this much: real manifests shrink ten- to thirtyfold.
size_t MaxTotalSize(size_t file_size) { return (size_t{64} << 20) + file_size * 200; }

}  // namespace

Error FileReader::Broken(size_t offset, std::string_view what) const {
  return Corrupt("invalid Avro file \"{}\" at byte {}: {}", name_, offset, what);
}

Result<FileReader> FileReader::Open(std::string_view bytes, std::string_view name) {
  FileReader reader;
  reader.name_ = std::string(name);
  reader.bytes_ = bytes;
  if (!bytes.starts_with(kMagic)) return reader.Broken(0, "it does not start with the magic \"Obj\\1\"");
  Decoder decoder(bytes);
  decoder.Fixed(kMagic.size());
  decoder.Items(false, [&] {
    std::string key(decoder.Bytes());
    reader.metadata_[std::move(key)] = std::string(decoder.Bytes());
  });
  reader.sync_ = decoder.Fixed(kSyncSize);
  if (decoder.failed()) return reader.Broken(decoder.problem_position(), decoder.problem());
  reader.first_block_ = decoder.position();

  const std::string* schema = reader.FindMetadata("avro.schema");
  if (schema == nullptr) return reader.Broken(kMagic.size(), "it has no avro.schema");
  auto context = [&] { return fmt::format("invalid Avro file \"{}\"", name); };
  auto json = ParseJson(*schema, "avro.schema", {.max_bytes = kMaxSchemaSize});
  if (!json.ok()) return std::move(json).error().WithContext(context());
  auto parsed = ParseSchema(*json);
  if (!parsed.ok()) return std::move(parsed).error().WithContext(context());
  reader.schema_ = *std::move(parsed);
  if (const std::string* codec = reader.FindMetadata("avro.codec"); codec != nullptr) {
    auto known = ParseCodec(*codec);
    if (!known.ok()) return std::move(known).error().WithContext(context());
    reader.codec_ = *known;
  }
  return reader;
}

const std::string* FileReader::FindMetadata(const std::string& key) const {
  auto at = metadata_.find(key);
  return at == metadata_.end() ? nullptr : &at->second;
}

Status FileReader::ForEach(const std::function<Status(Decoder&)>& read) {
  Decoder file(bytes_);
  file.Fixed(first_block_);
  size_t budget = MaxTotalSize(bytes_.size());
  while (!file.at_end()) {
    size_t start = file.position();
    int64_t count = file.Long();
    std::string_view stored = file.Bytes();
    std::string_view sync = file.Fixed(kSyncSize);
    if (file.failed()) return Broken(file.problem_position(), file.problem());
    if (sync != sync_) return Broken(start, "the block does not end with the file's sync marker");
    auto data = Decompress(codec_, stored, std::min(budget, kMaxBlockSize));
    if (!data.ok()) return Broken(start, data.error().message());
    budget -= data->size();
    if (count < 0 || (static_cast<uint64_t>(count) > data->size() && !schema_->always_empty)) {
      return Broken(start, fmt::format("a block of {} bytes cannot hold {} objects", data->size(), count));
    }
    if (schema_->always_empty && count > 0) return Broken(start, "its objects are empty");
    Decoder decoder(*data);
    for (int64_t i = 0; i < count; i++) {
      LAKE_RETURN_IF_ERROR(read(decoder));
      if (decoder.failed()) {
        return Broken(start, fmt::format("{} (object {} of the block, byte {} of its data)", decoder.problem(), i,
                                         decoder.problem_position()));
      }
    }
    if (!decoder.at_end()) return Broken(start, "the block has bytes left over");
  }
  return {};
}

FileWriter::FileWriter(std::string_view schema, FileMetadata metadata, Codec codec, size_t block_size)
    : codec_(codec), block_size_(block_size) {
  Uuid marker = Uuid::Random();
  sync_.assign(reinterpret_cast<const char*>(marker.bytes.data()), marker.bytes.size());
  metadata["avro.schema"] = std::string(schema);
  metadata["avro.codec"] = CodecName(codec);
  Encoder header;
  header.Fixed(kMagic);
  header.Long(static_cast<int64_t>(metadata.size()));
  for (const auto& [key, value] : metadata) {
    header.Bytes(key);
    header.Bytes(value);
  }
  header.Long(0);
  header.Fixed(sync_);
  out_ = header.bytes();
}

Status FileWriter::EndObject() {
  objects_++;
  return encoder_.size() >= block_size_ ? FlushBlock() : Status();
}

Status FileWriter::FlushBlock() {
  if (objects_ == 0) return {};
  LAKE_ASSIGN_OR_RETURN(std::string data, Compress(codec_, encoder_.bytes()));
  Encoder frame;
  frame.Long(objects_);
  frame.Bytes(data);
  frame.Fixed(sync_);
  out_ += frame.bytes();
  encoder_.Clear();
  objects_ = 0;
  return {};
}

Result<std::string> FileWriter::Finish() && {
  LAKE_RETURN_IF_ERROR(FlushBlock());
  return std::move(out_);
}

}  // namespace lake::avro
