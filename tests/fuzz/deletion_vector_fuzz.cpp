// Deletion vectors, and the roaring bitmaps in them. Length and checksum of an input are made right, too, so that
// changes of the bitmap get past them.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/lake/deletion_vector.h"
#include "wire/byte_order.h"

namespace lake::server {
namespace {

std::string MadeRight(std::string_view blob) {
  std::string bytes(blob);
  std::string_view bitmap = std::string_view(bytes).substr(4, bytes.size() - 8);
  auto sum = crc32(0, reinterpret_cast<const Bytef*>(bitmap.data()), static_cast<uInt>(bitmap.size()));
  wire::StoreBig32(bytes.data(), static_cast<uint32_t>(bitmap.size()));
  wire::StoreBig32(bytes.data() + bytes.size() - 4, static_cast<uint32_t>(sum));
  return bytes;
}

void Check(std::string_view blob, int64_t cardinality) {
  auto rows = ParseDeletionVector(blob, cardinality, "fuzz");
  if (!rows.ok()) return;
  if (static_cast<int64_t>(rows->size()) != cardinality) std::abort();
  if (!std::is_sorted(rows->begin(), rows->end()) || (!rows->empty() && rows->front() < 0)) std::abort();
}

void Vector(std::string_view blob) {
  // How many there must be stands elsewhere: the corpus has these.
  for (int64_t cardinality : {0, 1, 2, 3, 5, 100, 4097, 70000}) Check(blob, cardinality);
}

void Bitmap(std::string_view bytes) {
  auto rows = RowSet::Parse(bytes);
  if (!rows.ok()) return;
  std::string again = rows->ToBytes();
  auto read = RowSet::Parse(again);
  if (!read.ok() || !(*read == *rows)) std::abort();
}

}  // namespace
}  // namespace lake::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  lake::server::Bitmap(bytes);
  lake::server::Vector(bytes);
  if (size >= 8) lake::server::Vector(lake::server::MadeRight(bytes));
  return 0;
}
