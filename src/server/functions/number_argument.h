// Number pictures and a locale's symbols as arguments of functions over vectors: parsed once.
#pragma once

#include "server/functions/number_picture.h"
#include "server/functions/vector_function.h"

namespace lake::server {

template <>
class vector_function::Argument<const NumberPicture&> : public vector_function::ParsedArgument<NumberPicture> {
 public:
  const NumberPicture& Get(duckdb::idx_t row) { return ParsedArgument<NumberPicture>::Get(row, NumberPicture::Parse); }
};

template <>
class vector_function::Argument<const NumberSymbols&> : public vector_function::ParsedArgument<NumberSymbols> {
 public:
  const NumberSymbols& Get(duckdb::idx_t row) { return ParsedArgument<NumberSymbols>::Get(row, NumberSymbols::Parse); }
};

}  // namespace lake::server
