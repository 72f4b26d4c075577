// See the header.
//
// The function is parquet_scan with other callbacks. Where DuckDB's own code runs over bytes from outside, an
// InternalException must not get out: it would invalidate the whole instance. So bind, init and scan are wrapped.
#include "server/lake/lake_scan.h"

#include <deque>
#include <random>
#include <set>

#include "base/json.h"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/exception/binder_exception.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/execution/execution_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "server/engine/query_profile.h"
#include "server/lake/guarded.h"
#include "server/lake/row_sample.h"
#include "server/lake/scan_reader.h"
#include "server/lake/scan_statistics.h"
#include "server/lake/whole_files.h"

namespace lake::server {

namespace {

constexpr const char* kNameMappingProperty = "schema.name-mapping.default";

/// parquet_scan's own callbacks; the same for every instance of a process.
duckdb::TableFunction& ParquetScan() {
  static duckdb::TableFunction function;
  return function;
}

std::string TextParameter(const duckdb::named_parameter_map_t& parameters, const char* name) {
  auto at = parameters.find(name);
  return at == parameters.end() || at->second.IsNull() ? std::string() : duckdb::StringValue::Get(at->second);
}

std::optional<int64_t> LongParameter(const duckdb::named_parameter_map_t& parameters, const char* name) {
  auto at = parameters.find(name);
  if (at == parameters.end() || at->second.IsNull()) return std::nullopt;
  return at->second.GetValue<int64_t>();
}

std::map<std::string, duckdb::LogicalType> ParseTypes(duckdb::ClientContext& context, const std::string& text,
                                                      const iceberg::Schema& schema) {
  std::map<std::string, duckdb::LogicalType> result;
  if (text.empty()) return result;
  Json json = ValueOrThrow(ParseJson(text, "types"));
  if (!json.is_object()) ThrowLakeError(InvalidInput("types must be a JSON object"));
  for (const auto& [column, type] : json.items()) {
    if (!type.is_string()) ThrowLakeError(InvalidInput("type of column \"{}\" must be a string", column));
    bool exists = false;
    for (const auto& field : schema.fields()) exists = exists || field.name == column;
    if (!exists) ThrowLakeError(InvalidInput("types names column \"{}\", which does not exist", column));
    result[column] = duckdb::TransformStringToLogicalType(type.get<std::string>(), context);
  }
  return result;
}

duckdb::shared_ptr<ScanBinding> BindingOf(std::shared_ptr<TableScan> scan,
                                          const std::map<std::string, duckdb::LogicalType>& types) {
  const iceberg::Schema& schema = scan->schema();
  if (schema.fields().empty()) {
    ThrowLakeError(Unsupported("table at \"{}\" has no columns", scan->metadata().location.str()));
  }
  auto binding = duckdb::make_shared_ptr<ScanBinding>();
  binding->columns = ValueOrThrow(ColumnDefinitions(schema, types));
  for (const auto& field : schema.fields()) {
    auto at = types.find(field.name);
    binding->shown.push_back(at == types.end() ? duckdb::LogicalType(duckdb::LogicalTypeId::INVALID) : at->second);
  }
  const auto& properties = scan->metadata().properties;
  if (auto at = properties.find(kNameMappingProperty); at != properties.end()) {
    binding->name_mapping = ValueOrThrow(NameMapping::Parse(at->second));
  }
  binding->scan = std::move(scan);
  return binding;
}

/// A column hides the virtual one of its name, and what a query takes for row ids would be its values.
Status CheckRowIdNames(const iceberg::Schema& schema) {
  for (const auto& field : schema.fields()) {
    std::string name = duckdb::StringUtil::Lower(field.name);
    if (name == "file_index" || name == "file_row_number") {
      return Unsupported("rows of a table with a column named \"{}\" cannot be updated or deleted", field.name);
    }
  }
  return {};
}

/// Leaves out the files that the sample needs nothing of.
void TakeSample(TableScan& scan, int64_t rows) {
  std::random_device random;
  auto files = ValueOrThrow(scan.Plan({}));
  auto sample = std::make_shared<const RowSample>(files, rows, uint64_t{random()} << 32 | random());
  std::erase_if(files, [&](const ScanFile* file) { return !sample->RunsIn(file->ordinal).empty(); });
  scan.LeaveOut(files);
  scan.set_sample(std::move(sample));
}

duckdb::shared_ptr<ScanBinding> BindScan(duckdb::ClientContext& context, const duckdb::TableFunctionBindInput& input) {
  if (input.inputs[0].IsNull()) throw duckdb::BinderException("lake_scan: base must not be null");
  ScanRequest request;
  request.base = duckdb::StringValue::Get(input.inputs[0]);
  request.as_of = TextParameter(input.named_parameters, "as_of");
  request.changes = TextParameter(input.named_parameters, "changes");
  request.snapshot_id = LongParameter(input.named_parameters, "snapshot_id");
  request.at_ref = TextParameter(input.named_parameters, "at_ref");
  request.at_snapshot = LongParameter(input.named_parameters, "at_snapshot");
  request.at_time = LongParameter(input.named_parameters, "at_time");
  request.unlike_snapshot = LongParameter(input.named_parameters, "unlike_snapshot");
  if (auto at = input.named_parameters.find("row_ids"); at != input.named_parameters.end() && !at->second.IsNull()) {
    request.row_ids = at->second.GetValue<bool>();
  }
  auto scan = ValueOrThrow(TableScan::Open(context, request));
  if (request.row_ids) ThrowIfError(CheckRowIdNames(scan->schema()));
  if (std::string conditions = TextParameter(input.named_parameters, "without"); !conditions.empty()) {
    if (!request.row_ids) throw duckdb::BinderException("lake_scan: without needs row_ids");
    scan->LeaveOut(ValueOrThrow(scan->Covered(ValueOrThrow(ParseConditions(conditions, scan->schema())))));
  }
  if (auto at = input.named_parameters.find("sample_rows");
      at != input.named_parameters.end() && !at->second.IsNull()) {
    TakeSample(*scan, at->second.GetValue<int64_t>());
  }
  auto types = ParseTypes(context, TextParameter(input.named_parameters, "types"), scan->schema());
  return BindingOf(std::move(scan), types);
}

/// parquet_scan's bind on what a call of lake_scan, or we ourselves, want read: the same call without our parameters,
/// and a function that carries the binding.
duckdb::unique_ptr<duckdb::FunctionData> BindParquetScan(duckdb::ClientContext& context,
                                                         duckdb::shared_ptr<ScanBinding> binding,
                                                         duckdb::TableFunction function,
                                                         duckdb::vector<duckdb::LogicalType>& types,
                                                         duckdb::vector<std::string>& names) {
  function.function_info = std::move(binding);
  duckdb::vector<duckdb::Value> inputs{duckdb::Value("")};
  duckdb::named_parameter_map_t parameters;
  parameters["can_have_nan"] = duckdb::Value::BOOLEAN(true);
  duckdb::vector<duckdb::LogicalType> table_types;
  duckdb::vector<std::string> table_names;
  duckdb::TableFunctionRef ref;
  duckdb::TableFunctionBindInput input(inputs, parameters, table_types, table_names, nullptr, nullptr, function, ref);
  return Guarded([&] { return ParquetScan().bind(context, input, types, names); });
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
  return BindParquetScan(context, BindScan(context, input), input.table_function, types, names);
}

/// As parquet_scan has them, but for the type of file_index.
duckdb::virtual_column_map_t VirtualColumns(duckdb::ClientContext& context,
                                            duckdb::optional_ptr<duckdb::FunctionData> bind_data) {
  duckdb::virtual_column_map_t columns = ParquetScan().get_virtual_columns(context, bind_data);
  columns.at(duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_INDEX).type = duckdb::LogicalType(kFileIndexType);
  bind_data->Cast<duckdb::MultiFileBindData>().virtual_columns = columns;
  return columns;
}

duckdb::unique_ptr<duckdb::MultiFileReader> MakeReader(const duckdb::TableFunction& function) {
  return duckdb::make_uniq<ScanReader>(
      duckdb::shared_ptr_cast<duckdb::TableFunctionInfo, ScanBinding>(function.function_info));
}

const ScanFileList& FilesOf(const duckdb::FunctionData* bind_data) {
  return bind_data->Cast<duckdb::MultiFileBindData>().file_list->Cast<ScanFileList>();
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(duckdb::ClientContext& context,
                                                                duckdb::TableFunctionInitInput& input) {
  const ScanFileList& files = FilesOf(input.bind_data.get());
  files.Files();
  if (files.scan()->is_counted()) {
    QueryProfile::CountersOf(context)->ScanBegun(files.scan().get(), files.scan()->total_files());
  }
  return Guarded([&] { return ParquetScan().init_global(context, input); });
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(duckdb::ExecutionContext& context,
                                                              duckdb::TableFunctionInitInput& input,
                                                              duckdb::GlobalTableFunctionState* global) {
  return Guarded([&] { return ParquetScan().init_local(context, input, global); });
}

/// Of the file that a thread reads; it has none where there are no rows.
std::string NameOfFile(const duckdb::TableFunctionInput& input) {
  if (!input.local_state) return "a data file";
  const auto& reader = input.local_state->Cast<duckdb::MultiFileLocalState>().reader;
  return reader ? fmt::format("data file \"{}\"", reader->GetFileName()) : "a data file";
}

void Scan(duckdb::ClientContext& context, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  Guarded([&] { ParquetScan().function(context, input, output); }, [&] { return NameOfFile(input); });
}

duckdb::unique_ptr<duckdb::BaseStatistics> Statistics(duckdb::ClientContext&, const duckdb::FunctionData* bind_data,
                                                      duckdb::column_t column) {
  return ColumnStatistics(FilesOf(bind_data), column);
}

duckdb::vector<duckdb::PartitionStatistics> PartitionStats(duckdb::ClientContext& context,
                                                           duckdb::GetPartitionStatsInput& input) {
  const ScanFileList& files = FilesOf(input.bind_data.get());
  if (files.scan()->sample()) return {};
  // How many rows equality deletes leave, a scan finds out, on all threads.
  for (const ScanFile* file : files.Files()) {
    if (file->has_equality_deletes()) return {};
  }
  return Guarded([&] { return FileStatistics(context, files); });
}

using Description = duckdb::InsertionOrderPreservingMap<std::string>;

Description DescribeFiles(const TableScan& scan, const std::vector<const ScanFile*>& files) {
  Description result;
  size_t deletes = 0;
  std::set<const iceberg::DataFile*> by_keys;
  for (const ScanFile* file : files) {
    deletes += file->task.deletes.size();
    for (const iceberg::ScanDelete& applies : file->task.deletes) {
      if (applies.file->content == iceberg::FileContent::kEqualityDeletes) by_keys.insert(applies.file);
    }
  }
  result["Data Files Scanned"] = std::to_string(files.size());
  result["Data Files Skipped"] = std::to_string(scan.total_files() - static_cast<int64_t>(files.size()));
  result["Deletion Files Scanned"] = std::to_string(deletes);
  if (!by_keys.empty()) result["Equality Delete Files"] = std::to_string(by_keys.size());
  return result;
}

/// As planned.
Description Describe(duckdb::TableFunctionToStringInput& input) {
  const ScanFileList& files = FilesOf(input.bind_data.get());
  Description result;
  result["Table"] = files.scan()->metadata().location.str();
  for (const auto& [name, value] : DescribeFiles(*files.scan(), files.Files())) result[name] = value;
  return result;
}

/// As executed: joins and limits may have left out more files.
Description DescribeOpened(duckdb::TableFunctionDynamicToStringInput& input) {
  const TableScan& scan = *FilesOf(input.bind_data.get()).scan();
  return DescribeFiles(scan, scan.Opened());
}

/// parquet_scan with our callbacks.
duckdb::TableFunction LakeScan() {
  duckdb::TableFunction function = ParquetScan();
  function.name = "lake_scan";
  function.bind = Bind;
  function.init_global = InitGlobal;
  function.init_local = InitLocal;
  function.function = Scan;
  function.get_multi_file_reader = MakeReader;
  function.statistics = Statistics;
  function.get_partition_stats = PartitionStats;
  function.get_virtual_columns = VirtualColumns;
  function.to_string = Describe;
  function.dynamic_to_string = DescribeOpened;
  function.get_bind_info = nullptr;  // parquet_scan's asks for the files before filters have left any out
  function.serialize = nullptr;
  function.deserialize = nullptr;
  function.named_parameters.clear();
  function.named_parameters["changes"] = duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR);
  function.named_parameters["types"] = duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR);
  function.named_parameters["as_of"] = duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR);
  function.named_parameters["snapshot_id"] = duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT);
  function.named_parameters["at_snapshot"] = duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT);
  function.named_parameters["at_time"] = duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT);
  function.named_parameters["unlike_snapshot"] = duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT);
  function.named_parameters["at_ref"] = duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR);
  function.named_parameters["sample_rows"] = duckdb::LogicalType(duckdb::LogicalTypeId::BIGINT);
  function.named_parameters["without"] = duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR);
  function.named_parameters["row_ids"] = duckdb::LogicalType(duckdb::LogicalTypeId::BOOLEAN);
  return function;
}

}  // namespace

