// See the header.
#include "server/functions/value_text.h"

#include "server/lake/duck_types.h"

namespace lake::server {

Result<std::string> ValueText::Of(const iceberg::Literal& literal) {
  switch (literal.type().id()) {
    case iceberg::TypeId::kString: return literal.as<std::string>();
    case iceberg::TypeId::kStruct: return std::string("{}");  // a default: each field has its own
    case iceberg::TypeId::kBoolean:
      return std::string(literal.as<bool>() ? "true" : "false");  // not the wire's t and f
    default: break;
  }
  LAKE_ASSIGN_OR_RETURN(duckdb::LogicalType type, DuckType(literal.type(), "value"));
  std::unique_ptr<ColumnEncoder>& encoder = encoders_[literal.type().ToString()];
  if (!encoder) encoder = MakeColumnEncoder(context_, type, wire::Format::kText);
  duckdb::Vector vector(DuckValue(literal));
  size_t size = 0;
  bool is_null = false;
  encoder->Measure(vector, 1, &size);
  return std::string(encoder->Text(0, is_null));
}

Result<std::string> ValueText::OfBytes(const iceberg::Type& type, std::string_view bytes) {
  LAKE_ASSIGN_OR_RETURN(iceberg::Literal literal, iceberg::Literal::FromBinary(type, bytes));
  return Of(literal);
}

}  // namespace lake::server
