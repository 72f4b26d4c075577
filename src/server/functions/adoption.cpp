// See the header.
#include "server/functions/adoption.h"

#include "server/functions/text_function.h"
#include "server/functions/value_text.h"
#include "server/lake/bloom_filters.h"
#include "server/lake/external_commit.h"
#include "server/lake/foreign_files.h"

namespace lake::server {

using duckdb::ClientContext;
using duckdb::LogicalTypeId;
using duckdb::Value;

namespace {

Value TextOrNull(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

const char* NameOf(iceberg::RowChange change) {
  switch (change) {
    case iceberg::RowChange::kNone: return "none";
    case iceberg::RowChange::kAppend: return "append";
    case iceberg::RowChange::kOther: return "other";
  }
  return "other";
}

Result<Rows> Examine(ClientContext& context, const std::string& argument) {
  LAKE_ASSIGN_OR_RETURN(ExternalCommit commit, ExamineCommit(context, argument));
  return Rows{{Value(NameOf(commit.rows)), Value::BOOLEAN(commit.alters), Value::BOOLEAN(commit.administers),
               Value(commit.metadata->location.str()), Value::INTEGER(commit.metadata->format_version),
               TextOrNull(commit.partition_by), TextOrNull(commit.sort_by), TextOrNull(commit.stats_mode),
               TextOrNull(commit.outside), Value::BIGINT(commit.totals.LiveRecords()),
               Value::BIGINT(commit.totals.bytes), Value::BIGINT(commit.totals.data_files)}};
}

const char* NameOf(iceberg::ColumnChange::Kind kind) {
  using Kind = iceberg::ColumnChange::Kind;
  switch (kind) {
    case Kind::kDrop: return "drop";
    case Kind::kRename: return "rename";
    case Kind::kType: return "type";
    case Kind::kOptional: return "optional";
    case Kind::kAdd: return "add";
    case Kind::kRequired: return "required";
    case Kind::kDefault: return "default";
  }
  return "";
}

Result<Rows> ColumnChanges(ClientContext& context, const duckdb::vector<Value>& arguments) {
  if (arguments[0].IsNull() || arguments[1].IsNull()) return InvalidInput("metadata locations must not be null");
  auto lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(auto before, lake->MetadataOfBase(duckdb::StringValue::Get(arguments[0])));
  LAKE_ASSIGN_OR_RETURN(auto after, lake->MetadataOfBase(duckdb::StringValue::Get(arguments[1])));
  Rows rows;
  for (const auto& change : iceberg::ColumnChanges(before->current_schema(), after->current_schema())) {
    rows.push_back(
        {Value(NameOf(change.kind)), Value(change.name), change.new_name.empty() ? Value() : Value(change.new_name)});
  }
  return rows;
}

Status AddFields(ValueText& text, const iceberg::NestedField& field, Value parent, Rows& rows) {
  Value write_default;
  if (field.write_default != nullptr && !field.type.is_nested()) {
    LAKE_ASSIGN_OR_RETURN(std::string shown, text.Of(*field.write_default));
    write_default = Value(shown);
  }
  std::string type = field.type.ToString();
  if (field.type.is_nested()) type = type.substr(0, type.find('<'));
  rows.push_back({Value::INTEGER(field.id.value), std::move(parent), Value(field.name), Value(type),
                  Value::BOOLEAN(field.required), write_default});
  for (const iceberg::NestedField& child : field.type.fields()) {
    LAKE_RETURN_IF_ERROR(AddFields(text, child, Value::INTEGER(field.id.value), rows));
  }
  return {};
}

Result<Rows> Schema(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context)));
  ValueText text(context);
  Rows rows;
  for (const iceberg::NestedField& field : metadata->current_schema().fields()) {
    LAKE_RETURN_IF_ERROR(AddFields(text, field, Value(), rows));
  }
  return rows;
}

Result<Rows> AddFiles(ClientContext& context, const std::string& argument) {
  LAKE_ASSIGN_OR_RETURN(AddedFiles added, AddForeignFiles(context, argument));
  return Rows{
      {Value(added.change), Value::BIGINT(added.rows), Value::INTEGER(added.files), TextOrNull(added.name_mapping)}};
}

Result<Rows> FileProperties(ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context)));
  Rows rows;
  constexpr std::string_view kBloomColumn = "write.parquet.bloom-filter-enabled.column.";
  for (const auto& [name, value] : metadata->properties) {
    if (!name.starts_with("write.")) continue;
    if (name.starts_with(kBloomColumn)) {  // may be left behind by a column that is no more
      const auto* field = metadata->current_schema().FindByName(name.substr(kBloomColumn.size()));
      if (field == nullptr || !CanHaveBloomFilter(field->type)) continue;
    }
    rows.push_back({Value(name), Value(value)});
  }
  return rows;
}

}  // namespace

void RegisterAdoption(duckdb::ExtensionLoader& loader) {
  constexpr auto kText = LogicalTypeId::VARCHAR;
  constexpr auto kInt = LogicalTypeId::INTEGER;
  constexpr auto kLong = LogicalTypeId::BIGINT;
  constexpr auto kBool = LogicalTypeId::BOOLEAN;
  RegisterTextFunction(loader, "lake_examine",
                       {{"row_change", kText},
                        {"alters", kBool},
                        {"administers", kBool},
                        {"location", kText},
                        {"format_version", kInt},
                        {"partition_by", kText},
                        {"sort_by", kText},
                        {"stats_mode", kText},
                        {"outside", kText},
                        {"record_count", kLong},
                        {"data_bytes", kLong},
                        {"file_count", kLong}},
                       Examine);
  RegisterFunction(loader, "lake_column_changes", {kText, kText}, {{"op", kText}, {"name", kText}, {"new_name", kText}},
                   ColumnChanges);
  RegisterTextFunction(loader, "lake_file_properties", {{"name", kText}, {"value", kText}}, FileProperties);
  RegisterTextFunction(loader, "lake_add_files",
                       {{"change", kText}, {"rows", kLong}, {"files", kInt}, {"name_mapping", kText}}, AddFiles);
  RegisterTextFunction(loader, "lake_schema",
                       {{"field_id", kInt},
                        {"parent_field_id", kInt},
                        {"name", kText},
                        {"type", kText},
                        {"required", kBool},
                        {"write_default", kText}},
                       Schema);
}

}  // namespace lake::server
