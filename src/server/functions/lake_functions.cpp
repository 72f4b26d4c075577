// See the header. What the functions answer is laid down in docs/link.md and, for the views, surface FN-3 to FN-7.
#include "server/functions/lake_functions.h"

#include "base/json.h"
#include "iceberg/scan.h"
#include "server/engine/query_profile.h"
#include "server/functions/text_function.h"
#include "server/lake/delete_rows.h"
#include "server/lake/lake_instance.h"
#include "server/lake/last_written.h"
#include "server/lake/table_alter.h"
#include "server/lake/table_commit.h"
#include "server/lake/verify.h"
#include "utf8proc_wrapper.hpp"

namespace lake::server {

using duckdb::ClientContext;
using duckdb::LogicalTypeId;
using duckdb::Value;

namespace {

Result<Rows> TextRows(const std::vector<std::string>& texts) {
  Rows rows;
  for (const std::string& text : texts) rows.push_back({Value(text)});
  return rows;
}

Result<Rows> LastWrittenRow(ClientContext& context, const std::string&) {
  const auto& written = LastWritten::Of(context).written;
  if (!written) return InvalidInput("nothing was written on this connection: COPY comes first");
  return Rows{{Value(written->change), Value::BIGINT(written->rows), Value::BIGINT(written->bytes),
               Value::INTEGER(written->files), Value::BIGINT(written->affected),
               written->deletes.empty() ? Value() : Value(written->deletes), Value::BIGINT(written->deleted),
               Value::BLOB_RAW(written->row_ids), Value::BOOLEAN(written->violated),
               written->row_order.empty() ? Value() : Value(written->row_order)}};
}

Result<Rows> ProfileNext(ClientContext& context, const std::string&) {
  QueryProfile::Of(context).ProfileNext(context);
  return Rows{{Value::BOOLEAN(true)}};
}

Result<Rows> LastQuery(ClientContext& context, const std::string&) {
  const QuerySummary& last = QueryProfile::Of(context).last();
  return Rows{{last.plan.empty() ? Value() : Value(last.plan), Value::BIGINT(last.microseconds),
               Value::BIGINT(last.data_files_scanned), Value::BIGINT(last.data_files_skipped),
               Value::BIGINT(last.data_files_cached), Value::BIGINT(last.delete_files_scanned),
               Value::BIGINT(last.bytes_read), Value::BIGINT(last.reads)}};
}

Result<Rows> Create(ClientContext& context, const std::string& argument) {
  LAKE_ASSIGN_OR_RETURN(std::string base, CreateTableBase(*LakeInstance::Of(context), argument));
  return Rows{{Value(base)}};
}

Result<Rows> Alter(ClientContext& context, const std::string& argument) {
  LAKE_ASSIGN_OR_RETURN(std::string base, AlterTableBase(*LakeInstance::Of(context), argument));
  return TextRows({base});
}

Result<Rows> Commit(ClientContext& context, const std::string& argument) {
  LAKE_ASSIGN_OR_RETURN(Committed done, CommitTable(context, argument));
  return Rows{{Value(done.metadata_location), Value::BIGINT(done.record_count), Value::BIGINT(done.data_bytes),
               Value::BIGINT(done.file_count)}};
}

Result<Rows> Delete(ClientContext& context, const duckdb::vector<Value>& arguments) {
  if (arguments[0].IsNull() || arguments[2].IsNull()) return InvalidInput("base and row ids must not be null");
  std::string changes = arguments[1].IsNull() ? std::string() : duckdb::StringValue::Get(arguments[1]);
  LAKE_ASSIGN_OR_RETURN(RowsDeleted deleted, DeleteRows(context, duckdb::StringValue::Get(arguments[0]), changes,
                                                        duckdb::StringValue::Get(arguments[2])));
  return Rows{{Value(deleted.change), Value::BIGINT(deleted.rows)}};
}

Result<Rows> Remove(ClientContext& context, const std::string& argument) {
  LAKE_ASSIGN_OR_RETURN(std::vector<std::string> removed,
                        RemoveObjects(*LakeInstance::Of(context), argument, Cancellable(context)));
  return TextRows(removed);
}

Result<Rows> MetadataText(ClientContext& context, const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->Metadata(location, Cancellable(context)));
  LAKE_ASSIGN_OR_RETURN(std::string text, iceberg::MetadataToText(*metadata));
  return Rows{{Value(text)}};
}

const char* ContentName(iceberg::FileContent content) {
  switch (content) {
    case iceberg::FileContent::kPositionDeletes: return "POSITION_DELETES";
    case iceberg::FileContent::kEqualityDeletes: return "EQUALITY_DELETES";
    default: return "DATA";
  }
}

Result<Rows> Files(ClientContext& context, const std::string& location) {
  auto lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake->Metadata(location, Cancellable(context)));
  Rows rows;
  const iceberg::Snapshot* snapshot = metadata->current_snapshot();
  if (snapshot == nullptr) return rows;
  CachedManifests source(lake, Cancellable(context));
  LAKE_ASSIGN_OR_RETURN(auto list, iceberg::ManifestsOf(*snapshot, source));
  LAKE_ASSIGN_OR_RETURN(auto manifests, source.GetAll(*list));
  for (size_t i = 0; i < manifests.size(); ++i) {
    for (const iceberg::ManifestEntry& entry : manifests[i]->entries) {
      if (!entry.is_live()) continue;
      const iceberg::DataFile& file = entry.file;
      rows.push_back({Value((*list)[i].manifest_path.str()), Value(ContentName(file.content)),
                      Value(file.file_path.str()), Value(iceberg::FileFormatName(file.file_format)),
                      Value::BIGINT((*list)[i].partition_spec_id.value), Value::BIGINT(file.record_count),
                      Value::BIGINT(file.file_size_in_bytes)});
    }
  }
  return rows;
}

