// Creating a table: the first metadata, without a snapshot.
#pragma once

#include <string>
#include <vector>

#include "iceberg/metadata.h"
#include "iceberg/operation/update_sort_order.h"
#include "iceberg/operation/update_spec.h"

namespace lake::iceberg {

struct NewColumn {
  std::string name;
  Type type;  // ids in nested types are placeholders
  bool required = false;
  std::optional<std::string> doc;
  std::shared_ptr<const Literal> initial_default = nullptr;  // of rows that are there before the column (rule 11)
  std::shared_ptr<const Literal> write_default = nullptr;

  /// Its id is yet to be assigned.
  NestedField AsField() const { return {FieldId{0}, name, required, type, doc, initial_default, write_default}; }
};

class CreateTable {
 public:
  CreateTable(Location location, std::vector<NewColumn> columns)
      : location_(std::move(location)), columns_(std::move(columns)) {}

  CreateTable& PartitionBy(std::vector<NewPartitionField> fields) { return partition_ = std::move(fields), *this; }
  CreateTable& SortBy(std::vector<NewSortField> fields) { return sort_ = std::move(fields), *this; }
  CreateTable& WithProperties(Properties properties) { return properties_ = std::move(properties), *this; }
  CreateTable& WithFormatVersion(int version) { return format_version_ = version, *this; }
  CreateTable& WithUuid(lake::Uuid uuid) { return uuid_ = uuid, *this; }

  /// Field ids in pre-order from 1 (ICE-19), partition field ids from 1000; schema and spec 0; sort order 0, which is
  /// unsorted, and 1 if there is one.
  /// kInvalidInput: duplicate or empty names, bad location, unsuitable partition or sort columns; kUnsupported: types
  /// of a later format version, a format version that is not written.
  Result<TableMetadata> Build(int64_t timestamp_ms) const;

 private:
  Location location_;
  std::vector<NewColumn> columns_;
  std::vector<NewPartitionField> partition_;
  std::vector<NewSortField> sort_;
  Properties properties_;
  int format_version_ = kDefaultFormatVersion;
  lake::Uuid uuid_ = lake::Uuid::Random();
};

}  // namespace lake::iceberg
