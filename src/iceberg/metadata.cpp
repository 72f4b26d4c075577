#include "iceberg/metadata.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace lake::iceberg {

namespace {

template <typename Items, typename Matches>
auto FindIn(const Items& items, Matches matches) -> const typename Items::value_type* {
  auto at = std::find_if(items.begin(), items.end(), matches);
  return at == items.end() ? nullptr : &*at;
}

}  // namespace

Status CheckWritable(int format_version) {
  if (format_version >= kMinWriteFormatVersion && format_version <= kMaxWriteFormatVersion) return {};
  return Unsupported("cannot write iceberg metadata in format version {}", format_version);
}

std::string Snapshot::operation() const {
  auto at = summary.find("operation");
  return at == summary.end() ? std::string() : at->second;
}

const Schema* TableMetadata::FindSchema(SchemaId id) const {
  return FindIn(schemas, [&](const Schema& schema) { return schema.id() == id; });
}

const PartitionSpec* TableMetadata::FindSpec(SpecId id) const {
  return FindIn(partition_specs, [&](const PartitionSpec& spec) { return spec.spec_id == id; });
}

const SortOrder* TableMetadata::FindSortOrder(SortOrderId id) const {
  return FindIn(sort_orders, [&](const SortOrder& order) { return order.order_id == id; });
}

const Snapshot* TableMetadata::FindSnapshot(SnapshotId id) const {
  return FindIn(snapshots, [&](const Snapshot& snapshot) { return snapshot.snapshot_id == id; });
}

const Schema& TableMetadata::current_schema() const {
  const Schema* schema = FindSchema(current_schema_id);
  return assert(schema != nullptr), *schema;
}

const PartitionSpec& TableMetadata::default_spec() const {
  const PartitionSpec* spec = FindSpec(default_spec_id);
  return assert(spec != nullptr), *spec;
}

const SortOrder& TableMetadata::default_sort_order() const {
  const SortOrder* order = FindSortOrder(default_sort_order_id);
  return assert(order != nullptr), *order;
}

const Snapshot* TableMetadata::current_snapshot() const {
  return current_snapshot_id ? FindSnapshot(*current_snapshot_id) : nullptr;
}

const Snapshot* TableMetadata::FindRef(std::string_view name) const {
  auto at = refs.find(std::string(name));
  return at == refs.end() ? nullptr : FindSnapshot(at->second.snapshot_id);
}

const Snapshot* TableMetadata::SnapshotAsOf(int64_t timestamp_ms) const {
  const SnapshotLogEntry* latest = nullptr;
  for (const SnapshotLogEntry& entry : snapshot_log) {
    if (entry.timestamp_ms <= timestamp_ms) latest = &entry;
  }
  return latest == nullptr ? nullptr : FindSnapshot(latest->snapshot_id);
}

const Schema& TableMetadata::SchemaOf(const Snapshot& snapshot) const {
  const Schema* schema = snapshot.schema_id ? FindSchema(*snapshot.schema_id) : nullptr;
  return schema != nullptr ? *schema : current_schema();
}

int64_t TableMetadata::IntProperty(const std::string& name, int64_t fallback) const {
  auto at = properties.find(name);
  if (at == properties.end()) return fallback;
  int64_t value = 0;
  const char* end = at->second.data() + at->second.size();
  auto [stop, error] = std::from_chars(at->second.data(), end, value);
  return error == std::errc() && stop == end ? value : fallback;
}

}  // namespace lake::iceberg
