// Puffin files as a bucket could hold them. Blobs lie within the file, and what was read can be written and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "iceberg/puffin.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lake::iceberg;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto blobs = ReadPuffinFooter(bytes, "fuzz");
  if (!blobs.ok()) return 0;
  PuffinWriter writer;
  for (const PuffinBlob& blob : *blobs) {
    auto offset = static_cast<size_t>(blob.offset);
    auto length = static_cast<size_t>(blob.length);
    if (offset > size || length > size - offset) std::abort();
    writer.Add(blob, bytes.substr(offset, std::min<size_t>(length, 64)));
  }
  auto again = std::move(writer).Finish();
  if (!again.ok()) return 0;  // text that is not UTF-8 has no JSON
  auto read = ReadPuffinFooter(*again, "again");
  if (!read.ok() || read->size() != blobs->size()) std::abort();
  for (size_t i = 0; i < read->size(); i++) {
    if ((*read)[i].type != (*blobs)[i].type || (*read)[i].fields != (*blobs)[i].fields) std::abort();
  }
  return 0;
}
