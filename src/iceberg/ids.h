// Strong types of the Iceberg library: a field id is not a snapshot id is not a sequence number, and a location is not
// any string. Conversions are explicit; `.value` (Location: str()) gets the bare value out.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace lake::iceberg {

template <typename Tag, typename T>
struct StrongNumber {
  T value{};

  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(T v) : value(v) {}
  constexpr auto operator<=>(const StrongNumber&) const = default;
};

using FieldId = StrongNumber<struct FieldIdTag, int32_t>;  // of a column or partition field; never reused
using SchemaId = StrongNumber<struct SchemaIdTag, int32_t>;
using SpecId = StrongNumber<struct SpecIdTag, int32_t>;            // of a partition spec
using SortOrderId = StrongNumber<struct SortOrderIdTag, int32_t>;  // 0 is "unsorted"
using SnapshotId = StrongNumber<struct SnapshotIdTag, int64_t>;
using SequenceNumber = StrongNumber<struct SequenceNumberTag, int64_t>;  // 0 for everything written as v1

/// The absolute URI of an object, "s3://bucket/key" or "file:///dir/name". Compared and stored byte for byte: two
/// spellings of the same object are two locations (deletes are matched by it).
class Location {
 public:
  Location() = default;
  explicit Location(std::string text) : text_(std::move(text)) {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Location&) const = default;

 private:
  std::string text_;
};

/// Ids above this are reserved for metadata columns (_file, _pos, _row_id ...).
inline constexpr FieldId kMaxUserFieldId{2147483447};
inline constexpr FieldId kDeleteFilePathId{2147483546};             // file_path of position delete files
inline constexpr FieldId kDeletePosId{2147483545};                  // pos of position delete files
inline constexpr FieldId kRowIdId{2147483540};                      // _row_id (v3)
inline constexpr FieldId kLastUpdatedSequenceNumberId{2147483539};  // _last_updated_sequence_number (v3)

/// The first id of a partition field, and the last-partition-id of a table that never had one.
inline constexpr FieldId kFirstPartitionFieldId{1000};
inline constexpr FieldId kNoPartitionFieldId{999};

}  // namespace lake::iceberg

template <typename Tag, typename T>
struct fmt::formatter<lake::iceberg::StrongNumber<Tag, T>> : fmt::formatter<T> {
  template <typename Context>
  auto format(const lake::iceberg::StrongNumber<Tag, T>& id, Context& context) const {
    return fmt::formatter<T>::format(id.value, context);
  }
};

template <>
struct fmt::formatter<lake::iceberg::Location> : fmt::formatter<std::string> {
  template <typename Context>
  auto format(const lake::iceberg::Location& location, Context& context) const {
    return fmt::formatter<std::string>::format(location.str(), context);
  }
};

template <typename Tag, typename T>
struct std::hash<lake::iceberg::StrongNumber<Tag, T>> {
  size_t operator()(const lake::iceberg::StrongNumber<Tag, T>& id) const { return std::hash<T>()(id.value); }
};

template <>
struct std::hash<lake::iceberg::Location> {
  size_t operator()(const lake::iceberg::Location& location) const { return std::hash<std::string>()(location.str()); }
};
