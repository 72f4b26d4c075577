// Theta sketches as a blob could hold them, and sketches of the input's bytes: whatever their order and however they
// were divided, what they say is the same, and what is written says it, too.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "iceberg/theta_sketch.h"

namespace lake::iceberg {
namespace {

void Read(std::string_view blob) {
  auto estimate = EstimateOfThetaSketch(blob);
  if (estimate.ok() && (!std::isfinite(*estimate) || *estimate < 0 || *estimate > 18446744073709551616.0)) std::abort();
}

/// Every piece of a few bytes is a value; the first byte says how long they are.
void Write(std::string_view bytes) {
  if (bytes.empty()) return;
  size_t length = static_cast<size_t>(bytes[0] & 7) + 1;
  ThetaSketch all, even, odd;
  bool is_even = true;
  for (size_t at = 1; at < bytes.size(); at += length, is_even = !is_even) {
    all.Add(bytes.substr(at, length));
    (is_even ? even : odd).Add(bytes.substr(at, length));
  }
  odd.Merge(even);
  if (odd.Serialize() != all.Serialize() || odd.Estimate() != all.Estimate()) std::abort();
  auto read = EstimateOfThetaSketch(all.Serialize());
  if (!read.ok() || *read != all.Estimate()) std::abort();
}

}  // namespace
}  // namespace lake::iceberg

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  lake::iceberg::Read(bytes);
  lake::iceberg::Write(bytes);
  return 0;
}
