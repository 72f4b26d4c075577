// GoogleTest matchers and macros for Result<T>.
//
//   EXPECT_THAT(ParseThing(text), IsOk());
//   EXPECT_THAT(ParseThing("x"), AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr("thing"))));
//   ASSERT_OK_AND_ASSIGN(Thing thing, ParseThing(text));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"

namespace lake {

MATCHER(IsOk, negation ? "is an error" : "is not an error") {
  if (arg.ok()) return true;
  *result_listener << "which is the error \"" << arg.error().message() << "\" of kind " << KindName(arg.error().kind());
  return false;
}

MATCHER_P(HasKind, kind, std::string("is an error of kind ") + KindName(kind)) {
  if (arg.ok()) {
    *result_listener << "which is not an error";
    return false;
  }
  *result_listener << "which is the error \"" << arg.error().message() << "\" of kind " << KindName(arg.error().kind());
  return arg.error().kind() == kind;
}

MATCHER_P(HasMessage, matcher, "is an error whose message " + testing::DescribeMatcher<std::string>(matcher)) {
  if (arg.ok()) {
    *result_listener << "which is not an error";
    return false;
  }
  *result_listener << "whose message is \"" << arg.error().message() << "\"";
  return testing::Matches(matcher)(arg.error().message());
}

}  // namespace lake

#define LAKE_ASSERT_OK_INNER(tmp, lhs, expr) \
  auto tmp = (expr);                         \
  ASSERT_THAT(tmp, ::lake::IsOk());          \
  lhs = std::move(tmp).value()

#define ASSERT_OK_AND_ASSIGN(lhs, expr) LAKE_ASSERT_OK_INNER(LAKE_CONCAT(lake_result_, __LINE__), lhs, expr)
#define ASSERT_OK(expr) ASSERT_THAT(expr, ::lake::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT(expr, ::lake::IsOk())
