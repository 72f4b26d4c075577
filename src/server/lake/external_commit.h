// Metadata that another engine wrote: a commit to a table of ours through the SQL catalog, or a table that is taken
// over as it is. What must hold before PostgreSQL makes it current, and what of it PostgreSQL has to know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/scan.h"
#include "iceberg/succession.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

struct ExternalCommit {
  LakeInstance::MetadataPtr base;  // null: nothing was before
  LakeInstance::MetadataPtr metadata;
  iceberg::RowChange rows = iceberg::RowChange::kOther;
  bool alters = false;                      // columns, or what table options say
  bool administers = false;                 // as iceberg::Administers says
  std::optional<std::string> partition_by;  // of the default spec, as the option spells it
  std::optional<std::string> sort_by;       // of the default sort order, likewise
  std::optional<std::string> stats_mode;    // write.metadata.metrics.default
  /// A file that this commit brings and that does not lie below the table's location; nullopt: none.
  std::optional<std::string> outside;
  iceberg::TableTotals totals;
};

/// `{"base": <metadata location>|absent, "metadata_location": "..."}`. Reads the metadata and the manifests that are
/// new in it, and asks the store for the new files of a commit (not for those of a table that is taken over).
/// kInvalidInput, kCorrupt or kUnsupported `cannot take metadata "%s": ...` with what is wrong; the store's own errors
/// where it does not answer.
Result<ExternalCommit> ExamineCommit(duckdb::ClientContext& context, const std::string& json);

}  // namespace lake::server
