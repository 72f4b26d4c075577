// Metadata that another writer has made out of a table's: whether it may take its place, and what is different in it
// for those who keep columns by name. Pure functions of two metadata documents; nothing is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/metadata.h"

namespace lake::iceberg {

/// kInvalidInput with what is wrong unless `after` continues `before`: the same table (rule 56) at the same location,
/// counters that never go back (rules 2 and 14), snapshots, schemas and specs that are still what they were, columns
/// whose types changed as the specification allows (rule 6), no required column that rows have no value for (rule 10).
Status CheckSuccession(const TableMetadata& before, const TableMetadata& after);

/// What rows of the table a succession is about.
enum class RowChange {
  kNone,    // the same snapshot is current
  kAppend,  // all snapshots in between are appends
  kOther,   // rows are gone or in other files, or nobody can tell
};
RowChange RowChangeOf(const TableMetadata& before, const TableMetadata& after);

/// Whether something is different that belongs to a table's owner, whoever writes rows: properties, snapshots that are
/// gone, sort orders, references other than main.
bool Administers(const TableMetadata& before, const TableMetadata& after);

/// One change of a column.
struct ColumnChange {
  enum class Kind { kDrop, kRename, kType, kOptional, kAdd, kRequired, kDefault };
  Kind kind;
  std::string name;      // kDrop and kRename: the one before; else the one now
  std::string new_name;  // kRename
};

/// From the columns of one schema to those of the other, by field id: drops, then renames, then the rest. The order of
/// columns, docs and defaults of what lies in them do not count; a default is a write default.
std::vector<ColumnChange> ColumnChanges(const Schema& before, const Schema& after);

/// The fields of a partition spec as the option partition_by spells them (surface PART-1): `region, day("At")`; nullopt
/// for an unpartitioned one, void fields left out. kUnsupported for what the option cannot say: columns inside of
/// others, transforms that are not known.
Result<std::optional<std::string>> PartitionByText(const PartitionSpec& spec, const Schema& schema);

/// The fields of a sort order as the option sort_by spells them: `region, day("At") DESC NULLS LAST`, where
/// PostgreSQL's own defaults are left out. nullopt for an unsorted one, and for what the option cannot say: rows are
/// not sorted then.
std::optional<std::string> SortByText(const SortOrder& order, const Schema& schema);

}  // namespace lake::iceberg
