#include "server/lake/live_rows.h"

#include <cstring>
#include <numeric>

namespace lake::server {

void LiveRows::Add(uint32_t begin, uint32_t end) {
  if (begin == end) return;
  runs_.push_back({begin, end});
  count_ += end - begin;
}

void LiveRows::CopyTo(uint32_t* out) const {
  // Runs are short where there are many: blocks of one length need no loop that ends somewhere else each time. What a
  // block has too much, the next run overwrites.
  constexpr uint32_t kBlock = 16;
  const uint32_t* end = out + count_;
  for (const Run& run : runs_) {
    uint32_t row = run.begin;
    for (; row < run.end && end - out >= kBlock; row += kBlock, out += kBlock) {
      for (uint32_t i = 0; i < kBlock; ++i) out[i] = row + i;
    }
    if (row > run.end) {
      out -= row - run.end;
    } else {
      std::iota(out, out + (run.end - row), row);
      out += run.end - row;
    }
  }
}

void LiveRows::KeepIn(duckdb::DataChunk& chunk) const {
  for (auto& vector : chunk.data) KeepIn(vector);
  chunk.SetCardinality(count_);
}

void LiveRows::KeepIn(duckdb::Vector& vector) const {
  const auto physical = vector.GetType().InternalType();
  const bool is_struct = physical == duckdb::PhysicalType::STRUCT;
  switch (vector.GetVectorType()) {
    case duckdb::VectorType::CONSTANT_VECTOR: return;
    case duckdb::VectorType::DICTIONARY_VECTOR: {
      auto& rows = duckdb::DictionaryVector::SelVector(vector);
      if (is_struct || !rows.IsSet()) break;  // fields of a struct have selections of their own
      return MoveTogether(rows.data(), sizeof(duckdb::sel_t));
    }
    case duckdb::VectorType::FLAT_VECTOR:
      if (is_struct) {
        for (auto& field : duckdb::StructVector::GetEntries(vector)) KeepIn(*field);
      } else if (duckdb::TypeIsConstantSize(physical) || physical == duckdb::PhysicalType::VARCHAR ||
                 physical == duckdb::PhysicalType::LIST) {
        MoveTogether(duckdb::FlatVector::GetData(vector), duckdb::GetTypeIdSize(physical));
      } else {
        break;
      }
      return KeepIn(duckdb::FlatVector::Validity(vector));
    default: break;
  }
  duckdb::SelectionVector rows(count_);
  CopyTo(rows.data());
  vector.Slice(rows, count_);
}

template <typename T>
void LiveRows::MoveTogether(T* values, size_t width) const {
  auto* bytes = reinterpret_cast<char*>(values);
  char* out = bytes;
  for (const Run& run : runs_) {
    const size_t size = (run.end - run.begin) * width;
    std::memmove(out, bytes + run.begin * width, size);
    out += size;
  }
}

void LiveRows::KeepIn(duckdb::ValidityMask& validity) const {
  if (validity.AllValid()) return;
  duckdb::idx_t out = 0;
  for (const Run& run : runs_) {
    for (uint32_t row = run.begin; row < run.end; ++row) validity.Set(out++, validity.RowIsValid(row));
  }
}

}  // namespace lake::server
