// See the header. A DuckDB copy function: its sink runs on all threads, its files are those of data_files.h.
//
// Columns of the query, in order: the row id, if rows of the table change; what becomes of the row, if that differs
// from row to row; the table's columns; whether the row keeps the table's constraints, if there are any to check.
#include "server/lake/set_writer.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/json.h"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/copy_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"
#include "server/engine/nested_encoder.h"
#include "server/lake/change.h"
#include "server/lake/delete_rows.h"
#include "server/lake/duck_types.h"
#include "server/lake/lake_instance.h"
#include "server/lake/last_written.h"
#include "server/lake/row_ids.h"
#include "server/lake/row_lineage.h"
#include "server/lake/table_scan.h"
#include "server/lake/whole_files.h"
#include "server/lake/write_spec.h"
#include "wire/binary_value.h"

namespace lake::server {

namespace {

using duckdb::ClientContext;
using duckdb::ColumnDataCollection;
using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;
using wire::kMicrosPerDay;

/// What the action column says; null: nothing becomes of the row.
enum class Action : int8_t { kInsert = 1, kUpdate = 2, kDelete = 3 };

/// What every reader of Iceberg tables can hold (surface.md, TYPE-17), since 1970.
constexpr int64_t kMinDays = -2440550;                   // 4713-01-01 BC
constexpr int64_t kMaxDays = 2932896;                    // 9999-12-31
constexpr int64_t kMinMicros = -719162 * kMicrosPerDay;  // 0001-01-01
constexpr int64_t kMaxMicros = (kMaxDays + 1) * kMicrosPerDay - 1;

/// PostgreSQL's words.
[[noreturn]] void ThrowChangedTwice(bool upsert) {
  ThrowReport(
      "21000", fmt::format("{} command cannot affect row a second time", upsert ? "ON CONFLICT DO UPDATE" : "MERGE"),
      upsert ? "Ensure that no rows proposed for insertion within the same command have duplicate constrained values."
             : "Ensure that not more than one source row matches any one target row.");
}

struct Bind : public duckdb::FunctionData {
  WriteSpec spec;
  LakeInstance::MetadataPtr table;
  bool row_ids = false;      // the first column is one,
  std::string rows_base;     // of this base
  std::string rows_changes;  // and these changes
  std::string whole_files;   // conditions of a DELETE: files whose rows all meet them go, and the query leaves them out
  std::string visible;       // the changes that the query sees
  bool actions = false;      // the next column is one
  bool checked = false;      // the last column says whether the row keeps the constraints
  bool once = false;         // a row that is to be changed twice is an error; else the second time does not count
  bool upsert = false;       // and that error speaks of ON CONFLICT DO UPDATE
  bool clamp = false;        // dates and times beyond the range become its limits
  bool for_snowflake = false;         // values larger than Snowflake's break a constraint
  bool lineage = false;               // format version 3: files have one more column, _row_id
  duckdb::vector<LogicalType> types;  // of the files' columns

