// Puffin files: blobs with a footer that says what they are. Deletion vectors are kept in them, and statistics.
//
//   magic "PFA1"
//   blobs, one after the other
//   footer: "PFA1", payload (JSON), payload size:le32, flags:le32 (bit 0: the payload is an LZ4 frame), "PFA1"
//   payload: {"blobs": [{"type", "fields": [ids], "snapshot-id", "sequence-number", "offset", "length",
//             "compression-codec"?, "properties"?}], "properties"?}
//
//   PuffinWriter writer;
//   const PuffinBlob& blob = writer.Add({.type = "deletion-vector-v1", ...}, bytes);
//   std::string file = *std::move(writer).Finish();
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iceberg/snapshot.h"

namespace lake::iceberg {

inline constexpr const char* kDeletionVectorBlob = "deletion-vector-v1";
inline constexpr const char* kThetaSketchBlob = "apache-datasketches-theta-v1";

struct PuffinBlob {
  std::string type;
  std::vector<FieldId> fields;
  int64_t snapshot_id = -1;  // -1: unknown when it was written, as for deletion vectors
  int64_t sequence_number = -1;
  int64_t offset = 0;
  int64_t length = 0;
  std::optional<std::string> compression_codec;  // "lz4", "zstd"; absent: none
  Properties properties;

  bool operator==(const PuffinBlob&) const = default;
};

class PuffinWriter {
 public:
  /// Puts a blob behind those before; the answer says where, and lives as long as the writer.
  const PuffinBlob& Add(PuffinBlob blob, std::string_view bytes);
  /// The whole file. kInvalidInput for properties that are not UTF-8.
  Result<std::string> Finish(const Properties& properties = {}) &&;

 private:
  std::string bytes_ = "PFA1";
  std::deque<PuffinBlob> blobs_;
};

/// The blobs of a whole file, as its footer has them; each lies within the file. kCorrupt names `name`; kUnsupported
/// for a compressed footer.
Result<std::vector<PuffinBlob>> ReadPuffinFooter(std::string_view file, std::string_view name);

}  // namespace lake::iceberg
