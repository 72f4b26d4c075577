// See the header.
#include "server/lake/foreign_files.h"

#include <algorithm>
#include <set>

#include "duckdb/function/scalar/string_common.hpp"
#include "iceberg/metrics_config.h"
#include "iceberg/scan.h"
#include "parquet_reader.hpp"
#include "server/engine/lake_exception.h"
#include "server/lake/change.h"
#include "server/lake/column_mapping.h"
#include "server/lake/open_file.h"
#include "server/lake/parallel.h"
#include "server/lake/parquet_footer.h"

namespace lake::server {

namespace {

using duckdb::LogicalTypeId;
using iceberg::DataFile;
using iceberg::Literal;
using iceberg::NestedField;

constexpr const char* kNameMappingProperty = "schema.name-mapping.default";
constexpr const char* kHiveNull = "__HIVE_DEFAULT_PARTITION__";
constexpr size_t kFooterThreads = 8;

// -- which files ----------------------------------------------------------------------------------------------------

std::vector<std::string> Parts(const std::string& path) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = path.find('/', begin)) != std::string::npos; begin = end + 1) {
    parts.push_back(path.substr(begin, end - begin));
  }
  parts.push_back(path.substr(begin));
  return parts;
}

/// `**` stands for any number of directories, the other wildcards for parts of one name.
bool Matches(const std::vector<std::string>& parts, size_t part, const std::vector<std::string>& pattern, size_t at) {
  if (at == pattern.size()) return part == parts.size();
  if (pattern[at] == "**") {
    for (size_t skipped = part; skipped <= parts.size(); ++skipped) {
      if (Matches(parts, skipped, pattern, at + 1)) return true;
    }
    return false;
  }
  return part < parts.size() &&
         duckdb::Glob(parts[part].data(), parts[part].size(), pattern[at].data(), pattern[at].size()) &&
         Matches(parts, part + 1, pattern, at + 1);
}

/// The objects of a path: itself, all that match its wildcards, or all Parquet files below it if it ends with a slash.
Status Expand(LakeInstance& lake, const std::string& path, const storage::ReadOptions& options,
              std::set<std::string>& found) {
  std::string pattern = path.ends_with('/') ? path + "**/*.parquet" : path;
  size_t wildcard = pattern.find_first_of("*?[");
  if (wildcard == std::string::npos) {
    found.insert(path);
    return {};
  }
  std::string prefix = pattern.substr(0, pattern.rfind('/', wildcard) + 1);
  std::vector<std::string> wanted = Parts(pattern.substr(prefix.size()));
  size_t before = found.size();
  LAKE_RETURN_IF_ERROR(lake.store().List(
      prefix,
      [&](const storage::ObjectInfo& object) {
        if (Matches(Parts(object.location.substr(prefix.size())), 0, wanted, 0)) found.insert(object.location);
        return true;
      },
      options));
  if (found.size() == before) return NotFound("no file matches \"{}\"", path);
  return {};
}

/// Data files of the base and of the transaction's changes.
Result<std::set<std::string>> ReferencedFiles(LakeInstance& lake, const iceberg::TableMetadata& base,
                                              CachedManifests& manifests, const std::vector<Change>& changes) {
  std::set<std::string> referenced;
  bool counts = std::none_of(changes.begin(), changes.end(), [](const Change& change) { return change.truncate; });
  if (counts && base.current_snapshot() != nullptr) {
    LAKE_ASSIGN_OR_RETURN(iceberg::ScanPlan plan, iceberg::PlanScan(base, base.current_snapshot(), {}, manifests));
    for (const iceberg::ScanTask& task : plan.tasks) referenced.insert(task.file->file_path.str());
  }
  for (const Change& change : changes) {
    if (change.truncate) referenced.clear();
    for (const DataFile& file : change.files) referenced.insert(file.file_path.str());
  }
  return referenced;
}