  idx_t first_column() const { return static_cast<idx_t>(row_ids) + static_cast<idx_t>(actions); }

  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<Bind>(*this); }
  bool Equals(const FunctionData& other) const override { return this == &other; }
};

Status ParseOptions(const Json& json, Bind& bind) {
  JsonObject object(json, "SPEC of FORMAT lake");
  if (json.contains("row_ids")) {
    JsonObject rows(json["row_ids"], "row_ids of FORMAT lake");
    LAKE_ASSIGN_OR_RETURN(bind.rows_base, rows.String("base"));
    LAKE_ASSIGN_OR_RETURN(bind.rows_changes, rows.String("changes"));
    LAKE_ASSIGN_OR_RETURN(auto conditions, rows.OptionalString("whole_files"));
    bind.whole_files = conditions.value_or("");
    LAKE_ASSIGN_OR_RETURN(auto visible, rows.OptionalString("visible"));
    bind.visible = visible.value_or("");
    bind.row_ids = true;
  }
  for (auto [name, flag] : {std::pair{"actions", &bind.actions},
                            {"checked", &bind.checked},
                            {"once", &bind.once},
                            {"upsert", &bind.upsert},
                            {"clamp", &bind.clamp},
                            {"for_snowflake", &bind.for_snowflake}}) {
    LAKE_ASSIGN_OR_RETURN(auto value, object.OptionalBool(name));
    *flag = value.value_or(false);
  }
  return {};
}

duckdb::unique_ptr<duckdb::FunctionData> BindCopy(ClientContext& context, duckdb::CopyFunctionBindInput& input,
                                                  const duckdb::vector<std::string>&,
                                                  const duckdb::vector<LogicalType>& types) {
  auto option = input.info.options.find("spec");
  if (option == input.info.options.end() || option->second.size() != 1) {
    ThrowLakeError(InvalidInput("COPY TO .. (FORMAT lake) needs the option SPEC"));
  }
  auto bind = duckdb::make_uniq<Bind>();
  Json json = ValueOrThrow(ParseJson(option->second[0].ToString(), "SPEC of FORMAT lake"));
  std::string base = ValueOrThrow(JsonObject(json, "SPEC of FORMAT lake").String("base"));
  ThrowIfError(ParseOptions(json, *bind));
  bind->table = ValueOrThrow(LakeInstance::Of(context)->MetadataToWrite(base));
  bind->spec = ValueOrThrow(ParseWriteSpec(json, *bind->table));
  idx_t expected = bind->first_column() + bind->spec.columns.size() + static_cast<idx_t>(bind->checked);
  if (types.size() != expected) {
    ThrowLakeError(InvalidInput("the query has {} columns, the SPEC of FORMAT lake names {}", types.size(), expected));
  }
  if (bind->row_ids && types[0].id() != LogicalTypeId::BIGINT) ThrowLakeError(InvalidInput("a row id is a BIGINT"));
  if (bind->actions && types[bind->first_column() - 1].id() != LogicalTypeId::INTEGER) {
    ThrowLakeError(InvalidInput("an action is an INTEGER"));
  }
  if (bind->checked && types.back().id() != LogicalTypeId::BOOLEAN) {
    ThrowLakeError(InvalidInput("the last column, whether constraints are kept, is a BOOLEAN"));
  }
  for (const StreamColumn& column : bind->spec.columns) {
    bind->types.push_back(ValueOrThrow(DuckType(column.field.type, column.name)));
  }
  bind->lineage = bind->row_ids && !bind->types.empty() && bind->table->format_version >= 3;
  if (bind->lineage) bind->types.emplace_back(LogicalTypeId::BIGINT);
  return bind;
}

// ------------------------------------------------------------------------------------------------ values

void IntervalsToStructs(Vector& from, idx_t count, Vector& to) {
  duckdb::UnifiedVectorFormat format;
  from.ToUnifiedFormat(count, format);
  const auto* intervals = duckdb::UnifiedVectorFormat::GetData<duckdb::interval_t>(format);
  auto& children = duckdb::StructVector::GetEntries(to);
  auto* months = duckdb::FlatVector::GetData<int64_t>(*children[0]);
  auto* days = duckdb::FlatVector::GetData<int64_t>(*children[1]);
  auto* micros = duckdb::FlatVector::GetData<int64_t>(*children[2]);
  for (idx_t i = 0; i < count; ++i) {
    idx_t at = format.sel->get_index(i);
    if (!format.validity.RowIsValid(at)) {
      duckdb::FlatVector::SetNull(to, i, true);
      continue;
    }
    months[i] = intervals[at].months;
    days[i] = intervals[at].days;
    micros[i] = intervals[at].micros;
  }
}

/// False when a value lies outside; with `clamp` it becomes the limit instead.
template <typename T>
bool CheckRange(Vector& vector, idx_t count, int64_t low, int64_t high, bool clamp) {
  vector.Flatten(count);
  T* values = duckdb::FlatVector::GetData<T>(vector);
  const auto& validity = duckdb::FlatVector::Validity(vector);
  for (idx_t i = 0; i < count; ++i) {
    if (!validity.RowIsValid(i) || (values[i] >= low && values[i] <= high)) continue;
    if (!clamp) return false;
    values[i] = static_cast<T>(values[i] < low ? low : high);
  }
  return true;
}

bool HasNull(Vector& vector, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  if (format.validity.AllValid()) return false;
  for (idx_t i = 0; i < count; ++i) {
    if (!format.validity.RowIsValid(format.sel->get_index(i))) return true;
  }
  return false;
}

/// Whether something in it has a range that Iceberg's is narrower than.
bool HasTemporal(const LogicalType& type) {
  return duckdb::TypeVisitor::Contains(type, [](const LogicalType& part) { return part.IsTemporal(); });
}

/// Of a date, time or timestamp, or of those that lie in a value; the vector is flat and its lists have no elements
/// that no row has.
bool CheckRanges(Vector& vector, idx_t count, bool clamp) {
  switch (vector.GetType().id()) {
    case LogicalTypeId::DATE: return CheckRange<int32_t>(vector, count, kMinDays, kMaxDays, clamp);
    case LogicalTypeId::TIME: return CheckRange<int64_t>(vector, count, 0, kMicrosPerDay - 1, false);
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ: return CheckRange<int64_t>(vector, count, kMinMicros, kMaxMicros, clamp);
    case LogicalTypeId::MAP:
    case LogicalTypeId::LIST:
      return CheckRanges(duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector), clamp);
    case LogicalTypeId::STRUCT:
      for (idx_t i = 0; i < count; ++i) {  // what lies in a null is nothing
        if (duckdb::FlatVector::IsNull(vector, i)) duckdb::FlatVector::SetNull(vector, i, true);
      }
      for (auto& field : duckdb::StructVector::GetEntries(vector)) {
        if (!CheckRanges(*field, count, clamp)) return false;
      }
      return true;
    default: return true;
  }
}

