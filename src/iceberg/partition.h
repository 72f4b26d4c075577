// Partition specs and transforms ("Partitioning" in the specification).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iceberg/literal.h"
#include "iceberg/schema.h"

namespace lake::iceberg {

class Transform {
 public:
  enum class Kind { kIdentity, kBucket, kTruncate, kYear, kMonth, kDay, kHour, kVoid, kUnknown };

  Transform() = default;  // identity
  static Transform Identity() { return Transform(Kind::kIdentity, 0); }
  static Transform Bucket(int count) { return Transform(Kind::kBucket, count); }
  static Transform Truncate(int width) { return Transform(Kind::kTruncate, width); }
  static Transform Year() { return Transform(Kind::kYear, 0); }
  static Transform Month() { return Transform(Kind::kMonth, 0); }
  static Transform Day() { return Transform(Kind::kDay, 0); }
  static Transform Hour() { return Transform(Kind::kHour, 0); }
  static Transform Void() { return Transform(Kind::kVoid, 0); }
  /// "bucket[16]", "day", ...; an unknown name is kept as kUnknown (rule 23), never an error. kCorrupt for bad widths.
  static Result<Transform> Parse(std::string_view text);
  std::string ToString() const;

  Kind kind() const { return kind_; }
  int parameter() const { return parameter_; }  // bucket count or truncate width

  bool CanTransform(const Type& source) const;
  /// bucket, year, month, hour: int; day: date; identity, truncate, void: the source's; unknown: string.
  Type ResultType(const Type& source) const;
  /// Null gives null (rule 24). kUnsupported for kUnknown, kInvalidInput when the type does not fit.
  Result<std::optional<Literal>> Apply(const std::optional<Literal>& source) const;
  /// Whether a < b implies Apply(a) <= Apply(b).
  bool PreservesOrder() const;

  bool operator==(const Transform&) const = default;

 private:
  Transform(Kind kind, int parameter) : kind_(kind), parameter_(parameter) {}

  Kind kind_ = Kind::kIdentity;
  int parameter_ = 0;
  std::string text_;  // kUnknown
};

/// The 32-bit hash behind bucket (rule 18): murmur3_x86_32, seed 0, over the value's bytes. kInvalidInput for types
/// that cannot be bucketed.
Result<int32_t> BucketHash(const Literal& value);
/// The same of an integer, date, time or timestamp in microseconds, and of bytes, for those who have no literals.
int32_t BucketHash(int64_t value);
int32_t BucketHash(std::string_view bytes);

/// What truncate leaves of a string: its first `count` code points.
std::string_view FirstCodePoints(std::string_view text, int count);

struct PartitionField {
  std::vector<FieldId> source_ids;  // one, but for v3's multi-argument transforms
  FieldId field_id;                 // from 1000 on, unique over all specs of a table
  std::string name;
  Transform transform;

  FieldId source_id() const { return source_ids.empty() ? FieldId{0} : source_ids.front(); }
  bool operator==(const PartitionField&) const = default;
};

struct PartitionSpec {
  SpecId spec_id{0};
  std::vector<PartitionField> fields;

  bool is_unpartitioned() const;  // no fields, or only void ones
  bool operator==(const PartitionSpec&) const = default;
};

/// One value per field of a spec, in the spec's order.
using PartitionTuple = std::vector<std::optional<Literal>>;

/// The types of the tuple, in order. A field whose source column is gone has type unknown.
std::vector<Type> PartitionTypes(const PartitionSpec& spec, const Schema& schema);

/// The tuple of a row, from the values of the fields' source columns (same order as spec.fields).
Result<PartitionTuple> ApplySpec(const PartitionSpec& spec, const std::vector<std::optional<Literal>>& sources);

/// "a=1/ts_day=2024-02-29", names and values URL-encoded, null as "null". Decoration only (rule 21).
std::string PartitionPath(const PartitionSpec& spec, const PartitionTuple& tuple);

/// kUnsupported for unknown or multi-argument transforms, kInvalidInput for missing or unsuitable columns: whether
/// data may be written under the spec.
Status CheckSpec(const PartitionSpec& spec, const Schema& schema);

Result<PartitionSpec> ParsePartitionSpec(const Json& json);
/// The fields array alone (v1's partition-spec, manifests' key-value metadata); v1 without field ids numbers from 1000.
Result<std::vector<PartitionField>> ParsePartitionFields(const Json& json);
Json PartitionSpecToJson(const PartitionSpec& spec);
Json PartitionFieldsToJson(const std::vector<PartitionField>& fields);

}  // namespace lake::iceberg
