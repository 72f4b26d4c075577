// See the header. lake_write_statistics(json) is replaced, while it is bound, by a query of two functions of ours, so
// that DuckDB reads the columns as it reads them for any query: on all threads, and so that it can be cancelled.
//
//   SELECT lake_put_statistics('<json>', [lake_theta_sketch("a"), ...]) AS operation FROM lake_scan(..)
#include "server/lake/table_statistics.h"

#include <cmath>

#include "base/int128.h"
#include "base/json.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "iceberg/table_statistics.h"
#include "iceberg/theta_sketch.h"
#include "server/engine/hugeint.h"
#include "server/engine/lake_exception.h"
#include "server/functions/text_function.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

namespace {

using duckdb::data_ptr_t;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::PhysicalType;
using duckdb::Value;
using duckdb::Vector;
using iceberg::ThetaSketch;

// ---------------------------------------------------------------- lake_theta_sketch

struct State {
  ThetaSketch* sketch;  // NULL: no value so far
};

ThetaSketch& SketchOf(State& state) {
  if (state.sketch == nullptr) state.sketch = new ThetaSketch;
  return *state.sketch;
}

/// Calls add(row, bytes) for every value that is not null, with its single-value serialization.
template <typename T, typename ToBytes, typename Add>
void ForEach(Vector& input, idx_t count, ToBytes&& to_bytes, Add&& add) {
  duckdb::UnifiedVectorFormat format;
  input.ToUnifiedFormat(count, format);
  auto values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  for (idx_t row = 0; row < count; ++row) {
    idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) add(row, to_bytes(values[at]));
  }
}

template <typename T>
std::string_view Raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

template <typename Add>
void ForEachDecimal(Vector& input, idx_t count, Add&& add) {
  auto bytes = [](auto value) { return Int128ToBigEndian(Int128{value}); };
  switch (input.GetType().InternalType()) {
    case PhysicalType::INT16: return ForEach<int16_t>(input, count, bytes, add);
    case PhysicalType::INT32: return ForEach<int32_t>(input, count, bytes, add);
    case PhysicalType::INT64: return ForEach<int64_t>(input, count, bytes, add);
    default:
      return ForEach<duckdb::hugeint_t>(
          input, count, [](duckdb::hugeint_t value) { return Int128ToBigEndian(FromHugeint(value)); }, add);
  }
}

template <typename Add>
void ForEachValue(Vector& input, idx_t count, Add&& add) {
  if (input.GetType().id() == LogicalTypeId::DECIMAL) return ForEachDecimal(input, count, add);
  if (input.GetType().id() == LogicalTypeId::UUID) {
    // DuckDB turns the highest bit over, to sort uuids as numbers.
    auto bytes = [](duckdb::hugeint_t value) {
      return Int128ToBigEndian(FromHugeint(value) ^ static_cast<Int128>(1) << 127, sizeof(Int128));
    };
    return ForEach<duckdb::hugeint_t>(input, count, bytes, add);
  }
  switch (input.GetType().InternalType()) {
    case PhysicalType::BOOL: return ForEach<uint8_t>(input, count, Raw<uint8_t>, add);
    case PhysicalType::INT32: return ForEach<int32_t>(input, count, Raw<int32_t>, add);
    case PhysicalType::INT64: return ForEach<int64_t>(input, count, Raw<int64_t>, add);
    case PhysicalType::FLOAT: return ForEach<float>(input, count, Raw<float>, add);
    case PhysicalType::DOUBLE: return ForEach<double>(input, count, Raw<double>, add);
    case PhysicalType::VARCHAR: {
      auto bytes = [](const duckdb::string_t& text) { return std::string_view(text.GetData(), text.GetSize()); };
      return ForEach<duckdb::string_t>(input, count, bytes, add);
    }
    default: ThrowLakeError(InvalidInput("lake_theta_sketch takes no {}", input.GetType().ToString()));
  }
}

void Initialize(const duckdb::AggregateFunction&, data_ptr_t state) { *reinterpret_cast<State*>(state) = State{}; }

void Update(Vector inputs[], duckdb::AggregateInputData&, idx_t, Vector& states, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  auto pointers = duckdb::UnifiedVectorFormat::GetData<State*>(format);
  ForEachValue(inputs[0], count,
               [&](idx_t row, std::string_view bytes) { SketchOf(*pointers[format.sel->get_index(row)]).Add(bytes); });
}