/// Strings and blobs, also those that lie in other values, and such values as a whole: by the bytes that they have on
/// the link, as the extension counts them.
bool FitsSnowflake(ClientContext& context, Vector& vector, idx_t count) {
  constexpr size_t kMaxString = 16 * 1024 * 1024, kMaxBlob = 8 * 1024 * 1024, kMaxNested = 128 * 1024 * 1024;
  const LogicalType& type = vector.GetType();
  if (type.IsNested()) {
    std::vector<size_t> sizes(count + 1);
    MakeNestedEncoder(context, type)->Measure(vector, count, sizes.data());
    size_t most = *std::max_element(sizes.begin(), sizes.end());
    if (most > kMaxNested + sizeof(int32_t)) return false;
    if (most <= kMaxBlob) return true;
    if (type.id() != LogicalTypeId::STRUCT) {
      return FitsSnowflake(context, duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector));
    }
    for (auto& field : duckdb::StructVector::GetEntries(vector)) {
      if (!FitsSnowflake(context, *field, count)) return false;
    }
    return true;
  }
  if (type.InternalType() != duckdb::PhysicalType::VARCHAR) return true;
  size_t most = type.id() == LogicalTypeId::BLOB ? kMaxBlob : kMaxString;
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const auto* strings = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  for (idx_t i = 0; i < count; ++i) {
    idx_t at = format.sel->get_index(i);
    if (format.validity.RowIsValid(at) && strings[at].GetSize() > most) return false;
  }
  return true;
}

/// A value of the query as the files hold it. False when the table cannot hold it.
bool Convert(ClientContext& context, const Bind& bind, size_t column, Vector& from, idx_t count, Vector& to) {
  const StreamColumn& target = bind.spec.columns[column];
  if (from.GetType().id() == LogicalTypeId::INTERVAL) {
    IntervalsToStructs(from, count, to);
  } else if (from.GetType() != to.GetType()) {
    duckdb::VectorOperations::Cast(context, from, to, count);
  } else if (HasTemporal(to.GetType()) && (bind.clamp || to.GetType().IsNested())) {
    // Limits are written into it: the query's own vector may be somebody else's memory, such as a table's. And the
    // copy of a list has the elements of its rows alone.
    duckdb::VectorOperations::Copy(from, to, count, 0, 0);
  } else {
    to.Reference(from);
  }
  if ((target.not_null || target.field.required) && HasNull(to, count)) return false;
  return CheckRanges(to, count, bind.clamp) && (!bind.for_snowflake || FitsSnowflake(context, to, count));
}

// ------------------------------------------------------------------------------------------------ state

/// Of the files that are written.
std::vector<iceberg::NestedField> FileFields(const Bind& bind) {
  std::vector<iceberg::NestedField> fields = FieldsOf(bind.spec.columns);
  if (bind.lineage) fields.push_back(RowIdField());
  return fields;
}