// -- name mapping ---------------------------------------------------------------------------------------------------

/// The mapping with the fields' names of now added to those that it has. kInvalidInput where one of them stands for
/// another field in it: files that are there already have that one under the name.
Result<Json> Extended(const Json& known, const std::vector<NestedField>& fields) {
  Json mapping = known.is_array() ? known : Json::array();
  for (const NestedField& field : fields) {
    Json* own = nullptr;
    for (Json& entry : mapping) {
      if (!entry.is_object() || !entry.value("names", Json()).is_array()) {
        return Corrupt("{} is not a list of fields", kNameMappingProperty);
      }
      bool is_own = entry.value("field-id", Json()) == field.id.value;
      const Json& names = entry["names"];
      if (!is_own && std::find(names.begin(), names.end(), Json(field.name)) != names.end()) {
        return InvalidInput("name \"{}\" stands for another column in the table's property {}", field.name,
                            kNameMappingProperty);
      }
      if (is_own) own = &entry;
    }
    if (own == nullptr) own = &mapping.emplace_back(Json{{"field-id", field.id.value}, {"names", Json::array()}});
    Json& names = (*own)["names"];
    if (std::find(names.begin(), names.end(), Json(field.name)) == names.end()) names.push_back(field.name);
    if (!field.type.is_nested()) continue;
    LAKE_ASSIGN_OR_RETURN((*own)["fields"], Extended(own->value("fields", Json::array()), field.type.fields()));
  }
  return mapping;
}

// -- one file -------------------------------------------------------------------------------------------------------

std::string UrlDecoded(const std::string& text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    if (text[i] == '%' && i + 2 < text.size() && sscanf(text.c_str() + i + 1, "%2x", &value) == 1) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// The value of `name=value` in a path.
std::optional<std::string> HiveValue(const std::string& path, const std::string& name) {
  std::vector<std::string> parts = Parts(path);
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    size_t equals = parts[i].find('=');
    if (equals != std::string::npos && UrlDecoded(parts[i].substr(0, equals)) == name) {
      return UrlDecoded(parts[i].substr(equals + 1));
    }
  }
  return std::nullopt;
}

class ForeignFile {
 public:
  ForeignFile(duckdb::ClientContext& context, const iceberg::TableMetadata& table, const NameMapping& mapping,
              const std::map<iceberg::FieldId, iceberg::MetricsMode>& modes, bool hive, const std::string& path)
      : context_(context),
        table_(table),
        schema_(table.current_schema()),
        mapping_(mapping),
        modes_(modes),
        hive_(hive),
        path_(path) {}

  /// The file as an entry of a manifest; `needs_mapping` when it has no field ids.
  Result<DataFile> Read(LakeInstance& lake, bool& needs_mapping) {
    LAKE_ASSIGN_OR_RETURN(auto info, lake.store().Head(path_, Cancellable(context_)));
    file_.file_path = iceberg::Location(path_);
    file_.file_size_in_bytes = static_cast<int64_t>(info.size);
    LAKE_ASSIGN_OR_RETURN(duckdb::OpenFileInfo opened, OpenInfoOf(file_));
    auto reader = Open(opened);
    if (!reader.ok()) return std::move(reader).error();
    ParquetFooter footer(*(*reader)->GetFileMetadata());
    needs_mapping = !HasFieldIds((*reader)->columns);
    LAKE_RETURN_IF_ERROR(CheckColumns(**reader));
    auto rows = footer.Rows();
    if (!rows) return Refuse("its footer says {} rows, which is not what its row groups have", (*reader)->NumRows());
    file_.record_count = *rows;
    file_.split_offsets = footer.SplitOffsets();
    for (const NestedField& field : schema_.fields()) LAKE_RETURN_IF_ERROR(AddColumn(footer, field));
    LAKE_RETURN_IF_ERROR(AddPartition());
    return std::move(file_);
  }

