// Object container files (Avro specification, "Object Container Files"):
//
//   header   "Obj" 01, map of string to bytes (avro.schema, avro.codec, and the writer's own), 16 bytes sync marker
//   blocks   long count of objects, long size in bytes, the (compressed) objects, the sync marker again
//
// Reading holds one decompressed block at a time; sizes are checked against the file before anything is allocated.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "avro/codec.h"
#include "avro/decoder.h"
#include "avro/schema.h"

namespace lake::avro {

using FileMetadata = std::map<std::string, std::string>;

class FileReader {
 public:
  /// Reads the header. `bytes` must outlive the reader; `name` appears in errors: kCorrupt with the byte offset,
  /// kUnsupported for an unknown codec.
  static Result<FileReader> Open(std::string_view bytes, std::string_view name);

  const Schema& schema() const { return *schema_; }
  const FileMetadata& metadata() const { return metadata_; }
  /// The value of a metadata key; null when absent.
  const std::string* FindMetadata(const std::string& key) const;

  /// Calls `read` once per object; it must consume exactly one value of schema(). A failed decoder, or an error from
  /// `read`, ends it. Bytes left over in a block are kCorrupt.
  Status ForEach(const std::function<Status(Decoder&)>& read);

 private:
  FileReader() = default;
  Error Broken(size_t offset, std::string_view what) const;

  std::string name_;
  std::string_view bytes_;
  size_t first_block_ = 0;
  SchemaPtr schema_;
  FileMetadata metadata_;
  Codec codec_ = Codec::kNull;
  std::string_view sync_;
};

/// Builds a file in memory.
class FileWriter {
 public:
  /// `schema` is the JSON text for avro.schema; avro.* keys are added to `metadata`.
  FileWriter(std::string_view schema, FileMetadata metadata, Codec codec, size_t block_size = 64 * 1024);

  /// Where the next object is encoded; EndObject() closes it.
  Encoder& encoder() { return encoder_; }
  Status EndObject();
  /// The file; the writer is used up.
  Result<std::string> Finish() &&;

 private:
  Status FlushBlock();

  Codec codec_;
  size_t block_size_;
  std::string sync_;
  std::string out_;
  Encoder encoder_;
  int64_t objects_ = 0;
};

}  // namespace lake::avro
