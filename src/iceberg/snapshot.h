// Snapshots ("Snapshots" in the specification) and the list of them in a table's metadata.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "iceberg/ids.h"

namespace lake::iceberg {

using Properties = std::map<std::string, std::string>;

struct Snapshot {
  SnapshotId snapshot_id;
  std::optional<SnapshotId> parent_snapshot_id;
  SequenceNumber sequence_number{0};
  int64_t timestamp_ms = 0;
  Location manifest_list;           // empty only for v1 snapshots that list their manifests
  std::vector<Location> manifests;  // v1 only
  std::optional<SchemaId> schema_id;
  Properties summary;                   // "operation" among them; all values are strings
  std::optional<int64_t> first_row_id;  // v3
  std::optional<int64_t> added_rows;    // v3
  std::optional<std::string> key_id;    // v3
  Json extra = Json::object();          // unknown keys

  /// "append", "replace", "overwrite", "delete"; empty when the summary does not say.
  std::string operation() const;
};

/// A snapshot as it stands in "snapshots" (also in REST's add-snapshot update).
Result<Snapshot> ParseSnapshot(const Json& json, int format_version);
Json SnapshotToJson(const Snapshot& snapshot, int format_version);

/// The snapshots of a table, in the order of the metadata file. Every commit makes a new TableMetadata out of the last
/// one and prints it, and a table may have thousands of snapshots, of which a commit changes none: so copies of the
/// list share them, and each is turned into text once. A snapshot in the list cannot be changed.
class SnapshotList {
  struct Item;

 public:
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Snapshot;
    using difference_type = std::ptrdiff_t;
    using pointer = const Snapshot*;
    using reference = const Snapshot&;

    const_iterator() = default;
    explicit const_iterator(const std::shared_ptr<const Item>* at) : at_(at) {}
    reference operator*() const { return (*at_)->snapshot; }
    pointer operator->() const { return &(*at_)->snapshot; }
    const_iterator& operator++() { return ++at_, *this; }
    const_iterator operator++(int) { return const_iterator(at_++); }
    bool operator==(const const_iterator&) const = default;

   private:
    const std::shared_ptr<const Item>* at_ = nullptr;
  };
  using value_type = Snapshot;

  void push_back(Snapshot snapshot) { items_.push_back(std::make_shared<const Item>(std::move(snapshot))); }
  template <typename Predicate>
  void EraseIf(Predicate predicate) {
    std::erase_if(items_, [&](const auto& item) { return predicate(item->snapshot); });
  }

  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  const Snapshot& operator[](size_t i) const { return items_[i]->snapshot; }
  const_iterator begin() const { return const_iterator(items_.data()); }
  const_iterator end() const { return const_iterator(items_.data() + items_.size()); }

  /// The whole list as the text of a JSON array. kInvalidInput when a string of it is not UTF-8.
  Status AppendText(int format_version, std::string& text) const;

 private:
  struct Item {
    explicit Item(Snapshot given) : snapshot(std::move(given)) {}
    const Snapshot snapshot;
    mutable std::once_flag once;
    mutable Result<std::string> text{std::string()};  // in format version 2 and above
  };

  std::vector<std::shared_ptr<const Item>> items_;
};

}  // namespace lake::iceberg
