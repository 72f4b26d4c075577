// Iceberg's single values as the text that PostgreSQL gives for `value::text`, in time zone UTC: bounds, partition
// values and defaults as the catalog views show them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "duckdb/main/client_context.hpp"
#include "iceberg/literal.h"
#include "server/engine/column_encoder.h"

namespace lake::server {

class ValueText {
 public:
  /// The context must outlive it.
  explicit ValueText(duckdb::ClientContext& context) : context_(context) {}

  Result<std::string> Of(const iceberg::Literal& literal);
  /// Of a value in Literal::ToBinary form.
  Result<std::string> OfBytes(const iceberg::Type& type, std::string_view bytes);

 private:
  duckdb::ClientContext& context_;
  std::map<std::string, std::unique_ptr<ColumnEncoder>> encoders_;  // by Iceberg type
};

}  // namespace lake::server
