// Applies REST's updates to metadata. Each guard says which corruption it prevents.
#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

#include "iceberg/commit.h"
#include "iceberg/location.h"

namespace lake::iceberg {

namespace {

constexpr int kLastAdded = -1;

constexpr std::array<std::string_view, 9> kReservedProperties = {
    "format-version",           "uuid",
    "snapshot-count",           "current-snapshot-id",
    "current-snapshot-summary", "current-snapshot-timestamp",
    "current-schema",           "default-partition-spec",
    "default-sort-order"};

template <typename Items, typename Id>
int32_t NextId(const Items& items, Id id_of) {
  int32_t next = 0;
  for (const auto& item : items) next = std::max(next, id_of(item).value + 1);
  return next;
}

/// Equivalent whatever the fields are called (rule 15).
bool SameSpecFields(const PartitionSpec& a, const PartitionSpec& b) {
  return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const PartitionField& x, const PartitionField& y) {
                      return x.source_ids == y.source_ids && x.transform == y.transform;
                    });
}

class Builder {
 public:
  Builder(const TableMetadata* base, const CommitContext& context) : base_(base), context_(context) {
    if (base != nullptr) {
      metadata_ = *base;
    } else {
      metadata_.current_schema_id = SchemaId{-1};
      metadata_.default_spec_id = SpecId{-1};
    }
    timestamp_ms_ = std::max(context.timestamp_ms, metadata_.last_updated_ms);
  }

  Status operator()(const AssignUuid& update) {
    if (base_ != nullptr && base_->table_uuid && *base_->table_uuid != update.uuid) {
      return InvalidInput("cannot change the uuid of table {} to {}", base_->table_uuid->ToString(),
                          update.uuid.ToString());
    }
    metadata_.table_uuid = update.uuid;
    return {};
  }

  Status operator()(const UpgradeFormatVersion& update) {
    if (base_ != nullptr && update.version < metadata_.format_version) {
      return InvalidInput("cannot downgrade a table from format version {} to {}", metadata_.format_version,
                          update.version);
    }
    if (update.version == metadata_.format_version) return {};
    LAKE_RETURN_IF_ERROR(CheckWritable(update.version));
    metadata_.format_version = update.version;
    // Rows that are there get their ids from the next snapshot on (rule 67).
    if (update.version >= 3 && !metadata_.next_row_id) metadata_.next_row_id = 0;
    if (!metadata_.table_uuid) metadata_.table_uuid = lake::Uuid::Random();
    return {};
  }

  Status operator()(const AddSchema& update) {
    LAKE_RETURN_IF_ERROR(CheckSchema(update.schema, metadata_.format_version));
    FieldId highest = update.schema.HighestFieldId();
    if (update.last_column_id) {
      // Ids handed out by an older state would be handed out twice.
      if (*update.last_column_id < metadata_.last_column_id) {
        return InvalidInput("last column id {} of the new schema is below the table's {}", *update.last_column_id,
                            metadata_.last_column_id);
      }
      highest = std::max(highest, *update.last_column_id);
    }
    metadata_.last_column_id = std::max(metadata_.last_column_id, highest);
    for (const Schema& schema : metadata_.schemas) {
      if (!schema.SameFields(update.schema)) continue;
      last_schema_ = schema.id();
      return {};
    }
    last_schema_ = SchemaId{NextId(metadata_.schemas, [](const Schema& s) { return s.id(); })};
    metadata_.schemas.push_back(update.schema.WithId(*last_schema_));
    return {};
  }

  Status operator()(const SetCurrentSchema& update) {
    LAKE_ASSIGN_OR_RETURN(SchemaId id, Resolve(update.id, last_schema_, "schema"));
    if (metadata_.FindSchema(id) == nullptr) return InvalidInput("schema {} does not exist", id);
    metadata_.current_schema_id = id;
    return {};
  }

