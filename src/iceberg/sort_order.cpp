#include "iceberg/sort_order.h"

namespace lake::iceberg {

Result<SortOrder> ParseSortOrder(const Json& json) {
  JsonObject object(json, "sort order");
  SortOrder order;
  LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("order-id"));
  order.order_id = SortOrderId{id};
  LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("fields"));
  for (const Json& item : *fields) {
    JsonObject field_object(item, "sort field");
    SortField field;
    LAKE_ASSIGN_OR_RETURN(std::string transform, field_object.String("transform"));
    LAKE_ASSIGN_OR_RETURN(field.transform, Transform::Parse(transform));
    if (field_object.Find("source-ids") != nullptr) {
      LAKE_ASSIGN_OR_RETURN(const Json* ids, field_object.Array("source-ids"));
      for (const Json& source : *ids) {
        LAKE_ASSIGN_OR_RETURN(int32_t source_id, JsonToInt32(source, "source id"));
        field.source_ids.emplace_back(source_id);
      }
    } else {
      LAKE_ASSIGN_OR_RETURN(int32_t source_id, field_object.Int32("source-id"));
      field.source_ids.emplace_back(source_id);
    }
    LAKE_ASSIGN_OR_RETURN(std::string direction, field_object.String("direction"));
    LAKE_ASSIGN_OR_RETURN(std::string nulls, field_object.String("null-order"));
    if (direction != "asc" && direction != "desc") return Corrupt("invalid sort direction \"{}\"", direction);
    if (nulls != "nulls-first" && nulls != "nulls-last") return Corrupt("invalid null order \"{}\"", nulls);
    field.ascending = direction == "asc";
    field.nulls_first = nulls == "nulls-first";
    order.fields.push_back(std::move(field));
  }
  return order;
}

Json SortOrderToJson(const SortOrder& order) {
  Json fields = Json::array();
  for (const SortField& field : order.fields) {
    Json item = {{"transform", field.transform.ToString()},
                 {"direction", field.ascending ? "asc" : "desc"},
                 {"null-order", field.nulls_first ? "nulls-first" : "nulls-last"}};
    if (field.source_ids.size() == 1) {
      item["source-id"] = field.source_ids.front().value;
    } else {
      for (FieldId id : field.source_ids) item["source-ids"].push_back(id.value);
    }
    fields.push_back(std::move(item));
  }
  return {{"order-id", order.order_id.value}, {"fields", std::move(fields)}};
}

}  // namespace lake::iceberg
