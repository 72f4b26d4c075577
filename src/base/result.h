// Result<T>: a value or an Error. Never ignored, never both.
//
//   Result<Schema> ParseSchema(const Json& json);
//
//   Result<int> Use(const Json& json) {
//     LAKE_ASSIGN_OR_RETURN(auto schema, ParseSchema(json));
//     LAKE_RETURN_IF_ERROR(Check(schema));
//     return schema.size();
//   }
#pragma once

#include <cassert>
#include <utility>
#include <variant>

#include "base/error.h"

namespace lake {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// The value; the caller has seen ok().
  T& value() & { return assert(ok()), std::get<0>(state_); }
  const T& value() const& { return assert(ok()), std::get<0>(state_); }
  T&& value() && { return assert(ok()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The error; the caller has seen !ok().
  Error& error() & { return assert(!ok()), std::get<1>(state_); }
  const Error& error() const& { return assert(!ok()), std::get<1>(state_); }
  Error&& error() && { return assert(!ok()), std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// The outcome of something that has no value: default-constructed means success.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return error_.index() == 0; }
  explicit operator bool() const { return ok(); }
  Error& error() & { return assert(!ok()), std::get<1>(error_); }
  const Error& error() const& { return assert(!ok()), std::get<1>(error_); }
  Error&& error() && { return assert(!ok()), std::get<1>(std::move(error_)); }

 private:
  std::variant<std::monostate, Error> error_;
};

using Status = Result<void>;

}  // namespace lake

#define LAKE_CONCAT_INNER(a, b) a##b
#define LAKE_CONCAT(a, b) LAKE_CONCAT_INNER(a, b)

#define LAKE_RETURN_IF_ERROR(expr)                                                           \
  do {                                                                                       \
    if (auto lake_status = (expr); !lake_status.ok()) return std::move(lake_status).error(); \
  } while (0)

#define LAKE_ASSIGN_OR_RETURN_INNER(tmp, lhs, expr) \
  auto tmp = (expr);                                \
  if (!tmp.ok()) return std::move(tmp).error();     \
  lhs = std::move(tmp).value()

#define LAKE_ASSIGN_OR_RETURN(lhs, expr) LAKE_ASSIGN_OR_RETURN_INNER(LAKE_CONCAT(lake_result_, __LINE__), lhs, expr)
