// See the header. What lies in a vector is measured as a whole; a row then adds up and writes the part that is its own.
#include "server/engine/nested_encoder.h"

#include <vector>

#include "duckdb/main/client_context.hpp"
#include "wire/byte_order.h"

namespace lake::server {

namespace {

using duckdb::Vector;

constexpr uint32_t kNull = 0xffffffff;
constexpr size_t kLength = 4;

void Put(char*& at, uint32_t value) {
  wire::StoreBig32(at, value);
  at += kLength;
}

class ListEncoder final : public ColumnEncoder {
 public:
  explicit ListEncoder(std::unique_ptr<ColumnEncoder> element) : element_(std::move(element)) {}

  void Measure(Vector& column, size_t count, size_t* sizes) override {
    column.ToUnifiedFormat(count, data_);
    entries_ = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(data_);
    size_t elements = duckdb::ListVector::GetListSize(column);
    element_sizes_.assign(elements, 0);
    element_->Measure(duckdb::ListVector::GetEntry(column), elements, element_sizes_.data());
    own_.assign(count, 0);
    for (size_t row = 0; row < count; ++row) {
      sizes[row] += kLength;
      if (IsNull(row)) continue;
      const auto& entry = Entry(row);
      own_[row] = kLength;
      for (size_t i = 0; i < entry.length; ++i) own_[row] += element_sizes_[entry.offset + i];
      sizes[row] += own_[row];
    }
  }

  void Write(size_t begin, size_t end, char** cursors) override {
    for (size_t row = begin; row < end; ++row) {
      char*& at = cursors[row - begin];
      if (IsNull(row)) {
        Put(at, kNull);
        continue;
      }
      const auto& entry = Entry(row);
      Put(at, static_cast<uint32_t>(own_[row]));
      Put(at, static_cast<uint32_t>(entry.length));
      cursors_.resize(entry.length);
      for (size_t i = 0; i < entry.length; ++i) {
        cursors_[i] = at;
        at += element_sizes_[entry.offset + i];
      }
      element_->Write(entry.offset, entry.offset + entry.length, cursors_.data());
    }
  }

  std::string_view Text(size_t, bool&) override { return {}; }  // binary only

 private:
  bool IsNull(size_t row) const { return !data_.validity.RowIsValid(data_.sel->get_index(row)); }
  const duckdb::list_entry_t& Entry(size_t row) const { return entries_[data_.sel->get_index(row)]; }

  std::unique_ptr<ColumnEncoder> element_;
  duckdb::UnifiedVectorFormat data_;
  const duckdb::list_entry_t* entries_ = nullptr;
  std::vector<size_t> element_sizes_;
  std::vector<size_t> own_;  // bytes of each row's value
  std::vector<char*> cursors_;
};

class StructEncoder final : public ColumnEncoder {
 public:
  explicit StructEncoder(std::vector<std::unique_ptr<ColumnEncoder>> fields) : fields_(std::move(fields)) {}

  void Measure(Vector& column, size_t count, size_t* sizes) override {
    column.Flatten(count);  // a struct's rows are its fields' rows only then
    column_ = &column;
    own_.assign(count, 0);
    auto& entries = duckdb::StructVector::GetEntries(column);
    for (size_t i = 0; i < fields_.size(); ++i) fields_[i]->Measure(*entries[i], count, own_.data());
    for (size_t row = 0; row < count; ++row) sizes[row] += kLength + (IsNull(row) ? 0 : own_[row]);
  }

  void Write(size_t begin, size_t end, char** cursors) override {
    for (size_t row = begin; row < end; ++row) {
      char*& at = cursors[row - begin];
      if (IsNull(row)) {
        Put(at, kNull);
        continue;
      }
      Put(at, static_cast<uint32_t>(own_[row]));
      for (auto& field : fields_) field->Write(row, row + 1, &at);
    }
  }

  std::string_view Text(size_t, bool&) override { return {}; }  // binary only

 private:
  bool IsNull(size_t row) const { return duckdb::FlatVector::IsNull(*column_, row); }

  std::vector<std::unique_ptr<ColumnEncoder>> fields_;
  Vector* column_ = nullptr;
  std::vector<size_t> own_;
};

}  // namespace

std::unique_ptr<ColumnEncoder> MakeNestedEncoder(duckdb::ClientContext& context, const duckdb::LogicalType& type) {
  switch (type.InternalType()) {
    case duckdb::PhysicalType::LIST:  // of a map: a list of structs
      return std::make_unique<ListEncoder>(MakeNestedEncoder(context, duckdb::ListType::GetChildType(type)));
    case duckdb::PhysicalType::STRUCT: {
      if (type.id() != duckdb::LogicalTypeId::STRUCT) break;  // unions and variants are structs inside
      std::vector<std::unique_ptr<ColumnEncoder>> fields;
      for (const auto& [name, field] : duckdb::StructType::GetChildTypes(type)) {
        fields.push_back(MakeNestedEncoder(context, field));
      }
      return std::make_unique<StructEncoder>(std::move(fields));
    }
    default: break;
  }
  return MakeColumnEncoder(context, type, wire::Format::kBinary);
}

}  // namespace lake::server
