// Functions of single values as DuckDB scalar functions over vectors.
//
//   interval_t Negate(interval_t span);
//   RegisterValueFunction<Negate>(loader, "pg_interval_negate", {LogicalType::INTERVAL}, LogicalType::INTERVAL);
//
// Parameters are DuckDB's value types; std::string_view for VARCHAR; ZoneCursor& for a VARCHAR of time zone rules,
// which are parsed once; std::optional<T> for one that may be NULL (other NULLs make the result NULL). The result is a
// value type, std::string, or std::optional of one of them for a result that may be NULL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/functions/time_zone.h"

namespace lake::server {

namespace vector_function {

/// The rows of one argument.
template <typename T>
class Argument {
 public:
  void Open(duckdb::Vector& vector, duckdb::idx_t count) {
    vector.ToUnifiedFormat(count, format_);
    values_ = duckdb::UnifiedVectorFormat::GetData<T>(format_);
  }
  bool IsUsable(duckdb::idx_t row) const { return format_.validity.RowIsValid(format_.sel->get_index(row)); }
  T Get(duckdb::idx_t row) const { return values_[format_.sel->get_index(row)]; }

 private:
  duckdb::UnifiedVectorFormat format_;
  const T* values_ = nullptr;
};

template <>
class Argument<std::string_view> : public Argument<duckdb::string_t> {
 public:
  std::string_view Get(duckdb::idx_t row) {
    value_ = Argument<duckdb::string_t>::Get(row);
    return {value_.GetData(), value_.GetSize()};
  }

 private:
  duckdb::string_t value_;  // short texts lie in it
};

/// A text that is parsed into a Parsed; the same text as in the row before is not parsed again.
template <typename Parsed>
class ParsedArgument : public Argument<std::string_view> {
 public:
  template <typename Parse>
  Parsed& Get(duckdb::idx_t row, Parse parse) {
    std::string_view text = Argument<std::string_view>::Get(row);
    if (!parsed_ || text != text_) {
      parsed_.reset();
      parsed_.emplace(parse(text));
      text_ = text;
    }
    return *parsed_;
  }

 private:
  std::string text_;
  std::optional<Parsed> parsed_;
};

template <>
class Argument<ZoneCursor&> : public ParsedArgument<ZoneCursor> {
 public:
  ZoneCursor& Get(duckdb::idx_t row) {
    return ParsedArgument<ZoneCursor>::Get(row, [](std::string_view text) { return ZoneCursor(TimeZone::Get(text)); });
  }
};

template <typename T>
class Argument<std::optional<T>> : public Argument<T> {
 public:
  static constexpr bool IsUsable(duckdb::idx_t) { return true; }
  std::optional<T> Get(duckdb::idx_t row) {
    return Argument<T>::IsUsable(row) ? std::optional<T>(Argument<T>::Get(row)) : std::nullopt;
  }
};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
void Store(duckdb::Vector& result, duckdb::idx_t row, const T& value) {
  if constexpr (IsOptional<T>::value) {
    if (value) {
      Store(result, row, *value);
    } else {
      duckdb::FlatVector::Validity(result).SetInvalid(row);
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] = duckdb::StringVector::AddString(result, value);
  } else {
    duckdb::FlatVector::GetData<T>(result)[row] = value;
  }
}

template <auto kFunction, typename R, typename... A, size_t... kIndex>
void Run(duckdb::DataChunk& chunk, duckdb::Vector& result, R (*)(A...), std::index_sequence<kIndex...>) {
  std::tuple<Argument<A>...> arguments;
  (std::get<kIndex>(arguments).Open(chunk.data[kIndex], chunk.size()), ...);
  bool is_constant = chunk.AllConstant();
  duckdb::idx_t count = is_constant ? 1 : chunk.size();
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if ((std::get<kIndex>(arguments).IsUsable(row) && ...)) {
      Store(result, row, kFunction(std::get<kIndex>(arguments).Get(row)...));
    } else {
      duckdb::FlatVector::Validity(result).SetInvalid(row);
    }
  }
  if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

template <typename R, typename... A>
constexpr bool TakesNull(R (*)(A...)) {
  return (IsOptional<A>::value || ...);
}
template <typename R, typename... A>
constexpr size_t CountArguments(R (*)(A...)) {
  return sizeof...(A);
}

template <auto kFunction>
void Execute(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  Run<kFunction>(chunk, result, kFunction, std::make_index_sequence<CountArguments(kFunction)>());
}

}  // namespace vector_function

template <auto kFunction>
duckdb::ScalarFunction MakeValueFunction(const char* name, duckdb::vector<duckdb::LogicalType> arguments,
                                         const duckdb::LogicalType& result) {
  duckdb::ScalarFunction function(name, std::move(arguments), result, vector_function::Execute<kFunction>);
  function.SetFallible();  // filters must not be reordered around it
  if (vector_function::TakesNull(kFunction)) function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  return function;
}

template <auto kFunction>
void RegisterValueFunction(duckdb::ExtensionLoader& loader, const char* name,
                           duckdb::vector<duckdb::LogicalType> arguments, const duckdb::LogicalType& result) {
  loader.RegisterFunction(MakeValueFunction<kFunction>(name, std::move(arguments), result));
}

}  // namespace lake::server