struct ScanCursor::State {
  State(duckdb::ClientContext& given, std::shared_ptr<TableScan> scan, const Options& options) : context(given) {
    duckdb::vector<std::string> names;
    bind_data = BindParquetScan(context, BindingOf(std::move(scan), {}), LakeScan(), types, names);
    duckdb::vector<duckdb::column_t> columns;
    for (duckdb::column_t i = 0; i < types.size(); ++i) columns.push_back(i);
    if (options.row_numbers) {
      VirtualColumns(context, bind_data.get());
      columns.push_back(duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER);
      types.emplace_back(duckdb::LogicalTypeId::BIGINT);
    }
    duckdb::TableFunctionInitInput input(bind_data.get(), columns, {}, nullptr);
    global = InitGlobal(context, input);
    for (size_t i = 0; i < options.workers; ++i) {
      Worker& worker = workers.emplace_back(context);
      worker.local = InitLocal(worker.execution, input, global.get());
    }
  }

  struct Worker {
    explicit Worker(duckdb::ClientContext& context) : thread(context), execution(context, thread, nullptr) {}
    duckdb::ThreadContext thread;
    duckdb::ExecutionContext execution;
    duckdb::unique_ptr<duckdb::LocalTableFunctionState> local;
  };

  duckdb::ClientContext& context;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::unique_ptr<duckdb::FunctionData> bind_data;
  duckdb::unique_ptr<duckdb::GlobalTableFunctionState> global;
  std::deque<Worker> workers;
};

ScanCursor::ScanCursor(duckdb::ClientContext& context, std::shared_ptr<TableScan> scan, Options options)
    : state_(std::make_unique<State>(context, std::move(scan), options)) {}

ScanCursor::~ScanCursor() = default;

const duckdb::vector<duckdb::LogicalType>& ScanCursor::types() const { return state_->types; }

bool ScanCursor::Next(duckdb::DataChunk& chunk, size_t worker) {
  if (state_->context.interrupted) throw duckdb::InterruptException();
  chunk.Reset();
  duckdb::TableFunctionInput input(state_->bind_data.get(), state_->workers[worker].local.get(), state_->global.get());
  Scan(state_->context, input, chunk);
  return chunk.size() > 0;
}

void RegisterLakeScan(duckdb::ExtensionLoader& loader) {
  // Two overloads: one path, and a list of paths. Ours takes one base.
  for (const duckdb::TableFunction& overload : loader.GetTableFunction("parquet_scan").functions.functions) {
    if (overload.arguments[0].id() == duckdb::LogicalTypeId::VARCHAR) ParquetScan() = overload;
  }
  loader.RegisterFunction(LakeScan());
}

}  // namespace lake::server
