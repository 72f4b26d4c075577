// SQL functions of one row's values, written as plain C++ functions:
//
//   std::string Twice(std::string_view text) { return std::string(text) + std::string(text); }
//   RegisterScalar<Twice>(loader, "pg_twice");
//
// Types follow from the signature: std::string_view in and std::string out are VARCHAR, Blob in and BlobText out are
// BLOB, the C++ numbers DuckDB's of that width. NULL in any argument gives NULL; so does an empty std::optional. Errors
// are thrown with ThrowReport(). Several functions under one name are its overloads.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "duckdb/common/types/vector.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace lake::server {

struct Blob {
  std::string_view bytes;
};

struct BlobText {
  std::string bytes;
};

namespace scalar {

/// How a C++ type lies in a vector.
template <class T>
struct Value;

template <class T, duckdb::LogicalTypeId kId>
struct Number {
  using Stored = T;
  static duckdb::LogicalType Type() { return kId; }
  static T Read(T stored) { return stored; }
  static T Write(duckdb::Vector&, T value) { return value; }
};

template <>
struct Value<bool> : Number<bool, duckdb::LogicalTypeId::BOOLEAN> {};
template <>
struct Value<int16_t> : Number<int16_t, duckdb::LogicalTypeId::SMALLINT> {};
template <>
struct Value<int32_t> : Number<int32_t, duckdb::LogicalTypeId::INTEGER> {};
template <>
struct Value<int64_t> : Number<int64_t, duckdb::LogicalTypeId::BIGINT> {};
template <>
struct Value<float> : Number<float, duckdb::LogicalTypeId::FLOAT> {};
template <>
struct Value<double> : Number<double, duckdb::LogicalTypeId::DOUBLE> {};
template <>
struct Value<duckdb::hugeint_t> : Number<duckdb::hugeint_t, duckdb::LogicalTypeId::UUID> {};

template <>
struct Value<std::string_view> {
  using Stored = duckdb::string_t;
  static duckdb::LogicalType Type() { return duckdb::LogicalType::VARCHAR; }
  static std::string_view Read(const duckdb::string_t& stored) { return {stored.GetData(), stored.GetSize()}; }
  static duckdb::string_t Write(duckdb::Vector& result, std::string_view value) {
    return duckdb::StringVector::AddStringOrBlob(result, value.data(), value.size());
  }
};

template <>
struct Value<std::string> : Value<std::string_view> {};

template <>
struct Value<Blob> {
  using Stored = duckdb::string_t;
  static duckdb::LogicalType Type() { return duckdb::LogicalType::BLOB; }
  static Blob Read(const duckdb::string_t& stored) { return {{stored.GetData(), stored.GetSize()}}; }
};

template <>
struct Value<BlobText> {
  using Stored = duckdb::string_t;
  static duckdb::LogicalType Type() { return duckdb::LogicalType::BLOB; }
  static duckdb::string_t Write(duckdb::Vector& result, const BlobText& value) {
    return duckdb::StringVector::AddStringOrBlob(result, value.bytes.data(), value.bytes.size());
  }
};

template <class T>
struct Value<std::optional<T>> : Value<T> {};

template <class R>
void Store(duckdb::Vector& result, duckdb::idx_t row, const R& value) {
  duckdb::FlatVector::GetData<typename Value<R>::Stored>(result)[row] = Value<R>::Write(result, value);
}

template <class R>
void Store(duckdb::Vector& result, duckdb::idx_t row, const std::optional<R>& value) {
  if (value) {
    Store(result, row, *value);
  } else {
    duckdb::FlatVector::SetNull(result, row, true);
  }
}

template <auto kFunction, class R, class... A, size_t... I>
void Execute(R (*)(A...), duckdb::DataChunk& args, duckdb::Vector& result, std::index_sequence<I...>) {
  constexpr size_t kCount = sizeof...(A);
  std::array<duckdb::UnifiedVectorFormat, kCount> formats;
  for (size_t i = 0; i < kCount; ++i) args.data[i].ToUnifiedFormat(args.size(), formats[i]);
  bool constant = args.AllConstant();
  duckdb::idx_t count = constant ? 1 : args.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    std::array<duckdb::idx_t, kCount> at{formats[I].sel->get_index(row)...};
    if ((formats[I].validity.RowIsValid(at[I]) && ...)) {
      Store(result, row,
            kFunction(
                Value<A>::Read(duckdb::UnifiedVectorFormat::GetData<typename Value<A>::Stored>(formats[I])[at[I]])...));
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

template <auto kFunction, class R, class... A>
duckdb::ScalarFunction Make(R (*function)(A...), const char* name) {
  duckdb::ScalarFunction made(name, {Value<A>::Type()...}, Value<R>::Type(),
                              [](duckdb::DataChunk& args, duckdb::ExpressionState&, duckdb::Vector& result) {
                                Execute<kFunction>(kFunction, args, result, std::index_sequence_for<A...>());
                              });
  made.SetFallible();  // filters must not be reordered around it
  return made;
}

}  // namespace scalar

template <auto... kFunctions>
void RegisterScalar(duckdb::ExtensionLoader& loader, const char* name) {
  duckdb::ScalarFunctionSet set(name);
  (set.AddFunction(scalar::Make<kFunctions>(kFunctions, name)), ...);
  loader.RegisterFunction(set);
}

}  // namespace lake::server