  Status operator()(const AddSpec& update) {
    const Schema* schema = metadata_.FindSchema(metadata_.current_schema_id);
    if (schema == nullptr && last_schema_) schema = metadata_.FindSchema(*last_schema_);
    if (schema == nullptr) return InvalidInput("cannot add a partition spec to a table without a schema");
    LAKE_RETURN_IF_ERROR(CheckSpec(update.spec, *schema));
    for (const PartitionSpec& spec : metadata_.partition_specs) {
      if (!SameSpecFields(spec, update.spec)) continue;
      last_spec_ = spec.spec_id;
      return {};
    }
    PartitionSpec spec = update.spec;
    spec.spec_id = SpecId{NextId(metadata_.partition_specs, [](const PartitionSpec& s) { return s.spec_id; })};
    for (PartitionField& field : spec.fields) field.field_id = FieldIdFor(field);
    last_spec_ = spec.spec_id;
    metadata_.partition_specs.push_back(std::move(spec));
    return {};
  }

  Status operator()(const SetDefaultSpec& update) {
    LAKE_ASSIGN_OR_RETURN(SpecId id, Resolve(update.id, last_spec_, "partition spec"));
    if (metadata_.FindSpec(id) == nullptr) return InvalidInput("partition spec {} does not exist", id);
    metadata_.default_spec_id = id;
    return {};
  }

  Status operator()(const AddSortOrder& update) {
    SortOrder order = update.order;
    for (const SortOrder& known : metadata_.sort_orders) {
      if (known.fields != order.fields) continue;
      last_order_ = known.order_id;
      return {};
    }
    int32_t next = NextId(metadata_.sort_orders, [](const SortOrder& o) { return o.order_id; });
    order.order_id = SortOrderId{order.fields.empty() ? 0 : std::max(next, 1)};
    last_order_ = order.order_id;
    metadata_.sort_orders.push_back(std::move(order));
    return {};
  }

  Status operator()(const SetDefaultSortOrder& update) {
    LAKE_ASSIGN_OR_RETURN(SortOrderId id, Resolve(update.id, last_order_, "sort order"));
    if (metadata_.FindSortOrder(id) == nullptr) return InvalidInput("sort order {} does not exist", id);
    metadata_.default_sort_order_id = id;
    return {};
  }

  Status operator()(const AddSnapshot& update) {
    const Snapshot& snapshot = update.snapshot;
    if (metadata_.FindSnapshot(snapshot.snapshot_id) != nullptr) {
      return InvalidInput("snapshot {} already exists", snapshot.snapshot_id);
    }
    if (metadata_.format_version >= 2) {
      // Two snapshots of one number would make deletes apply to the wrong files. Not the caller's mistake: someone else
      // has committed since.
      if (snapshot.sequence_number <= metadata_.last_sequence_number) {
        return Conflict("snapshot {} has sequence number {}, but the table is already at {}", snapshot.snapshot_id,
                        snapshot.sequence_number, metadata_.last_sequence_number);
      }
      metadata_.last_sequence_number = snapshot.sequence_number;
    }
    if (metadata_.format_version >= 3) LAKE_RETURN_IF_ERROR(AssignRowIds(snapshot));
    timestamp_ms_ = std::max(timestamp_ms_, snapshot.timestamp_ms);
    metadata_.snapshots.push_back(snapshot);
    added_snapshots_.insert(snapshot.snapshot_id);
    return {};
  }

  Status operator()(const SetSnapshotRef& update) {
    const Snapshot* snapshot = metadata_.FindSnapshot(update.value.snapshot_id);
    if (snapshot == nullptr) {
      return InvalidInput("branch or tag \"{}\" names snapshot {}, which does not exist", update.ref,
                          update.value.snapshot_id);
    }
    if (update.ref == kMainBranch) {
      if (update.value.kind != SnapshotRef::Kind::kBranch) return InvalidInput("main must be a branch");
      if (metadata_.current_snapshot_id != snapshot->snapshot_id) {
        bool is_new = added_snapshots_.contains(snapshot->snapshot_id);
        metadata_.snapshot_log.push_back({is_new ? snapshot->timestamp_ms : timestamp_ms_, snapshot->snapshot_id});
        metadata_.current_snapshot_id = snapshot->snapshot_id;
      }
    }
    metadata_.refs[update.ref] = update.value;
    return {};
  }