struct Global : public duckdb::GlobalFunctionData {
  Global(ClientContext& context, const Bind& bind)
      : files(ValueOrThrow(
            DataFiles::Open(context, LakeInstance::Of(context), bind.spec.files, FileFields(bind), *bind.table))),
        table(bind.table) {
    if (bind.lineage) lineage = ValueOrThrow(RowLineage::Open(context, bind.rows_base, bind.rows_changes));
  }
  ~Global() override {
    if (!finished) files->Discard();
  }

  std::unique_ptr<DataFiles> files;
  LakeInstance::MetadataPtr table;
  std::shared_ptr<RowLineage> lineage;  // null: files have no _row_id
  std::mutex mutex;
  Roaring64Map row_ids;                           // deleted or updated
  duckdb::unique_ptr<ColumnDataCollection> rest;  // rows that did not fill a row group of their thread
  int64_t affected = 0;
  std::atomic<bool> violated = false;
  bool finished = false;
};

struct Local : public duckdb::LocalFunctionData {
  Local(ClientContext& context, const Bind& bind) {
    chunk.Initialize(context, bind.types);
    NewRows(context, bind);
  }
  void NewRows(ClientContext& context, const Bind& bind) {
    rows = duckdb::make_uniq<ColumnDataCollection>(context, bind.types);
    rows->InitializeAppend(append);
  }

  DataChunk chunk;  // converted
  duckdb::unique_ptr<ColumnDataCollection> rows;
  duckdb::ColumnDataAppendState append;
};

/// The rows of a chunk that are to be written, after row ids and actions were seen to.
duckdb::SelectionVector Sort(const Bind& bind, Global& global, DataChunk& input, idx_t& count) {
  duckdb::SelectionVector written(STANDARD_VECTOR_SIZE);
  duckdb::UnifiedVectorFormat ids, actions;
  if (bind.row_ids) input.data[0].ToUnifiedFormat(input.size(), ids);
  if (bind.actions) input.data[bind.first_column() - 1].ToUnifiedFormat(input.size(), actions);
  count = 0;
  std::lock_guard lock(global.mutex);
  for (idx_t i = 0; i < input.size(); ++i) {
    auto action = bind.spec.columns.empty() ? Action::kDelete : bind.row_ids ? Action::kUpdate : Action::kInsert;
    if (bind.actions) {
      idx_t at = actions.sel->get_index(i);
      if (!actions.validity.RowIsValid(at)) continue;
      action = static_cast<Action>(duckdb::UnifiedVectorFormat::GetData<int32_t>(actions)[at]);
    }
    if (action != Action::kInsert) {
      idx_t at = ids.sel->get_index(i);
      if (!bind.row_ids || !ids.validity.RowIsValid(at)) ThrowLakeError(Internal("a row to be changed has no row id"));
      auto row_id = static_cast<uint64_t>(duckdb::UnifiedVectorFormat::GetData<int64_t>(ids)[at]);
      if (!global.row_ids.addChecked(row_id)) {
        if (!bind.once) continue;
        ThrowChangedTwice(bind.upsert);
      }
    }
    ++global.affected;
    if (action != Action::kDelete) written.set_index(count++, i);
  }
  return written;
}

/// False when a row breaks a constraint.
bool AllChecked(Vector& checks, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  checks.ToUnifiedFormat(count, format);
  const bool* kept = duckdb::UnifiedVectorFormat::GetData<bool>(format);
  for (idx_t i = 0; i < count; ++i) {
    idx_t at = format.sel->get_index(i);
    if (format.validity.RowIsValid(at) && !kept[at]) return false;
  }
  return true;
}

/// The _row_id of updated rows; of inserted ones null.
void ConvertRowIds(const Bind& bind, RowLineage& lineage, DataChunk& input, Vector& output) {
  duckdb::VectorOperations::Copy(input.data[0], output, input.size(), 0, 0);
  if (bind.actions) {
    duckdb::UnifiedVectorFormat actions;
    input.data[bind.first_column() - 1].ToUnifiedFormat(input.size(), actions);
    for (idx_t i = 0; i < input.size(); ++i) {
      auto action = duckdb::UnifiedVectorFormat::GetData<int32_t>(actions)[actions.sel->get_index(i)];
      if (static_cast<Action>(action) == Action::kInsert) duckdb::FlatVector::SetNull(output, i, true);
    }
  }
  ThrowIfError(lineage.Translate(output, input.size()));
}

