// One-dimensional arrays in PostgreSQL's binary (array_send) and text (array_out) formats.
//
//   array := ndim:int32 has_null:int32 element_oid:uint32 (length:int32 lower_bound:int32)*ndim element*
//   element := length:int32 bytes        (-1 = null)
//
// Zero dimensions are the empty array. Text is {1,NULL,"a \"quoted\" one"}.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/out_buffer.h"
#include "wire/type_oid.h"

namespace lake::wire {

/// The header of an array of `count` elements; each element follows as Append32(length) and its bytes.
void AppendArrayHeader(OutBuffer& out, Oid element, size_t count, bool has_null);

struct BinaryArray {
  Oid element = kUnspecifiedOid;
  std::vector<std::optional<std::string_view>> elements;  // into the bytes that were decoded; nullopt is null
};
/// kUnsupported for more than one dimension, kCorrupt for bytes that are no array. Lower bounds are ignored.
Result<BinaryArray> DecodeArray(std::string_view bytes);

/// Appends one element of a text array, quoted where it must be. nullopt is NULL.
void AppendArrayElement(OutBuffer& out, std::optional<std::string_view> element);

/// Elements of a one-dimensional text array. kInvalidInput for malformed text, kUnsupported for nested braces.
Result<std::vector<std::optional<std::string>>> ParseArrayText(std::string_view text);

}  // namespace lake::wire