 private:
  using Reader = duckdb::unique_ptr<duckdb::ParquetReader>;

  template <typename... Args>
  Error Refuse(fmt::format_string<Args...> text, Args&&... args) const {
    return InvalidInput("cannot add file \"{}\": {}", path_, fmt::format(text, std::forward<Args>(args)...));
  }

  Result<Reader> Open(const duckdb::OpenFileInfo& info) {
    try {
      return duckdb::make_uniq<duckdb::ParquetReader>(context_, info, duckdb::ParquetOptions(context_));
    } catch (const std::exception& exception) {
      duckdb::ErrorData error(exception);
      if (context_.interrupted) throw;
      return Refuse("{}", error.RawMessage());
    }
  }

  /// Every column is the table's of that name, and can be read as its type.
  Status CheckColumns(duckdb::ParquetReader& reader) {
    if (!HasFieldIds(reader.columns)) mapping_.Apply(reader.columns);
    for (const auto& column : reader.columns) {
      const NestedField* field = schema_.FindByName(column.name);
      if (field == nullptr) return Refuse("the table has no column \"{}\"", column.name);
      if (column.identifier.IsNull() || column.GetIdentifierFieldId() != field->id.value) {
        return Refuse("its column \"{}\" has field id {}, the table's has {}", column.name,
                      column.identifier.IsNull() ? "none" : column.identifier.ToString(), field->id);
      }
      LAKE_RETURN_IF_ERROR(CheckTime(*field, column.type));
      present_.insert(field->id);
    }
    auto fits = CheckFileColumns(schema_, reader.columns, path_);
    if (!fits.ok()) return Refuse("{}", fits.error().message());
    for (const NestedField& field : schema_.fields()) {
      if (field.required && !present_.contains(field.id) && !field.initial_default && !HiveText(field)) {
        return Refuse("it has no column \"{}\", which must not be null", field.name);
      }
    }
    return {};
  }

  /// Other engines take a time with and without a zone, or in nanoseconds, for different types.
  Status CheckTime(const NestedField& field, const duckdb::LogicalType& found) const {
    bool zoned = field.type.id() == iceberg::TypeId::kTimestampTz;
    if (!zoned && field.type.id() != iceberg::TypeId::kTimestamp) return {};
    if (found.id() == (zoned ? LogicalTypeId::TIMESTAMP_TZ : LogicalTypeId::TIMESTAMP)) return {};
    return Refuse("its column \"{}\" has type {}, which cannot be read as {}", field.name, found.ToString(),
                  field.type.ToString());
  }

  Status AddColumn(const ParquetFooter& footer, const NestedField& field) {
    if (!present_.contains(field.id)) return {};
    auto found = footer.Statistics(field.name, field.type);
    if (!found && field.required && field.type.is_primitive()) {
      return Refuse("its footer makes no sense of column \"{}\", which must not be null", field.name);
    }
    if (!found) return {};
    bool is_text = field.type.id() == iceberg::TypeId::kString || field.type.id() == iceberg::TypeId::kBinary;
    if (field.required && found->nulls != 0) {
      return Refuse("its column \"{}\" {}, but must not be null", field.name,
                    found->nulls ? "has null values" : "does not say whether it has null values");
    }
    statistics_[field.id] = *found;
    // Our own scans take the bounds of numbers for their extremes.
    if (!is_text && !found->exact) found->lower = found->upper = std::nullopt;
    auto mode = modes_.find(field.id);
    if (mode == modes_.end() || !mode->second.keeps_counts()) return {};
    file_.value_counts.Set(field.id, found->values);
    file_.column_sizes.Set(field.id, found->bytes);
    if (found->nulls) file_.null_value_counts.Set(field.id, *found->nulls);
    if (!mode->second.keeps_bounds()) return {};
    bool cut = is_text && mode->second.kind == iceberg::MetricsMode::Kind::kTruncate;
    if (found->lower) {
      auto bound = cut ? TruncateLowerBound(*found->lower, mode->second.width) : *found->lower;
      file_.lower_bounds.Set(field.id, bound.ToBinary());
    }
    if (found->upper) {
      auto bound = cut ? TruncateUpperBound(*found->upper, mode->second.width) : found->upper;
      if (bound) file_.upper_bounds.Set(field.id, bound->ToBinary());
    }
    return {};
  }

