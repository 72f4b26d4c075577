// See the header.
#include "server/lake/key_table.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace lake::server {

using duckdb::idx_t;
using duckdb::PhysicalType;

namespace {

template <typename T>
void AppendFloat(std::string& out, const duckdb::UnifiedVectorFormat& column, idx_t at) {
  T value = duckdb::UnifiedVectorFormat::GetData<T>(column)[at];
  if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

/// Rows of a chunk, as hashes and as bytes.
class KeyTable::Rows {
 public:
  explicit Rows(duckdb::DataChunk& keys) : hashes_(duckdb::LogicalType(duckdb::LogicalTypeId::UBIGINT), keys.size()) {
    keys.Hash(hashes_);
    hashes_.Flatten(keys.size());
    columns_.resize(keys.ColumnCount());
    for (idx_t i = 0; i < keys.ColumnCount(); ++i) {
      keys.data[i].ToUnifiedFormat(keys.size(), columns_[i]);
      types_.push_back(keys.data[i].GetType().InternalType());
    }
  }

  const uint64_t* hashes() const { return duckdb::FlatVector::GetData<uint64_t>(hashes_); }

  /// Two rows have the same bytes just when all their values are equal.
  std::string_view Bytes(idx_t row) {
    scratch_.clear();
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto& column = columns_[i];
      idx_t at = column.sel->get_index(row);
      bool valid = column.validity.RowIsValid(at);
      scratch_.push_back(valid ? '\1' : '\0');
      if (valid) AppendValue(column, types_[i], at);
    }
    return scratch_;
  }

 private:
  void AppendValue(const duckdb::UnifiedVectorFormat& column, PhysicalType type, idx_t at) {
    switch (type) {
      case PhysicalType::VARCHAR: {
        const auto& text = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(column)[at];
        uint32_t size = static_cast<uint32_t>(text.GetSize());
        scratch_.append(reinterpret_cast<const char*>(&size), sizeof(size));
        scratch_.append(text.GetData(), size);
        break;
      }
      case PhysicalType::FLOAT: AppendFloat<float>(scratch_, column, at); break;
      case PhysicalType::DOUBLE: AppendFloat<double>(scratch_, column, at); break;
      default: {
        idx_t size = duckdb::GetTypeIdSize(type);
        scratch_.append(reinterpret_cast<const char*>(column.data) + at * size, size);
      }
    }
  }

  duckdb::Vector hashes_;
  std::vector<duckdb::UnifiedVectorFormat> columns_;
  std::vector<PhysicalType> types_;
  std::string scratch_;
};

void KeyTable::Grow() {
  std::vector<Slot> old(std::max<size_t>(1024, slots_.size() * 2));
  old.swap(slots_);
  size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.key == 0) continue;
    size_t at = slot.hash & mask;
    while (slots_[at].key != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

Status KeyTable::Add(duckdb::DataChunk& keys, int64_t sequence_number) {
  if (size() + keys.size() >= std::numeric_limits<uint32_t>::max()) {
    return Unsupported("equality deletes hold more than {} keys", std::numeric_limits<uint32_t>::max());
  }
  while ((size() + keys.size()) * 2 >= slots_.size()) Grow();
  Rows rows(keys);
  const uint64_t* hashes = rows.hashes();
  size_t mask = slots_.size() - 1;
  for (idx_t row = 0; row < keys.size(); ++row) {
    std::string_view bytes = rows.Bytes(row);
    size_t at = hashes[row] & mask;
    while (slots_[at].key != 0 && (slots_[at].hash != hashes[row] || Key(slots_[at].key) != bytes))
      at = (at + 1) & mask;
    if (slots_[at].key != 0) {
      int64_t& known = sequence_numbers_[slots_[at].key - 1];
      known = std::max(known, sequence_number);
      continue;
    }
    bytes_.append(bytes);
    ends_.push_back(bytes_.size());
    sequence_numbers_.push_back(sequence_number);
    slots_[at] = {hashes[row], static_cast<uint32_t>(size())};
  }
  return {};
}

void KeyTable::Find(duckdb::DataChunk& keys, int64_t sequence_number, std::vector<uint32_t>& found) const {
  found.clear();
  if (size() == 0 || keys.size() == 0) return;
  Rows rows(keys);
  const uint64_t* hashes = rows.hashes();
  size_t mask = slots_.size() - 1;
  for (idx_t row = 0; row < keys.size(); ++row) {
    for (size_t at = hashes[row] & mask; slots_[at].key != 0; at = (at + 1) & mask) {
      if (slots_[at].hash != hashes[row] || Key(slots_[at].key) != rows.Bytes(row)) continue;
      if (sequence_numbers_[slots_[at].key - 1] > sequence_number) found.push_back(static_cast<uint32_t>(row));
      break;
    }
  }
}

size_t KeyTable::MemoryUsage() const {
  return sizeof(KeyTable) + slots_.capacity() * sizeof(Slot) + bytes_.capacity() + ends_.capacity() * sizeof(uint64_t) +
         sequence_numbers_.capacity() * sizeof(int64_t);
}

}  // namespace lake::server
