// See the header.
#include "avro_bytes.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "avro/file.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace lake::fuzz {

namespace {

using avro::Decoder;
using avro::Encoder;
using avro::Schema;

struct AvroParts {
  avro::FileMetadata metadata;
  avro::SchemaPtr schema;
  std::vector<std::string> objects;
};

std::optional<AvroParts> Split(std::string_view file) {
  auto reader = avro::FileReader::Open(file, "fuzz");
  if (!reader.ok()) return std::nullopt;
  AvroParts parts{reader->metadata(), nullptr, {}};
  auto json = ParseJson(*reader->FindMetadata("avro.schema"), "avro.schema");
  auto schema = avro::ParseSchema(*json);
  if (!schema.ok()) return std::nullopt;
  parts.schema = *schema;
  auto status = reader->ForEach([&](Decoder& decoder) -> Status {
    Decoder start = decoder;
    decoder.Skip(*parts.schema);
    parts.objects.emplace_back(start.Fixed(decoder.position() - start.position()));
    return {};
  });
  if (!status.ok()) return std::nullopt;
  return parts;
}

std::string Join(AvroParts parts) {
  std::string schema = parts.metadata["avro.schema"];
  avro::FileWriter writer(schema, parts.metadata, avro::Codec::kNull);
  for (const std::string& object : parts.objects) {
    writer.encoder().Fixed(object);
    if (!writer.EndObject().ok()) return {};
  }
  auto file = std::move(writer).Finish();
  return file.ok() ? *std::move(file) : std::string();
}

/// A number, text, or choice of a union in an object, with the place where it stands.
struct Leaf {
  size_t begin, end;
  Schema::Kind kind;
  size_t branches = 0;  // kUnion
};

void FindLeaves(Decoder& decoder, const Schema& schema, std::vector<Leaf>& leaves, int depth = 0) {
  if (depth > 20 || decoder.failed()) return;
  size_t begin = decoder.position();
  switch (schema.kind) {
    case Schema::Kind::kRecord:
      for (const avro::Field& field : schema.fields) FindLeaves(decoder, *field.type, leaves, depth + 1);
      return;
    case Schema::Kind::kArray:
      decoder.Items(false, [&] { FindLeaves(decoder, schema.items(), leaves, depth + 1); });
      return;
    case Schema::Kind::kUnion: {
      size_t branch = decoder.Branch(schema.children.size());
      leaves.push_back({begin, decoder.position(), schema.kind, schema.children.size()});
      if (!decoder.failed()) FindLeaves(decoder, *schema.children[branch], leaves, depth + 1);
      return;
    }
    default: decoder.Skip(schema); leaves.push_back({begin, decoder.position(), schema.kind});
  }
}

size_t Below(std::mt19937& random, size_t limit) { return limit == 0 ? 0 : random() % limit; }

std::string MutatedBytes(std::string_view before, std::mt19937& random) {
  std::string bytes(before);
  size_t room = bytes.size() + 1 + Below(random, 16);
  bytes.resize(room);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), before.size(), room));
  return bytes;
}

std::string Lie(std::string_view value, const Leaf& leaf, std::mt19937& random) {
  static constexpr int64_t kEdges[] = {INT64_MIN, INT32_MIN,        -1,       0, 1, 2, 3, 1000,
                                       INT32_MAX, int64_t{1} << 32, INT64_MAX};
  Encoder encoder;
  Decoder decoder(value);
  switch (leaf.kind) {
    case Schema::Kind::kInt:
    case Schema::Kind::kLong: {
      auto before = static_cast<uint64_t>(decoder.Long());
      bool near = random() % 2 == 0;
      encoder.Long(near ? static_cast<int64_t>(before + (random() % 2 == 0 ? 1 : ~uint64_t{0}))
                        : kEdges[Below(random, std::size(kEdges))]);
      break;
    }
    case Schema::Kind::kBytes:
    case Schema::Kind::kString: encoder.Bytes(MutatedBytes(decoder.Bytes(), random)); break;
    case Schema::Kind::kUnion: encoder.Branch(static_cast<int64_t>(Below(random, leaf.branches))); break;
    default: {
      std::string bytes(value);
      bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size(), bytes.size()));
      bytes.resize(value.size());
      return bytes;
    }
  }
  return encoder.bytes();
}

void LieIn(AvroParts& parts, std::mt19937& random) {
  if (parts.objects.empty()) return;
  std::string& object = parts.objects[Below(random, parts.objects.size())];
  std::vector<Leaf> leaves;
  Decoder decoder(object);
  FindLeaves(decoder, *parts.schema, leaves);
  if (leaves.empty() || decoder.failed()) return;
  const Leaf& leaf = leaves[Below(random, leaves.size())];
  object.replace(leaf.begin, leaf.end - leaf.begin,
                 Lie(std::string_view(object).substr(leaf.begin, leaf.end - leaf.begin), leaf, random));
}

void Mutate(AvroParts& parts, std::mt19937& random) {
  switch (random() % 8) {
    case 0: {  // schema, partition spec, content, format version
      auto at = std::next(parts.metadata.begin(), static_cast<int64_t>(Below(random, parts.metadata.size())));
      at->second = MutatedBytes(at->second, random);
      return;
    }
    case 1:
      if (parts.objects.empty()) return;
      parts.objects.push_back(parts.objects[Below(random, parts.objects.size())]);
      return;
    case 2: {
      if (parts.objects.empty()) return;
      std::string& object = parts.objects[Below(random, parts.objects.size())];
      object = MutatedBytes(object, random);
      return;
    }
    default:
      for (size_t lies = 1 + random() % 4; lies > 0; --lies) LieIn(parts, random);
  }
}

}  // namespace

size_t MutateAvro(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  std::mt19937 random(seed);
  auto parts = Split({reinterpret_cast<const char*>(data), size});
  if (!parts || random() % 32 == 0) return LLVMFuzzerMutate(data, size, max_size);
  Mutate(*parts, random);
  std::string file = Join(*std::move(parts));
  if (file.empty() || file.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, file.data(), file.size());
  return file.size();
}

}  // namespace lake::fuzz