  Status operator()(const RemoveSnapshotRef& update) {
    metadata_.refs.erase(update.ref);
    if (update.ref == kMainBranch) metadata_.current_snapshot_id.reset();
    return {};
  }

  Status operator()(const RemoveSnapshots& update) {
    std::set<SnapshotId> gone(update.ids.begin(), update.ids.end());
    metadata_.snapshots.EraseIf([&](const Snapshot& s) { return gone.contains(s.snapshot_id); });
    std::erase_if(metadata_.refs, [&](const auto& ref) { return gone.contains(ref.second.snapshot_id); });
    auto about_gone = [&](const StatisticsFile& file) { return gone.contains(file.snapshot_id); };
    std::erase_if(metadata_.statistics, about_gone);
    std::erase_if(metadata_.partition_statistics, about_gone);
    if (metadata_.current_snapshot_id && gone.contains(*metadata_.current_snapshot_id)) {
      metadata_.current_snapshot_id.reset();
    }
    return {};
  }

  Status operator()(const SetLocation& update) {
    LAKE_RETURN_IF_ERROR(CheckLocation(update.location.str()));
    metadata_.location = update.location;
    return {};
  }

  Status operator()(const SetProperties& update) {
    for (const auto& [key, value] : update.updates) {
      bool reserved =
          std::find(kReservedProperties.begin(), kReservedProperties.end(), key) != kReservedProperties.end();
      if (!reserved) metadata_.properties[key] = value;
    }
    return {};
  }

  Status operator()(const RemoveProperties& update) {
    for (const std::string& key : update.removals) metadata_.properties.erase(key);
    return {};
  }

  Status operator()(const SetStatistics& update) { return Replace(metadata_.statistics, update.file); }
  Status operator()(const RemoveStatistics& update) { return Drop(metadata_.statistics, update.snapshot_id); }
  Status operator()(const SetPartitionStatistics& update) {
    return Replace(metadata_.partition_statistics, update.file);
  }
  Status operator()(const RemovePartitionStatistics& update) {
    return Drop(metadata_.partition_statistics, update.snapshot_id);
  }

  Status operator()(const RemovePartitionSpecs& update) {
    for (SpecId id : update.ids) {
      if (id == metadata_.default_spec_id)
        return InvalidInput("cannot remove partition spec {}: it is the default", id);
      std::erase_if(metadata_.partition_specs, [&](const PartitionSpec& spec) { return spec.spec_id == id; });
    }
    return {};
  }

  Status operator()(const RemoveSchemas& update) {
    for (SchemaId id : update.ids) {
      if (id == metadata_.current_schema_id) return InvalidInput("cannot remove schema {}: it is the current one", id);
      std::erase_if(metadata_.schemas, [&](const Schema& schema) { return schema.id() == id; });
    }
    return {};
  }

  Result<TableMetadata> Finish() && {
    if (base_ == nullptr) FillDefaults();
    if (metadata_.location.empty()) return InvalidInput("a new table needs a location");
    if (metadata_.FindSchema(metadata_.current_schema_id) == nullptr) {
      return InvalidInput("a new table needs a current schema");
    }
    if (metadata_.FindSpec(metadata_.default_spec_id) == nullptr) {
      return InvalidInput("a new table needs a default partition spec");
    }
    CutSnapshotLog();
    metadata_.last_updated_ms = timestamp_ms_;
    if (base_ != nullptr && context_.base_location) {
      metadata_.metadata_log.push_back({base_->last_updated_ms, *context_.base_location});
      TrimMetadataLog();
    }
    return std::move(metadata_);
  }

 private:
  template <typename Id>
  static Result<Id> Resolve(Id id, const std::optional<Id>& last, const char* what) {
    if (id.value != kLastAdded) return id;
    if (!last) return InvalidInput("no {} was added in this commit", what);
    return *last;
  }