  /// What the path says of a column; nullopt where it says nothing or is not asked.
  std::optional<std::string> HiveText(const NestedField& field) const {
    return hive_ ? HiveValue(path_, field.name) : std::nullopt;
  }

  Result<std::optional<Literal>> HiveLiteral(const NestedField& field, const std::string& text) const {
    if (text == kHiveNull) return std::optional<Literal>();
    Json json = text;
    if (field.type.id() == iceberg::TypeId::kBoolean || field.type.id() == iceberg::TypeId::kInt ||
        field.type.id() == iceberg::TypeId::kLong) {
      auto parsed = ParseJson(text, "value");
      if (parsed.ok()) json = *std::move(parsed);
    }
    auto literal = Literal::FromJson(field.type, json);
    if (!literal.ok()) return Refuse("\"{}\" in its path is no {}", text, field.type.ToString());
    return std::optional(*std::move(literal));
  }

  /// The one value that all rows have under the transform.
  Result<std::optional<Literal>> PartitionValue(const iceberg::PartitionField& field) const {
    const NestedField* source = schema_.Find(field.source_id());
    if (field.transform.kind() == iceberg::Transform::Kind::kVoid || source == nullptr) {
      return std::optional<Literal>();
    }
    if (!present_.contains(source->id)) {
      auto text = HiveText(*source);
      if (!text) return std::optional<Literal>();  // no column: all null
      LAKE_ASSIGN_OR_RETURN(auto literal, HiveLiteral(*source, *text));
      if (field.transform.kind() == iceberg::Transform::Kind::kIdentity || !literal) return literal;
      return Refuse("it has no column \"{}\", and only an identity partition keeps the value in its path",
                    source->name);
    }
    auto found = statistics_.find(source->id);
    const FooterStatistics* stats = found == statistics_.end() ? nullptr : &found->second;
    if (stats != nullptr && stats->nulls && *stats->nulls == stats->values) return std::optional<Literal>();
    bool is_float = source->type.id() == iceberg::TypeId::kFloat || source->type.id() == iceberg::TypeId::kDouble;
    if (stats == nullptr || !stats->nulls || !stats->lower || !stats->upper || is_float) {
      return Refuse("its footer does not say which values column \"{}\" has, of which the table is partitioned",
                    source->name);
    }
    if (*stats->nulls != 0) {
      return Refuse("column \"{}\", of which the table is partitioned, has null and other values", source->name);
    }
    bool one = stats->exact && Literal::Compare(*stats->lower, *stats->upper) == 0;
    if (!one && !field.transform.PreservesOrder()) return NotOnePartition(field, *source, *stats);
    LAKE_ASSIGN_OR_RETURN(auto lower, field.transform.Apply(stats->lower));
    LAKE_ASSIGN_OR_RETURN(auto upper, field.transform.Apply(stats->upper));
    if (!lower || !upper || !(*lower == *upper)) return NotOnePartition(field, *source, *stats);
    return lower;
  }

  Error NotOnePartition(const iceberg::PartitionField& field, const NestedField& source,
                        const FooterStatistics& stats) const {
    return Refuse("its values of column \"{}\", from {} to {}, are not known to be of one partition of {}", source.name,
                  stats.lower->ToString(), stats.upper->ToString(), field.transform.ToString());
  }

