// See the header. The text is ours, but it comes back through PostgreSQL: it is checked like any other input.
#include "server/lake/change.h"

#include <algorithm>
#include <unordered_map>

#include "base/json.h"
#include "base/text_encoding.h"
#include "iceberg/content_file_json.h"

namespace lake::server {

namespace {

constexpr int kChangeVersion = 1;

Result<std::vector<iceberg::DataFile>> ParseFiles(const JsonObject& object, const iceberg::TableMetadata& base) {
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

/// What JSON's or another library's error says, as an error of the change.
Error BadChange(const Error& error) { return Corrupt("change: {}", error.message()); }

Result<RowSet> ParseRows(const JsonObject& object) {
  LAKE_ASSIGN_OR_RETURN(const Json* text, object.Get("rows"));
  if (!text->is_string()) return Corrupt("\"rows\" of {} is not a string", object.name());
  auto bytes = Base64Decode(text->get_ref<const std::string&>());
  if (!bytes.ok()) return BadChange(bytes.error());
  auto rows = RowSet::Parse(*bytes);
  if (!rows.ok()) return BadChange(rows.error());
  return rows;
}

Result<std::vector<FileDelete>> ParseDeletes(const JsonObject& object) {
  std::vector<FileDelete> result;
  if (object.Find("deletes") == nullptr) return result;
  std::vector<iceberg::Location> delete_files;
  LAKE_ASSIGN_OR_RETURN(const Json* names, object.Array("delete-files"));
  for (const Json& name : *names) {
    if (!name.is_string()) return Corrupt("an entry of \"delete-files\" of a change is not a string");
    delete_files.emplace_back(name.get<std::string>());
  }
  LAKE_ASSIGN_OR_RETURN(const Json* deletes, object.Array("deletes"));
  for (const Json& entry : *deletes) {
    JsonObject member(entry, "entry of \"deletes\" of a change");
    FileDelete parsed;
    LAKE_ASSIGN_OR_RETURN(std::string path, member.String("path"));
    parsed.path = iceberg::Location(std::move(path));
    LAKE_ASSIGN_OR_RETURN(parsed.rows, ParseRows(member));
    LAKE_ASSIGN_OR_RETURN(const Json* applied, member.Array("applied"));
    for (const Json& index : *applied) {
      LAKE_ASSIGN_OR_RETURN(int64_t at, JsonToInt64(index, "applied"));
      if (at < 0 || at >= static_cast<int64_t>(delete_files.size())) {
        return Corrupt("change names delete file {} of {}", at, delete_files.size());
      }
      parsed.applied.push_back(delete_files[static_cast<size_t>(at)]);
    }
    std::sort(parsed.applied.begin(), parsed.applied.end());
    result.push_back(std::move(parsed));
  }
  return result;
}

Status ParseOrder(const JsonObject& object, Change& change) {
  if (object.Find("order") == nullptr) return {};
  LAKE_ASSIGN_OR_RETURN(const Json* entries, object.Array("order"));
  for (const Json& entry : *entries) {
    if (!entry.is_array() || entry.size() != 2) return Corrupt("an entry of \"order\" of a change is not a pair");
    LAKE_ASSIGN_OR_RETURN(int64_t file, JsonToInt64(entry[0], "file of order"));
    LAKE_ASSIGN_OR_RETURN(int64_t rows, JsonToInt64(entry[1], "rows of order"));
    if (file < 0 || file >= static_cast<int64_t>(change.files.size()) || rows < 0) {
      return Corrupt("order of a change says {} rows of file {}", rows, file);
    }
    change.order.emplace_back(static_cast<size_t>(file), rows);
  }
  return {};
}

}  // namespace

Result<std::string> ChangeText(const std::vector<iceberg::DataFile>& files, const std::vector<FileDelete>& deletes,
                               const RowOrder& order) {
  Json list = Json::array();
  for (const iceberg::DataFile& file : files) list.push_back(iceberg::DataFileToJson(file));
  Json change{{"v", kChangeVersion}, {"files", std::move(list)}};
  if (!order.empty()) change["order"] = order;
  if (deletes.empty()) return DumpJson(change);

  // A delete file may apply to thousands of data files: each is named once.
  Json names = Json::array();
  Json entries = Json::array();
  std::unordered_map<iceberg::Location, size_t> index;
  for (const FileDelete& file : deletes) {
    Json applied = Json::array();
    for (const iceberg::Location& delete_file : file.applied) {
      auto [at, is_new] = index.emplace(delete_file, index.size());
      if (is_new) names.push_back(delete_file.str());
      applied.push_back(at->second);
    }
    entries.push_back(
        {{"path", file.path.str()}, {"rows", Base64Encode(file.rows.ToBytes())}, {"applied", std::move(applied)}});
  }
  change["delete-files"] = std::move(names);
  change["deletes"] = std::move(entries);
  return DumpJson(change);
}

Result<std::vector<int64_t>> Change::RowsOfFiles() const {
  std::vector<int64_t> counts;
  int64_t total = 0;
  for (const iceberg::DataFile& file : files) {
    counts.push_back(file.record_count);
    if (__builtin_add_overflow(total, file.record_count, &total)) {
      return Corrupt("changes are said to have added more rows than can be");
    }
  }
  if (!rows || *rows >= total) return counts;
  int64_t left = *rows;
  if (order.empty() || left == 0) {
    for (int64_t& count : counts) {
      count = std::min(left, count);
      left -= count;
    }
    return counts;
  }
  std::vector<int64_t> limits(files.size());
  for (auto [file, count] : order) {
    int64_t taken = std::min(left, count);
    left -= taken;
    limits[file] += taken;
    if (limits[file] > counts[file]) return Corrupt("order of a change has more rows than its files");
  }
  if (left > 0) return InvalidInput("the first {} rows of a change are not known", *rows);
  return limits;
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
      Json parsed;
      if (member->is_string()) {  // as a write returned it
        LAKE_ASSIGN_OR_RETURN(parsed, ParseJson(member->get_ref<const std::string&>(), "change"));
        member = &parsed;
      }
      JsonObject content(*member, "change");
      LAKE_ASSIGN_OR_RETURN(change.files, ParseFiles(content, base));
      LAKE_ASSIGN_OR_RETURN(change.deletes, ParseDeletes(content));
      LAKE_RETURN_IF_ERROR(ParseOrder(content, change));
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
