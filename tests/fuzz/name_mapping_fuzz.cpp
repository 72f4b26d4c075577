// Name mappings as a table's properties could hold them, applied to columns of every shape.
#include <cstdint>
#include <string_view>

#include "server/lake/column_mapping.h"

namespace {

using duckdb::LogicalType;
using duckdb::MultiFileColumnDefinition;

MultiFileColumnDefinition Column(const char* name, LogicalType type,
                                 std::vector<MultiFileColumnDefinition> children = {}) {
  MultiFileColumnDefinition column(name, std::move(type));
  for (MultiFileColumnDefinition& child : children) column.children.push_back(std::move(child));
  return column;
}

duckdb::vector<MultiFileColumnDefinition> Columns() {
  auto pair = LogicalType::STRUCT({{"a", LogicalType::INTEGER}, {"b", LogicalType::VARCHAR}});
  auto members = [] {
    return std::vector<MultiFileColumnDefinition>{Column("a", LogicalType::INTEGER), Column("b", LogicalType::VARCHAR)};
  };
  auto element = Column("element", pair, members());
  auto key = Column("key", LogicalType::VARCHAR);
  auto value = Column("value", pair, members());
  duckdb::vector<MultiFileColumnDefinition> columns;
  columns.push_back(Column("id", LogicalType::BIGINT));
  columns.push_back(Column("s", pair, members()));
  columns.push_back(Column("l", LogicalType::LIST(pair), {element}));
  columns.push_back(Column("m", LogicalType::MAP(LogicalType::VARCHAR, pair), {key, value}));
  columns.push_back(Column("a.b", LogicalType::VARCHAR));
  return columns;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lake::server;
  auto mapping = NameMapping::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!mapping.ok()) return 0;
  auto columns = Columns();
  mapping->Apply(columns);
  static_cast<void>(HasFieldIds(columns));
  FillMissingIds(columns);
  return 0;
}
