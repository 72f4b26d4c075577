// See the header. The text is ours, but it comes back through PostgreSQL: it is checked like any other input.
#include "server/lake/change.h"

#include "base/json.h"
#include "iceberg/content_file_json.h"

namespace lake::server {

namespace {

constexpr int kChangeVersion = 1;

Result<std::vector<iceberg::DataFile>> ParseFiles(const Json& json, const iceberg::TableMetadata& base) {
  JsonObject object(json, "change");
  LAKE_ASSIGN_OR_RETURN(int32_t version, object.Int32("v"));
  if (version != kChangeVersion) return Unsupported("change of version {}, only {} is known", version, kChangeVersion);
  LAKE_ASSIGN_OR_RETURN(const Json* files, object.Array("files"));
  std::vector<iceberg::DataFile> result;
  for (const Json& file : *files) {
    LAKE_ASSIGN_OR_RETURN(int32_t spec, JsonObject(file, "file of a change").Int32("spec-id"));
    if (base.FindSpec(iceberg::SpecId{spec}) == nullptr) {
      return Conflict("rows were written for partition spec {}, which the table does not have any more", spec);
    }
    LAKE_ASSIGN_OR_RETURN(iceberg::DataFile parsed,
                          iceberg::ParseDataFile(file, base.partition_specs, base.current_schema()));
    if (parsed.record_count < 0) return Corrupt("change has a file of {} rows", parsed.record_count);
    result.push_back(std::move(parsed));
  }
  return result;
}

/// The change of an entry, which is text that a write returned or that text's value.
Result<Json> ChangeOf(const Json& member) {
  if (!member.is_string()) return member;
  return ParseJson(member.get_ref<const std::string&>(), "change");
}

}  // namespace

Result<std::string> ChangeText(const std::vector<iceberg::DataFile>& files) {
  Json list = Json::array();
  for (const iceberg::DataFile& file : files) list.push_back(iceberg::DataFileToJson(file));
  return DumpJson(Json{{"v", kChangeVersion}, {"files", std::move(list)}});
}

Result<std::vector<Change>> ParseChanges(const Json& array, const iceberg::TableMetadata& base) {
  if (!array.is_array()) return InvalidInput("changes must be a JSON array");
  std::vector<Change> result;
  for (const Json& entry : array) {
    JsonObject object(entry, "entry of changes");
    LAKE_RETURN_IF_ERROR(object.Check());
    Change change;
    LAKE_ASSIGN_OR_RETURN(auto truncate, object.OptionalBool("truncate"));
    change.truncate = truncate.value_or(false);
    if (!change.truncate) {
      LAKE_ASSIGN_OR_RETURN(const Json* member, object.Get("change"));
      LAKE_ASSIGN_OR_RETURN(Json parsed, ChangeOf(*member));
      LAKE_ASSIGN_OR_RETURN(change.files, ParseFiles(parsed, base));
      LAKE_ASSIGN_OR_RETURN(change.rows, object.OptionalInt64("rows"));
      if (change.rows && *change.rows < 0) return InvalidInput("rows of a change must not be negative");
    }
    result.push_back(std::move(change));
  }
  return result;
}

Result<std::vector<Change>> ParseChanges(std::string_view text, const iceberg::TableMetadata& base) {
  LAKE_ASSIGN_OR_RETURN(Json array, ParseJson(text, "changes"));
  return ParseChanges(array, base);
}

}  // namespace lake::server