void UpdateOne(Vector inputs[], duckdb::AggregateInputData&, idx_t, data_ptr_t state, idx_t count) {
  ThetaSketch& sketch = SketchOf(*reinterpret_cast<State*>(state));
  ForEachValue(inputs[0], count, [&](idx_t, std::string_view bytes) { sketch.Add(bytes); });
}

void Combine(Vector& sources, Vector& targets, duckdb::AggregateInputData&, idx_t count) {
  auto from = duckdb::FlatVector::GetData<State*>(sources);
  auto to = duckdb::FlatVector::GetData<State*>(targets);
  for (idx_t i = 0; i < count; ++i) {
    if (from[i]->sketch != nullptr) SketchOf(*to[i]).Merge(*from[i]->sketch);
  }
}

void Finalize(Vector& states, duckdb::AggregateInputData&, Vector& result, idx_t count, idx_t offset) {
  duckdb::UnifiedVectorFormat format;
  states.ToUnifiedFormat(count, format);
  auto pointers = duckdb::UnifiedVectorFormat::GetData<State*>(format);
  if (states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
  auto texts = duckdb::FlatVector::GetData<duckdb::string_t>(result);
  for (idx_t i = 0; i < count; ++i) {
    std::string bytes = SketchOf(*pointers[format.sel->get_index(i)]).Serialize();
    texts[offset + i] = duckdb::StringVector::AddStringOrBlob(result, bytes.data(), bytes.size());
  }
}

void Destroy(Vector& states, duckdb::AggregateInputData&, idx_t count) {
  auto pointers = duckdb::FlatVector::GetData<State*>(states);
  for (idx_t i = 0; i < count; ++i) {
    delete pointers[i]->sketch;
    pointers[i]->sketch = nullptr;
  }
}

// ---------------------------------------------------------------- lake_write_statistics

/// Columns whose values DuckDB reads as Iceberg means them: not those in nanoseconds, nor nested ones, variants and
/// geometries.
bool HasSketch(const iceberg::Type& type) {
  using iceberg::TypeId;
  switch (type.id()) {
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
    case TypeId::kUnknown: return false;
    default: return type.has_order();
  }
}

struct Request {
  LakeInstance::MetadataPtr metadata;
  const iceberg::Snapshot* snapshot = nullptr;  // null: there is nothing to write
  std::string base;
  iceberg::Location path;
  std::vector<const iceberg::NestedField*> columns;
};

Result<Request> ParseRequest(duckdb::ClientContext& context, const std::string& text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_write_statistics"));
  JsonObject object(json, "argument of lake_write_statistics");
  Request request;
  LAKE_ASSIGN_OR_RETURN(request.base, object.String("base"));
  LAKE_ASSIGN_OR_RETURN(std::string path, object.String("path"));
  request.path = iceberg::Location(path);
  LAKE_ASSIGN_OR_RETURN(request.metadata,
                        LakeInstance::Of(context)->MetadataOfBase(request.base, Cancellable(context)));
  const iceberg::TableMetadata& metadata = *request.metadata;
  for (const iceberg::NestedField& field : metadata.current_schema().fields()) {
    if (HasSketch(field.type)) request.columns.push_back(&field);
  }
  const iceberg::Snapshot* current = metadata.current_snapshot();
  bool is_known = current != nullptr && iceberg::FindStatistics(metadata, current->snapshot_id) != nullptr;
  if (!is_known && !request.columns.empty()) request.snapshot = current;
  return request;
}

std::string QueryFor(const Request& request, const std::string& argument) {
  if (request.snapshot == nullptr) return "SELECT NULL::VARCHAR AS operation WHERE false";
  std::string sketches;
  for (const iceberg::NestedField* column : request.columns) {
    sketches += fmt::format("{}lake_theta_sketch({})", sketches.empty() ? "" : ", ",
                            duckdb::KeywordHelper::WriteOptionallyQuoted(column->name));
  }
  return fmt::format("SELECT lake_put_statistics({}, [{}]) AS operation FROM lake_scan({}, at_snapshot := {})",
                     Value(argument).ToSQLString(), sketches, Value(request.base).ToSQLString(),
                     request.snapshot->snapshot_id.value);
}

duckdb::unique_ptr<duckdb::TableRef> ReplaceCall(duckdb::ClientContext& context,
                                                 duckdb::TableFunctionBindInput& input) {
  if (input.inputs[0].IsNull()) ThrowLakeError(InvalidInput("argument of lake_write_statistics must not be null"));
  const std::string& argument = duckdb::StringValue::Get(input.inputs[0]);
  Request request = ValueOrThrow(ParseRequest(context, argument));
  duckdb::Parser parser(context.GetParserOptions());
  parser.ParseQuery(QueryFor(request, argument));
  auto query = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(parser.statements[0]));
  return duckdb::make_uniq<duckdb::SubqueryRef>(std::move(query));
}

