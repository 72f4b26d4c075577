// See the header. What is compared is a column itself, or a key that is computed beside it: the number of a transform
// (transform_numbers.h), the beginning of a text, and of a float an integer, since the specification tells zeros and
// the signs of NaNs apart, which DuckDB does not.
#include "server/lake/row_sorter.h"

#include <algorithm>
#include <bit>

#include "duckdb/common/sorting/sort.hpp"
#include "duckdb/execution/execution_context.hpp"
#include "duckdb/parallel/interrupt.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "duckdb/planner/bound_result_modifier.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "server/lake/attempt.h"
#include "server/lake/duck_types.h"
#include "server/lake/in_transaction.h"
#include "server/lake/transform_numbers.h"

namespace lake::server {

using duckdb::ColumnDataCollection;
using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::PhysicalType;
using duckdb::Vector;
using iceberg::Transform;
using iceberg::TypeId;

namespace {

constexpr const char* kWhat = "sorting rows";

/// Integers in the order of the floats: -NaN, -Infinity, ... -0, 0, ... Infinity, NaN.
template <typename Bits, typename Float>
int64_t FloatNumber(Float value) {
  auto bits = std::bit_cast<Bits>(value);
  return bits < 0 ? bits ^ std::numeric_limits<Bits>::max() : bits;
}

/// `value_of` of each value that is not null.
template <typename From, typename To, typename ValueOf>
void Compute(Vector& from, idx_t count, Vector& to, ValueOf value_of) {
  duckdb::UnifiedVectorFormat format;
  from.ToUnifiedFormat(count, format);
  const From* values = duckdb::UnifiedVectorFormat::GetData<From>(format);
  To* keys = duckdb::FlatVector::GetData<To>(to);
  for (idx_t i = 0; i < count; ++i) {
    idx_t at = format.sel->get_index(i);
    if (format.validity.RowIsValid(at)) {
      keys[i] = value_of(values[at]);
    } else {
      duckdb::FlatVector::SetNull(to, i, true);
    }
  }
}

duckdb::hugeint_t HugeintOf(Int128 value) {
  return duckdb::hugeint_t(static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value));
}

}  // namespace

struct RowSorter::Key {
  size_t column;
  iceberg::Type type;
  Transform transform;
  LogicalType key_type;  // of a computed one

  bool is_column() const {
    return transform.kind() == Transform::Kind::kIdentity && type.id() != TypeId::kFloat &&
           type.id() != TypeId::kDouble;
  }

  LogicalType TypeOver(const LogicalType& source) const {
    bool truncates = transform.kind() == Transform::Kind::kTruncate;
    if (truncates && source.InternalType() == PhysicalType::VARCHAR) return source;
    return truncates && source.InternalType() == PhysicalType::INT128 ? LogicalType::HUGEINT : LogicalType::BIGINT;
  }

  void Fill(Vector& from, idx_t count, Vector& to) const {
    switch (from.GetType().InternalType()) {
      case PhysicalType::INT16: return FillNumbers<int16_t>(from, count, to);
      case PhysicalType::INT32: return FillNumbers<int32_t>(from, count, to);
      case PhysicalType::INT64: return FillNumbers<int64_t>(from, count, to);
      case PhysicalType::FLOAT: return Compute<float, int64_t>(from, count, to, FloatNumber<int32_t, float>);
      case PhysicalType::DOUBLE: return Compute<double, int64_t>(from, count, to, FloatNumber<int64_t, double>);
      case PhysicalType::INT128:
        if (key_type.id() == duckdb::LogicalTypeId::HUGEINT) {
          return Compute<duckdb::hugeint_t, duckdb::hugeint_t>(
              from, count, to, [&](duckdb::hugeint_t value) { return HugeintOf(NumberOf(transform, type, value)); });
        }
        return Compute<duckdb::hugeint_t, int64_t>(from, count, to, [&](duckdb::hugeint_t value) {
          return static_cast<int64_t>(NumberOf(transform, type, value));
        });
      default: return FillTexts(from, count, to);
    }
  }

 private:
  template <typename T>
  void FillNumbers(Vector& from, idx_t count, Vector& to) const {
    WithNumberOf(transform, type, [&](auto number_of) { Compute<T, int64_t>(from, count, to, number_of); });
  }