Result<Rows> Snapshots(ClientContext& context, const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata,
                        LakeInstance::Of(context)->Metadata(location, Cancellable(context)));
  Rows rows;
  for (const iceberg::Snapshot& snapshot : metadata->snapshots) {
    rows.push_back({Value::BIGINT(snapshot.sequence_number.value), Value::BIGINT(snapshot.snapshot_id.value),
                    Value::TIMESTAMP(duckdb::timestamp_t(snapshot.timestamp_ms * 1000)),
                    Value(snapshot.manifest_list.str())});
  }
  return rows;
}

Result<Rows> ReferencedFiles(ClientContext& context, const std::string& location) {
  auto lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake->Metadata(location, Cancellable(context)));
  CachedManifests source(lake, Cancellable(context));
  LAKE_ASSIGN_OR_RETURN(std::vector<iceberg::Location> files, iceberg::ReferencedFiles(*metadata, source));
  Rows rows{{Value(location)}};
  for (const iceberg::Location& file : files) rows.push_back({Value(file.str())});
  return rows;
}

Result<Rows> Stats(ClientContext& context, const std::string& base) {
  auto lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake->MetadataOfBase(base, Cancellable(context)));
  CachedManifests source(lake, Cancellable(context));
  LAKE_ASSIGN_OR_RETURN(iceberg::TableTotals totals, iceberg::TotalsOf(metadata->current_snapshot(), source));
  return Rows{{Value::BIGINT(totals.LiveRecords()), Value::BIGINT(totals.bytes), Value::BIGINT(totals.data_files)}};
}

/// What stands in a broken file may be no UTF-8.
Value TextOf(std::string bytes) {
  duckdb::Utf8Proc::MakeValid(bytes.data(), bytes.size());
  return Value(std::move(bytes));
}

Result<Rows> Verify(ClientContext& context, const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(std::vector<iceberg::Problem> problems, VerifyTable(context, location));
  Rows rows;
  for (const iceberg::Problem& problem : problems) {
    const char* severity = problem.severity == iceberg::Problem::Severity::kError ? "error" : "warning";
    rows.push_back({Value(severity), TextOf(problem.object), TextOf(problem.text)});
  }
  return rows;
}

}  // namespace

void RegisterLakeFunctions(duckdb::ExtensionLoader& loader) {
  constexpr auto kText = LogicalTypeId::VARCHAR;
  constexpr auto kLong = LogicalTypeId::BIGINT;
  RegisterPlainFunction(loader, "lake_written",
                        {{"change", kText},
                         {"rows", kLong},
                         {"bytes", kLong},
                         {"files", LogicalTypeId::INTEGER},
                         {"affected", kLong},
                         {"deletes", kText},
                         {"deleted", kLong},
                         {"row_ids", LogicalTypeId::BLOB},
                         {"violated", LogicalTypeId::BOOLEAN},
                         {"row_order", kText}},
                        LastWrittenRow);
  RegisterPlainFunction(loader, "lake_profile_next", {{"profiled", LogicalTypeId::BOOLEAN}}, ProfileNext);
  RegisterPlainFunction(loader, "lake_last_query",
                        {{"plan", kText},
                         {"microseconds", kLong},
                         {"data_files_scanned", kLong},
                         {"data_files_skipped", kLong},
                         {"data_files_cached", kLong},
                         {"delete_files_scanned", kLong},
                         {"bytes_read", kLong},
                         {"reads", kLong}},
                        LastQuery);
  RegisterTextFunction(loader, "lake_create", {{"base", kText}}, Create);
  RegisterTextFunction(loader, "lake_alter", {{"base", kText}}, Alter);
  RegisterTextFunction(
      loader, "lake_commit",
      {{"metadata_location", kText}, {"record_count", kLong}, {"data_bytes", kLong}, {"file_count", kLong}}, Commit);
  RegisterFunction(loader, "lake_delete", {kText, kText, LogicalTypeId::BLOB}, {{"change", kText}, {"rows", kLong}},
                   Delete);
  RegisterTextFunction(loader, "lake_remove", {{"path", kText}}, Remove);
  RegisterTextFunction(loader, "lake_metadata", {{"metadata", kText}}, MetadataText);
  RegisterTextFunction(loader, "lake_files",
                       {{"manifest_path", kText},
                        {"content", kText},
                        {"file_path", kText},
                        {"file_format", kText},
                        {"spec_id", kLong},
                        {"record_count", kLong},
                        {"file_size_in_bytes", kLong}},
                       Files);
  RegisterTextFunction(loader, "lake_snapshots",
                       {{"sequence_number", kLong},
                        {"snapshot_id", kLong},
                        {"timestamp_ms", LogicalTypeId::TIMESTAMP},
                        {"manifest_list", kText}},
                       Snapshots);
  RegisterTextFunction(loader, "lake_referenced_files", {{"path", kText}}, ReferencedFiles);
  RegisterTextFunction(loader, "lake_stats", {{"record_count", kLong}, {"data_bytes", kLong}, {"file_count", kLong}},
                       Stats);
  RegisterTextFunction(loader, "lake_verify", {{"severity", kText}, {"object", kText}, {"problem", kText}}, Verify);
}

}  // namespace lake::server
