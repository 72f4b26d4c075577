// See the header.
#include "iceberg/puffin.h"

#include <cstring>

#include "base/json.h"

namespace lake::iceberg {

namespace {

constexpr std::string_view kMagic = "PFA1";
constexpr size_t kFooterEnd = 12;  // payload size, flags, magic

void AppendLittle32(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xff));
}

uint32_t LoadLittle32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
  return value;
}

Json BlobToJson(const PuffinBlob& blob) {
  Json fields = Json::array();
  for (FieldId id : blob.fields) fields.push_back(id.value);
  Json json = {{"type", blob.type},
               {"fields", std::move(fields)},
               {"snapshot-id", blob.snapshot_id},
               {"sequence-number", blob.sequence_number},
               {"offset", blob.offset},
               {"length", blob.length}};
  if (blob.compression_codec) json["compression-codec"] = *blob.compression_codec;
  if (!blob.properties.empty()) json["properties"] = blob.properties;
  return json;
}

Result<PuffinBlob> ParseBlob(const Json& json) {
  JsonObject object(json, "blob");
  PuffinBlob blob;
  LAKE_ASSIGN_OR_RETURN(blob.type, object.String("type"));
  LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("fields"));
  for (const Json& field : *fields) {
    LAKE_ASSIGN_OR_RETURN(int32_t id, JsonToInt32(field, "a field id of a blob"));
    blob.fields.push_back(FieldId{id});
  }
  LAKE_ASSIGN_OR_RETURN(blob.snapshot_id, object.Int64("snapshot-id"));
  LAKE_ASSIGN_OR_RETURN(blob.sequence_number, object.Int64("sequence-number"));
  LAKE_ASSIGN_OR_RETURN(blob.offset, object.Int64("offset"));
  LAKE_ASSIGN_OR_RETURN(blob.length, object.Int64("length"));
  LAKE_ASSIGN_OR_RETURN(blob.compression_codec, object.OptionalString("compression-codec"));
  if (const Json* properties = object.Find("properties"); properties != nullptr) {
    if (!properties->is_object()) return Corrupt("properties of a blob are not an object");
    for (const auto& [key, value] : properties->items()) {
      if (!value.is_string()) return Corrupt("property \"{}\" of a blob is not a string", key);
      blob.properties[key] = value.get<std::string>();
    }
  }
  return blob;
}

}  // namespace

const PuffinBlob& PuffinWriter::Add(PuffinBlob blob, std::string_view bytes) {
  blob.offset = static_cast<int64_t>(bytes_.size());
  blob.length = static_cast<int64_t>(bytes.size());
  bytes_ += bytes;
  return blobs_.emplace_back(std::move(blob));
}

Result<std::string> PuffinWriter::Finish(const Properties& properties) && {
  Json json = {{"blobs", Json::array()}};
  for (const PuffinBlob& blob : blobs_) json["blobs"].push_back(BlobToJson(blob));
  if (!properties.empty()) json["properties"] = properties;
  LAKE_ASSIGN_OR_RETURN(std::string payload, DumpJson(json));
  bytes_ += kMagic;
  bytes_ += payload;
  AppendLittle32(bytes_, static_cast<uint32_t>(payload.size()));
  AppendLittle32(bytes_, 0);
  bytes_ += kMagic;
  return std::move(bytes_);
}

Result<std::vector<PuffinBlob>> ReadPuffinFooter(std::string_view file, std::string_view name) {
  auto broken = [&](std::string_view what) { return Corrupt("invalid Puffin file \"{}\": {}", name, what); };
  if (file.size() < 2 * kMagic.size() + kFooterEnd || !file.starts_with(kMagic) || !file.ends_with(kMagic)) {
    return broken("it does not begin and end with PFA1");
  }
  std::string_view end = file.substr(file.size() - kFooterEnd);
  uint32_t size = LoadLittle32(end);
  uint32_t flags = LoadLittle32(end.substr(4));
  if (size > file.size() - 2 * kMagic.size() - kFooterEnd) return broken("its footer is longer than the file");
  size_t footer = file.size() - kFooterEnd - size - kMagic.size();
  if (file.substr(footer, kMagic.size()) != kMagic) return broken("its footer does not begin with PFA1");
  if (flags != 0) return Unsupported("Puffin file \"{}\" has a compressed footer", name);
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(file.substr(footer + kMagic.size(), size), name));
  JsonObject object(json, fmt::format("footer of \"{}\"", name));
  LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("blobs"));
  std::vector<PuffinBlob> blobs;
  for (const Json& item : *list) {
    auto blob = ParseBlob(item);
    if (!blob.ok()) return broken(blob.error().message());
    auto limit = static_cast<int64_t>(footer);
    if (blob->offset < static_cast<int64_t>(kMagic.size()) || blob->length < 0 || blob->offset > limit ||
        blob->length > limit - blob->offset) {
      return broken("a blob lies outside of it");
    }
    blobs.push_back(*std::move(blob));
  }
  return blobs;
}

}  // namespace lake::iceberg
