// Parquet files for fuzz targets: taken apart into what lies before the footer and the footer, which changes of random
// bytes seldom leave whole, and put together again with a length that is right; and footers that can be read and lie.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "parquet_types.h"

namespace lake::fuzz {

struct ParquetParts {
  std::string body;    // the magic at the start and the pages
  std::string footer;  // FileMetaData in Thrift's compact protocol
};

/// nullopt for what does not end as a Parquet file does.
std::optional<ParquetParts> SplitParquet(std::string_view file);
std::string JoinParquet(const ParquetParts& parts);

/// nullopt where Thrift throws, or a list is longer than the footer.
std::optional<duckdb_parquet::FileMetaData> ReadFooter(std::string_view footer);
std::string WriteFooter(const duckdb_parquet::FileMetaData& metadata);

/// Makes one thing in the footer untrue.
void Lie(duckdb_parquet::FileMetaData& metadata, std::mt19937& random);

/// The work of a LLVMFuzzerCustomMutator over files.
size_t MutateParquet(uint8_t* data, size_t size, size_t max_size, unsigned seed);

}  // namespace lake::fuzz