  /// An equivalent field of any spec keeps its id (rule 15); others get the proposed id if it is new, or the next one.
  FieldId FieldIdFor(const PartitionField& field) {
    for (const PartitionSpec& spec : metadata_.partition_specs) {
      for (const PartitionField& known : spec.fields) {
        if (known.source_ids == field.source_ids && known.transform == field.transform) return known.field_id;
      }
    }
    FieldId next{metadata_.last_partition_id.value + 1};
    metadata_.last_partition_id = std::max(next, field.field_id);
    return metadata_.last_partition_id;
  }

  Status AssignRowIds(const Snapshot& snapshot) {
    int64_t next = metadata_.next_row_id.value_or(0);
    if (!snapshot.first_row_id || *snapshot.first_row_id < next || snapshot.added_rows.value_or(-1) < 0) {
      return InvalidInput("snapshot {} of a v3 table needs first-row-id of at least {} and added-rows",
                          snapshot.snapshot_id, next);
    }
    if (__builtin_add_overflow(*snapshot.first_row_id, *snapshot.added_rows, &next)) {
      return InvalidInput("row ids of snapshot {} are out of range", snapshot.snapshot_id);
    }
    metadata_.next_row_id = next;
    return {};
  }

  static Status Replace(std::vector<StatisticsFile>& files, const StatisticsFile& file) {
    LAKE_RETURN_IF_ERROR(Drop(files, file.snapshot_id));
    files.push_back(file);
    return {};
  }
  static Status Drop(std::vector<StatisticsFile>& files, SnapshotId id) {
    std::erase_if(files, [&](const StatisticsFile& file) { return file.snapshot_id == id; });
    return {};
  }

  void FillDefaults() {
    if (!metadata_.table_uuid) metadata_.table_uuid = lake::Uuid::Random();
    if (metadata_.partition_specs.empty()) {
      metadata_.partition_specs.emplace_back();
      metadata_.default_spec_id = SpecId{0};
    }
    if (metadata_.sort_orders.empty()) metadata_.sort_orders.emplace_back();
  }

  /// Heads that main passed through within this commit were never visible. And a hole (an expired snapshot) would make
  /// time travel answer wrongly for the time before it, so that everything up to it goes (rule 49).
  void CutSnapshotLog() {
    std::unordered_set<int64_t> existing;
    for (const Snapshot& snapshot : metadata_.snapshots) existing.insert(snapshot.snapshot_id.value);
    std::vector<SnapshotLogEntry> log;
    for (const SnapshotLogEntry& entry : metadata_.snapshot_log) {
      bool passed_through =
          added_snapshots_.contains(entry.snapshot_id) && metadata_.current_snapshot_id != entry.snapshot_id;
      if (passed_through) continue;
      if (!existing.contains(entry.snapshot_id.value)) {
        log.clear();
      } else {
        log.push_back(entry);
      }
    }
    metadata_.snapshot_log = std::move(log);
  }

  void TrimMetadataLog() {
    int64_t keep = std::max<int64_t>(1, metadata_.IntProperty("write.metadata.previous-versions-max", 100));
    auto& log = metadata_.metadata_log;
    if (static_cast<int64_t>(log.size()) > keep) log.erase(log.begin(), log.end() - keep);
  }

  const TableMetadata* base_;
  const CommitContext& context_;
  TableMetadata metadata_;
  int64_t timestamp_ms_ = 0;
  std::optional<SchemaId> last_schema_;
  std::optional<SpecId> last_spec_;
  std::optional<SortOrderId> last_order_;
  std::set<SnapshotId> added_snapshots_;
};

}  // namespace

Result<TableMetadata> ApplyUpdates(const TableMetadata* base, const std::vector<Update>& updates,
                                   const CommitContext& context) {
  if (base != nullptr && updates.empty()) return *base;
  Builder builder(base, context);
  for (const Update& update : updates) LAKE_RETURN_IF_ERROR(std::visit(builder, update));
  return std::move(builder).Finish();
}

}  // namespace lake::iceberg
