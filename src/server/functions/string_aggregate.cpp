// See the header.
#include "server/functions/string_aggregate.h"

#include <string>

#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace lake::server {

namespace {

using duckdb::AggregateFunction;
using duckdb::LogicalType;
using duckdb::string_t;

struct State {
  std::string* text;     // every value behind its delimiter; NULL for no rows
  size_t skipped_bytes;  // of the first delimiter, which is not shown
};

struct Concatenation {
  template <class STATE>
  static void Initialize(STATE& state) {
    state = STATE{};
  }
  static bool IgnoreNull() { return true; }

  template <class A, class B, class STATE, class OP>
  static void Operation(STATE& state, const A& value, const B& delimiter, duckdb::AggregateBinaryInput&) {
    if (state.text == nullptr) {
      state.text = new std::string;
      state.skipped_bytes = delimiter.GetSize();
    }
    state.text->append(delimiter.GetData(), delimiter.GetSize());
    state.text->append(value.GetData(), value.GetSize());
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    if (source.text == nullptr) return;
    if (target.text == nullptr) {
      target = {new std::string(*source.text), source.skipped_bytes};
    } else {
      target.text->append(*source.text);
    }
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& finalize) {
    if (state.text == nullptr) {
      finalize.ReturnNull();
    } else {
      target = duckdb::StringVector::AddStringOrBlob(finalize.result, state.text->data() + state.skipped_bytes,
                                                     state.text->size() - state.skipped_bytes);
    }
  }
  template <class STATE>
  static void Destroy(STATE& state, duckdb::AggregateInputData&) {
    delete state.text;
    state.text = nullptr;
  }
};

}  // namespace

void RegisterStringAggregate(duckdb::ExtensionLoader& loader) {
  duckdb::AggregateFunctionSet set("pg_string_agg");
  for (const LogicalType& type : {LogicalType(LogicalType::VARCHAR), LogicalType(LogicalType::BLOB)}) {
    auto function =
        AggregateFunction::BinaryAggregate<State, string_t, string_t, string_t, Concatenation>(type, type, type);
    function.SetStateDestructorCallback(AggregateFunction::StateDestroy<State, Concatenation>);
    set.AddFunction(function);
  }
  loader.RegisterFunction(set);
}

}  // namespace lake::server