/// Writes the Puffin file and answers the operation of lake_alter that makes it the snapshot's.
Result<std::string> PutStatistics(duckdb::ClientContext& context, const std::string& argument,
                                  const duckdb::vector<Value>& sketches) {
  LAKE_ASSIGN_OR_RETURN(Request request, ParseRequest(context, argument));
  if (request.snapshot == nullptr || sketches.size() != request.columns.size()) {
    return InvalidInput("{} sketches are not those of the table's columns", sketches.size());
  }
  iceberg::PuffinWriter writer;
  std::vector<iceberg::PuffinBlob> blobs;
  for (size_t i = 0; i < sketches.size(); ++i) {
    const std::string& bytes = duckdb::StringValue::Get(sketches[i]);
    LAKE_ASSIGN_OR_RETURN(double estimate, iceberg::EstimateOfThetaSketch(bytes));
    std::string ndv = fmt::format("{}", static_cast<int64_t>(std::llround(estimate)));
    blobs.push_back(writer.Add({.type = iceberg::kThetaSketchBlob,
                                .fields = {request.columns[i]->id},
                                .snapshot_id = request.snapshot->snapshot_id.value,
                                .sequence_number = request.snapshot->sequence_number.value,
                                .properties = {{iceberg::kDistinctValuesProperty, ndv}}},
                               bytes));
  }
  LAKE_ASSIGN_OR_RETURN(std::string file, std::move(writer).Finish({{"created-by", "pg_lake " LAKE_VERSION}}));
  auto put = LakeInstance::Of(context)->store().Put(request.path.str(), file, {.if_absent = true});
  if (!put.ok()) return std::move(put).error();
  return DumpJson(
      {{"op", "set_statistics"},
       {"statistics", iceberg::MakeStatistics(request.snapshot->snapshot_id, request.path, file, blobs).json}});
}

void PutStatisticsOfRow(duckdb::DataChunk& args, duckdb::ExpressionState& state, Vector& result) {
  for (idx_t row = 0; row < args.size(); ++row) {
    Value argument = args.data[0].GetValue(row);
    Value sketches = args.data[1].GetValue(row);
    result.SetValue(row, Value(ValueOrThrow(PutStatistics(state.GetContext(), duckdb::StringValue::Get(argument),
                                                          duckdb::ListValue::GetChildren(sketches)))));
  }
}

// ---------------------------------------------------------------- lake_column_ndv

Result<Rows> ColumnNdv(duckdb::ClientContext& context, const std::string& base) {
  LAKE_ASSIGN_OR_RETURN(auto metadata, LakeInstance::Of(context)->MetadataOfBase(base, Cancellable(context)));
  Rows rows;
  if (metadata->current_snapshot() == nullptr) return rows;
  auto counts = iceberg::DistinctValues(*metadata, *metadata->current_snapshot());
  for (const iceberg::NestedField& field : metadata->current_schema().fields()) {
    auto found = counts.find(field.id);
    if (found != counts.end()) rows.push_back({Value(field.name), Value::BIGINT(found->second)});
  }
  return rows;
}

}  // namespace

void RegisterTableStatistics(duckdb::ExtensionLoader& loader) {
  auto state_size = [](const duckdb::AggregateFunction&) -> idx_t { return sizeof(State); };
  loader.RegisterFunction(duckdb::AggregateFunction("lake_theta_sketch", {LogicalType::ANY}, LogicalType::BLOB,
                                                    state_size, Initialize, Update, Combine, Finalize, UpdateOne,
                                                    nullptr, Destroy));
  duckdb::ScalarFunction put("lake_put_statistics", {LogicalType::VARCHAR, LogicalType::LIST(LogicalType::BLOB)},
                             LogicalType::VARCHAR, PutStatisticsOfRow);
  put.SetStability(duckdb::FunctionStability::VOLATILE);
  loader.RegisterFunction(put);
  duckdb::TableFunction write("lake_write_statistics", {LogicalType::VARCHAR}, nullptr, nullptr);
  write.bind_replace = ReplaceCall;
  loader.RegisterFunction(write);
  RegisterTextFunction(loader, "lake_column_ndv",
                       {{"column_name", LogicalTypeId::VARCHAR}, {"ndv", LogicalTypeId::BIGINT}}, ColumnNdv);
}

}  // namespace lake::server