  void FillTexts(Vector& from, idx_t count, Vector& to) const {
    if (transform.kind() == Transform::Kind::kBucket) {
      return Compute<duckdb::string_t, int64_t>(from, count, to, [&](const duckdb::string_t& value) {
        return BucketOf(iceberg::BucketHash(ViewOf(value)), transform);
      });
    }
    Compute<duckdb::string_t, duckdb::string_t>(from, count, to, [&](const duckdb::string_t& value) {
      std::string_view bytes = ViewOf(value);
      auto width = static_cast<size_t>(transform.parameter());
      bytes = type.id() == TypeId::kString ? iceberg::FirstCodePoints(bytes, transform.parameter())
                                           : bytes.substr(0, width);
      return duckdb::StringVector::AddStringOrBlob(to, bytes.data(), bytes.size());
    });
  }
};

struct RowSorter::Local {
  duckdb::unique_ptr<duckdb::LocalSinkState> state;
  DataChunk keys;
  DataChunk input;
};

struct RowSorter::Global {
  duckdb::unique_ptr<duckdb::GlobalSinkState> state;
};

struct RowSorter::Source {
  explicit Source(duckdb::ClientContext& context) : thread(context), execution(context, thread, nullptr) {}

  duckdb::ThreadContext thread;
  duckdb::ExecutionContext execution;
  duckdb::InterruptState interrupts;
  duckdb::unique_ptr<duckdb::GlobalSourceState> global;
  duckdb::unique_ptr<duckdb::LocalSourceState> local;
  DataChunk chunk;
  bool done = false;
};

RowSorter::RowSorter(duckdb::ClientContext& context) : context_(context) {}
RowSorter::~RowSorter() = default;

Result<std::unique_ptr<RowSorter>> RowSorter::Create(duckdb::ClientContext& context, const iceberg::SortOrder& order,
                                                     const std::vector<iceberg::NestedField>& columns) {
  if (order.fields.empty()) return std::unique_ptr<RowSorter>();
  std::unique_ptr<RowSorter> sorter(new RowSorter(context));
  for (const iceberg::NestedField& column : columns) {
    LAKE_ASSIGN_OR_RETURN(LogicalType type, DuckType(column.type, column.name));
    sorter->types_.push_back(std::move(type));
  }
  duckdb::vector<duckdb::BoundOrderByNode> orders;
  for (const iceberg::SortField& field : order.fields) {
    auto column = std::find_if(columns.begin(), columns.end(),
                               [&](const auto& candidate) { return candidate.id == field.source_ids.front(); });
    if (field.source_ids.size() != 1 || column == columns.end() || !field.transform.CanTransform(column->type) ||
        field.transform.kind() == Transform::Kind::kVoid) {
      return std::unique_ptr<RowSorter>();
    }
    auto at = static_cast<size_t>(column - columns.begin());
    Key key{at, column->type, field.transform, {}};
    key.key_type = sorter->types_[at];
    if (!key.is_column()) {
      key.key_type = key.TypeOver(sorter->types_[at]);
      at = columns.size() + sorter->key_types_.size();
      sorter->key_types_.push_back(key.key_type);
      sorter->keys_.push_back(key);
    }
    orders.emplace_back(field.ascending ? duckdb::OrderType::ASCENDING : duckdb::OrderType::DESCENDING,
                        field.nulls_first ? duckdb::OrderByNullType::NULLS_FIRST : duckdb::OrderByNullType::NULLS_LAST,
                        duckdb::make_uniq<duckdb::BoundReferenceExpression>(key.key_type, at));
  }
  LAKE_RETURN_IF_ERROR(Attempt(kWhat, [&]() -> Status {
    InTransaction(context, [&] {
      duckdb::vector<LogicalType> inputs = sorter->types_;
      inputs.insert(inputs.end(), sorter->key_types_.begin(), sorter->key_types_.end());
      duckdb::vector<idx_t> written(sorter->types_.size());
      for (idx_t i = 0; i < written.size(); ++i) written[i] = i;
      sorter->sort_ = std::make_unique<duckdb::Sort>(context, orders, inputs, std::move(written));
      sorter->global_ = std::make_unique<Global>();
      sorter->global_->state = sorter->sort_->GetGlobalSinkState(context);
    });
    return {};
  }));
  return sorter;
}

