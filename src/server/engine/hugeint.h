// DuckDB's integers of 128 bits and the compiler's.
#pragma once

#include <cstdint>

#include "duckdb/common/hugeint.hpp"

namespace lake::server {

inline __int128 FromHugeint(duckdb::hugeint_t value) {
  auto high = static_cast<unsigned __int128>(static_cast<uint64_t>(value.upper));
  return static_cast<__int128>(high << 64 | value.lower);
}

inline duckdb::hugeint_t ToHugeint(__int128 value) {
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(value >> 64);
  return result;
}

}  // namespace lake::server
