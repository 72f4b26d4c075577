// See the header.
#include "server/lake/default_value.h"

#include <cmath>

#include "base/text_encoding.h"
#include "duckdb/common/types/vector.hpp"
#include "server/lake/duck_types.h"
#include "server/lake/value_decoder.h"

namespace lake::server {

namespace {

using Default = std::shared_ptr<const iceberg::Literal>;

Result<Default> Parse(const Json& json, const std::string& column, const iceberg::Type& type) {
  JsonObject object(json, fmt::format("default of column \"{}\"", column));
  LAKE_ASSIGN_OR_RETURN(std::string wire, object.String("wire"));
  LAKE_ASSIGN_OR_RETURN(std::string hex, object.String("value"));
  LAKE_ASSIGN_OR_RETURN(std::string bytes, HexDecode(hex));
  LAKE_ASSIGN_OR_RETURN(WireType wire_type, ParseWireType(wire));
  iceberg::NestedField field{iceberg::FieldId{0}, column, true, type, std::nullopt};
  LAKE_ASSIGN_OR_RETURN(ValueDecoder decoder, ValueDecoder::Create(column, wire_type, field, false));
  duckdb::Vector vector(decoder.type());
  decoder.SetTarget(vector);
  LAKE_RETURN_IF_ERROR(decoder.Decode(bytes, 0));
  auto literal = LiteralOf(vector.GetValue(0));
  if (literal) literal = literal->CastTo(type);
  bool is_float = type.id() == iceberg::TypeId::kFloat || type.id() == iceberg::TypeId::kDouble;
  if (!literal || (is_float && !std::isfinite(literal->CastTo(iceberg::TypeId::kDouble)->as<double>()))) {
    return InvalidInput("Iceberg has no default for column \"{}\" of type {} like this", column, type.ToString());
  }
  return std::make_shared<const iceberg::Literal>(std::move(*literal));
}

}  // namespace

Result<Default> ParseInitialDefault(const JsonObject& object, const std::string& column, const iceberg::Type& type) {
  const Json* json = object.Find("initial_default");
  if (json == nullptr) return Default();
  return Parse(*json, column, type);
}

Result<Default> ParseWriteDefault(const JsonObject& object, const std::string& column, const iceberg::Type& type) {
  const Json* json = object.Find("write_default");
  if (json == nullptr) return Default();
  auto value = Parse(*json, column, type);
  return value.ok() ? value : Default();
}

}  // namespace lake::server