// ------------------------------------------------------------------------------------------------ rows in

std::unique_ptr<RowSorter::Local> RowSorter::TakeLocal() {
  {
    std::lock_guard lock(mutex_);
    if (!locals_.empty()) {
      auto local = std::move(locals_.back());
      locals_.pop_back();
      return local;
    }
  }
  duckdb::ThreadContext thread(context_);
  duckdb::ExecutionContext execution(context_, thread, nullptr);
  auto local = std::make_unique<Local>();
  local->state = sort_->GetLocalSinkState(execution);
  if (!key_types_.empty()) local->keys.Initialize(context_, key_types_);
  duckdb::vector<LogicalType> inputs = types_;
  inputs.insert(inputs.end(), key_types_.begin(), key_types_.end());
  local->input.InitializeEmpty(inputs);
  return local;
}

void RowSorter::Sink(Local& local, ColumnDataCollection& rows) {
  duckdb::ThreadContext thread(context_);
  duckdb::ExecutionContext execution(context_, thread, nullptr);
  duckdb::InterruptState interrupts;
  duckdb::OperatorSinkInput sink{*global_->state, *local.state, interrupts};
  for (DataChunk& chunk : rows.Chunks()) {
    if (context_.interrupted) throw duckdb::InterruptException();
    if (!keys_.empty()) local.keys.Reset();
    for (size_t i = 0; i < keys_.size(); ++i) {
      keys_[i].Fill(chunk.data[keys_[i].column], chunk.size(), local.keys.data[i]);
      local.input.data[types_.size() + i].Reference(local.keys.data[i]);
    }
    for (size_t i = 0; i < types_.size(); ++i) local.input.data[i].Reference(chunk.data[i]);
    local.input.SetCardinality(chunk.size());
    sort_->Sink(execution, local.input, sink);
  }
  rows.Reset();
}

Status RowSorter::Add(ColumnDataCollection& rows) {
  return Attempt(kWhat, [&]() -> Status {
    std::unique_ptr<Local> local = TakeLocal();
    Sink(*local, rows);
    std::lock_guard lock(mutex_);
    locals_.push_back(std::move(local));
    return {};
  });
}

// ------------------------------------------------------------------------------------------------ rows out

void RowSorter::Open() {
  source_ = std::make_unique<Source>(context_);
  for (auto& local : locals_) {
    duckdb::OperatorSinkCombineInput combine{*global_->state, *local->state, source_->interrupts};
    sort_->Combine(source_->execution, combine);
  }
  locals_.clear();
  duckdb::OperatorSinkFinalizeInput finalize{*global_->state, source_->interrupts};
  source_->done = sort_->Finalize(context_, finalize) == duckdb::SinkFinalizeType::NO_OUTPUT_POSSIBLE;
  if (source_->done) return;
  source_->global = sort_->GetGlobalSourceState(context_, *global_->state);
  source_->local = sort_->GetLocalSourceState(source_->execution, *source_->global);
  source_->chunk.Initialize(context_, types_);
}

Result<RowSorter::Rows> RowSorter::Next(const std::function<bool(const ColumnDataCollection&)>& is_full) {
  Rows rows;
  LAKE_RETURN_IF_ERROR(Attempt(kWhat, [&]() -> Status {
    if (!source_) Open();
    duckdb::ColumnDataAppendState append;
    while (!source_->done && !(rows && is_full(*rows))) {
      if (context_.interrupted) throw duckdb::InterruptException();
      source_->chunk.Reset();
      duckdb::OperatorSourceInput input{*source_->global, *source_->local, source_->interrupts};
      sort_->GetData(source_->execution, source_->chunk, input);
      source_->done = source_->chunk.size() == 0;
      if (source_->done) break;
      if (!rows) {
        rows = std::make_unique<ColumnDataCollection>(context_, types_);
        rows->InitializeAppend(append);
      }
      rows->Append(append, source_->chunk);
    }
    return {};
  }));
  return rows;
}

}  // namespace lake::server
