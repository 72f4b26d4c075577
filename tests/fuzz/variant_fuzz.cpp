// Variants: a byte that says how long the metadata is, the metadata, the value. What can be read can be written and
// read again, and is the same, unless it has numbers that are not written.
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>

#include "server/functions/json_text.h"
#include "server/lake/variant_binary.h"

namespace lake::server {
namespace {

Result<std::string> Read(std::string_view metadata, std::string_view value) {
  std::string json;
  LAKE_ASSIGN_OR_RETURN(VariantNames names, VariantNames::Parse(metadata));
  LAKE_RETURN_IF_ERROR(AppendVariant(names, value, json));
  return json;
}

void Check(std::string_view metadata, std::string_view value) {
  auto json = Read(metadata, value);
  if (!json.ok()) return;
  std::string normal;
  try {
    normal = NormalizeJson(*json);
  } catch (const std::exception&) {
    return;  // no numeric holds it
  }
  auto bytes = EncodeVariant(normal);
  if (!bytes.ok()) return;
  auto again = Read(bytes->metadata, bytes->value);
  if (!again.ok() || NormalizeJson(*again) != normal) std::abort();
}

}  // namespace
}  // namespace lake::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  size_t names = data[0] < bytes.size() ? data[0] : bytes.size();
  lake::server::Check(bytes.substr(0, names), bytes.substr(names));
  return 0;
}