/// The rows of `input` as the files hold them. False when the table must not hold them.
bool ConvertChunk(ClientContext& context, const Bind& bind, RowLineage* lineage, DataChunk& input, DataChunk& output) {
  output.Reset();
  if (bind.checked && !AllChecked(input.data.back(), input.size())) return false;
  for (size_t i = 0; i < bind.spec.columns.size(); ++i) {
    if (!Convert(context, bind, i, input.data[bind.first_column() + i], input.size(), output.data[i])) return false;
  }
  if (lineage != nullptr) ConvertRowIds(bind, *lineage, input, output.data.back());
  output.SetCardinality(input.size());
  return true;
}

// ------------------------------------------------------------------------------------------------ the copy function

duckdb::unique_ptr<duckdb::GlobalFunctionData> InitGlobal(ClientContext& context, duckdb::FunctionData& bind,
                                                          const std::string&) {
  LastWritten::Of(context).written.reset();
  return duckdb::make_uniq<Global>(context, bind.Cast<Bind>());
}

duckdb::unique_ptr<duckdb::LocalFunctionData> InitLocal(duckdb::ExecutionContext& context, duckdb::FunctionData& bind) {
  return duckdb::make_uniq<Local>(context.client, bind.Cast<Bind>());
}

void Sink(duckdb::ExecutionContext& context, duckdb::FunctionData& bind_data, duckdb::GlobalFunctionData& global_state,
          duckdb::LocalFunctionData& local_state, DataChunk& input) {
  auto& bind = bind_data.Cast<Bind>();
  auto& global = global_state.Cast<Global>();
  auto& local = local_state.Cast<Local>();
  if (global.violated) return;
  idx_t count = 0;
  duckdb::SelectionVector written = Sort(bind, global, input, count);
  if (count == 0) return;
  DataChunk rows;
  rows.InitializeEmpty(input.GetTypes());
  rows.Reference(input);
  if (count < input.size()) rows.Slice(written, count);
  if (!ConvertChunk(context.client, bind, global.lineage.get(), rows, local.chunk)) {
    global.violated = true;
    return;
  }
  local.rows->Append(local.append, local.chunk);
  if (!bind.spec.IsFull(*local.rows)) return;
  ThrowIfError(global.files->Write(*local.rows));
  local.NewRows(context.client, bind);
}

void Combine(duckdb::ExecutionContext& context, duckdb::FunctionData& bind_data,
             duckdb::GlobalFunctionData& global_state, duckdb::LocalFunctionData& local_state) {
  auto& bind = bind_data.Cast<Bind>();
  auto& global = global_state.Cast<Global>();
  auto& local = local_state.Cast<Local>();
  if (local.rows->Count() == 0 || global.violated) return;
  duckdb::unique_ptr<ColumnDataCollection> full;
  {
    std::lock_guard lock(global.mutex);
    if (!global.rest) {
      global.rest = std::move(local.rows);
    } else {
      global.rest->Combine(*local.rows);
    }
    if (bind.spec.IsFull(*global.rest)) full = std::move(global.rest);
  }
  local.NewRows(context.client, bind);
  if (full) ThrowIfError(global.files->Write(*full));
}

/// The rows of files that go as a whole: nobody has read them. How many there are.
int64_t AddWholeFiles(ClientContext& context, const Bind& bind, Roaring64Map& row_ids) {
  int64_t rows = 0;
  ScanRequest request;
  request.base = bind.rows_base;
  request.changes = bind.visible;
  request.row_ids = true;
  std::shared_ptr<TableScan> scan = ValueOrThrow(TableScan::Open(context, request));
  auto conditions = ValueOrThrow(ParseConditions(bind.whole_files, scan->schema()));
  for (const ScanFile* file : ValueOrThrow(scan->Covered(conditions))) {
    auto hidden = ValueOrThrow(scan->HiddenRows(context, *file));
    RowSet none;
    RowSet::Cursor skipped(hidden ? hidden->rows() : none);
    for (int64_t row = 0; row < file->row_limit; ++row) {
      if (!skipped.at_end() && skipped.row() == row) {
        skipped.Next();
      } else {
        row_ids.add(static_cast<uint64_t>(file->first_row_id + row));
        ++rows;
      }
    }
  }
  return rows;
}