  Status AddPartition() {
    const iceberg::PartitionSpec& spec = table_.default_spec();
    LAKE_RETURN_IF_ERROR(iceberg::CheckSpec(spec, schema_));
    file_.spec_id = spec.spec_id;
    for (const iceberg::PartitionField& field : spec.fields) {
      LAKE_ASSIGN_OR_RETURN(auto value, PartitionValue(field));
      file_.partition.push_back(std::move(value));
    }
    return {};
  }

  duckdb::ClientContext& context_;
  const iceberg::TableMetadata& table_;
  const iceberg::Schema& schema_;
  const NameMapping& mapping_;
  const std::map<iceberg::FieldId, iceberg::MetricsMode>& modes_;
  bool hive_;
  const std::string& path_;
  DataFile file_;
  std::set<iceberg::FieldId> present_;
  std::map<iceberg::FieldId, FooterStatistics> statistics_;
};

}  // namespace

Result<AddedFiles> AddForeignFiles(duckdb::ClientContext& context, const std::string& text) {
  auto lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_add_files"));
  JsonObject object(json, "argument of lake_add_files");
  LAKE_ASSIGN_OR_RETURN(std::string base, object.String("base"));
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr table, lake->MetadataOfBase(base, Cancellable(context)));
  LAKE_RETURN_IF_ERROR(iceberg::CheckWritable(table->format_version));
  std::vector<Change> changes;
  LAKE_ASSIGN_OR_RETURN(auto changes_text, object.OptionalString("changes"));
  if (changes_text) {
    LAKE_ASSIGN_OR_RETURN(changes, ParseChanges(std::string_view(*changes_text), *table));
  }
  LAKE_ASSIGN_OR_RETURN(auto hive, object.OptionalBool("hive"));
  LAKE_ASSIGN_OR_RETURN(const Json* paths, object.Array("paths"));
  std::set<std::string> found;
  for (const Json& path : *paths) {
    if (!path.is_string()) return InvalidInput("a path is not a string");
    LAKE_RETURN_IF_ERROR(Expand(*lake, path.get<std::string>(), Cancellable(context), found));
  }
  CachedManifests manifests(lake, Cancellable(context));
  LAKE_ASSIGN_OR_RETURN(auto referenced, ReferencedFiles(*lake, *table, manifests, changes));

  auto property = table->properties.find(kNameMappingProperty);
  Json known;
  if (property != table->properties.end()) {
    LAKE_ASSIGN_OR_RETURN(known, ParseJson(property->second, kNameMappingProperty));
  }
  LAKE_ASSIGN_OR_RETURN(Json wanted, Extended(known, table->current_schema().fields()));
  LAKE_ASSIGN_OR_RETURN(std::string wanted_text, DumpJson(wanted));
  LAKE_ASSIGN_OR_RETURN(NameMapping mapping, NameMapping::Parse(wanted_text));
  auto modes = iceberg::MetricsModes(table->current_schema(), table->properties);

  std::vector<std::string> names(found.begin(), found.end());
  std::vector<DataFile> files(names.size());
  std::vector<char> needs(names.size());
  LAKE_RETURN_IF_ERROR(RunParallelThrowing(names.size(), kFooterThreads, [&](size_t i) -> Status {
    if (referenced.contains(names[i])) return InvalidInput("the table has file \"{}\" already", names[i]);
    bool needs_mapping = false;
    ForeignFile file(context, *table, mapping, modes, hive.value_or(false), names[i]);
    LAKE_ASSIGN_OR_RETURN(files[i], file.Read(*lake, needs_mapping));
    needs[i] = needs_mapping;
    return {};
  }));

  AddedFiles added;
  for (const DataFile& file : files) added.rows += file.record_count;
  added.files = static_cast<int32_t>(files.size());
  LAKE_ASSIGN_OR_RETURN(added.change, ChangeText(files));
  if (wanted != known && std::any_of(needs.begin(), needs.end(), [](char need) { return need; })) {
    added.name_mapping = std::move(wanted_text);
  }
  return added;
}

}  // namespace lake::server
