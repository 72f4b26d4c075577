// Parquet footers as other engines could have written them, as lake.add_files takes counts and bounds from them: whole
// files, or footers alone. Bounds are in order, and can be written and read again.
#include <cstdlib>

#include "parquet_bytes.h"
#include "server/lake/parquet_footer.h"

namespace lake::server {
namespace {

using iceberg::Literal;
using iceberg::Type;
using iceberg::TypeId;

void CheckBound(const std::optional<Literal>& bound, const Type& type) {
  if (!bound) return;
  if (bound->is_nan() || bound->type().id() != type.id()) std::abort();
  auto again = Literal::FromBinary(type, bound->ToBinary());
  if (again.ok() && Literal::Compare(*again, *bound) != 0) std::abort();
  static_cast<void>(TruncateLowerBound(*bound, 3));
  static_cast<void>(TruncateUpperBound(*bound, 3));
  static_cast<void>(bound->ToString());
}

void Check(const duckdb_parquet::FileMetaData& metadata) {
  ParquetFooter footer(metadata);
  if (auto rows = footer.Rows(); rows && (*rows < 0 || *rows != metadata.num_rows)) std::abort();
  auto offsets = footer.SplitOffsets();
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] <= (i == 0 ? 0 : offsets[i - 1])) std::abort();
  }
  for (const auto& element : metadata.schema) {
    for (const Type& type :
         {Type(TypeId::kBoolean), Type(TypeId::kInt), Type(TypeId::kLong), Type(TypeId::kFloat), Type(TypeId::kDouble),
          Type::Decimal(9, 2), Type::Decimal(38, 10), Type(TypeId::kDate), Type(TypeId::kTime),
          Type(TypeId::kTimestamp), Type(TypeId::kTimestampTz), Type(TypeId::kTimestampNs), Type(TypeId::kString),
          Type(TypeId::kUuid), Type(TypeId::kBinary), Type::Fixed(3)}) {
      auto found = footer.Statistics(element.name, type);
      if (!found) continue;
      if (found->bytes < 0 || found->nulls.value_or(0) < 0 || found->nulls.value_or(0) > found->values) std::abort();
      CheckBound(found->lower, type);
      CheckBound(found->upper, type);
      if (found->lower && found->upper && Literal::Compare(*found->lower, *found->upper) > 0) std::abort();
    }
  }
}

}  // namespace
}  // namespace lake::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto parts = lake::fuzz::SplitParquet(bytes);
  auto metadata = lake::fuzz::ReadFooter(parts ? std::string_view(parts->footer) : bytes);
  if (metadata) lake::server::Check(*metadata);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return lake::fuzz::MutateParquet(data, size, max_size, seed);
}