void Finalize(ClientContext& context, duckdb::FunctionData& bind_data, duckdb::GlobalFunctionData& global_state) {
  auto& bind = bind_data.Cast<Bind>();
  auto& global = global_state.Cast<Global>();
  Written written;
  written.violated = global.violated;
  if (!written.violated) {
    if (global.rest && global.rest->Count() > 0) ThrowIfError(global.files->Write(*global.rest));
    ThrowIfError(global.files->Close());
    std::vector<iceberg::DataFile> files = global.files->files();
    written.Count(files);
    written.change = ValueOrThrow(ChangeText(files));
    written.affected = global.affected;
    if (!bind.whole_files.empty()) written.affected += AddWholeFiles(context, bind, global.row_ids);
    if (!global.row_ids.isEmpty()) {
      RowsDeleted deleted = ValueOrThrow(DeleteRows(context, bind.rows_base, bind.rows_changes, global.row_ids));
      written.deletes = std::move(deleted.change);
      written.deleted = deleted.rows;
      written.row_ids = RowIdBytes(global.row_ids);
    }
    global.finished = true;
  }
  SetLastWritten(context, std::move(written));
}

// ------------------------------------------------------------------------------------------------ in the query's order

struct PreparedRows : public duckdb::PreparedBatchData {
  std::unique_ptr<DataFiles::Batch> batch;
};

duckdb::unique_ptr<duckdb::PreparedBatchData> PrepareBatch(ClientContext& context, duckdb::FunctionData& bind_data,
                                                           duckdb::GlobalFunctionData& global_state,
                                                           duckdb::unique_ptr<ColumnDataCollection> collection) {
  auto& bind = bind_data.Cast<Bind>();
  auto& global = global_state.Cast<Global>();
  if (bind.row_ids || bind.actions) ThrowLakeError(InvalidInput("rows are only changed with PRESERVE_ORDER false"));
  auto prepared = duckdb::make_uniq<PreparedRows>();
  if (global.violated || collection->Count() == 0) return prepared;
  // Rows that are as the files hold them are only looked at.
  bool as_stored = !bind.checked && !bind.clamp && collection->Types() == bind.types;
  Local local(context, bind);
  for (DataChunk& input : collection->Chunks()) {
    if (!ConvertChunk(context, bind, nullptr, input, local.chunk)) {
      global.violated = true;
      return prepared;
    }
    if (!as_stored) local.rows->Append(local.append, local.chunk);
  }
  {
    std::lock_guard lock(global.mutex);
    global.affected += static_cast<int64_t>(collection->Count());
  }
  prepared->batch = ValueOrThrow(global.files->Prepare(as_stored ? *collection : *local.rows));
  return prepared;
}

void FlushBatch(ClientContext&, duckdb::FunctionData&, duckdb::GlobalFunctionData& global_state,
                duckdb::PreparedBatchData& batch) {
  auto& prepared = batch.Cast<PreparedRows>();
  if (prepared.batch) ThrowIfError(global_state.Cast<Global>().files->Append(std::move(prepared.batch)));
}

idx_t BatchSize(ClientContext&, duckdb::FunctionData&) { return kMaxRowGroupRows; }

duckdb::CopyFunctionExecutionMode Mode(bool preserve_order, bool has_batch_index) {
  if (!preserve_order) return duckdb::CopyFunctionExecutionMode::PARALLEL_COPY_TO_FILE;
  return has_batch_index ? duckdb::CopyFunctionExecutionMode::BATCH_COPY_TO_FILE
                         : duckdb::CopyFunctionExecutionMode::REGULAR_COPY_TO_FILE;
}

}  // namespace

void RegisterSetWriter(duckdb::ExtensionLoader& loader) {
  duckdb::CopyFunction function("lake");
  function.copy_to_bind = BindCopy;
  function.copy_to_initialize_global = InitGlobal;
  function.copy_to_initialize_local = InitLocal;
  function.copy_to_sink = Sink;
  function.copy_to_combine = Combine;
  function.copy_to_finalize = Finalize;
  function.execution_mode = Mode;
  function.prepare_batch = PrepareBatch;
  function.flush_batch = FlushBatch;
  function.desired_batch_size = BatchSize;
  function.extension = "parquet";
  loader.RegisterFunction(function);
}

}  // namespace lake::server
