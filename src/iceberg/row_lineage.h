// Row ids that data files inherit ("Row Lineage" in the specification, rules 67 to 70).
//
// A table of format version 3 hands out row ids without end: a snapshot takes next-row-id on, its new manifests take
// ranges of that, and the files of a manifest that say nothing take theirs in order. A row's own id is what its file
// stores for it, or the file's first one plus the row's number.
#pragma once

#include <optional>

#include "iceberg/manifest.h"

namespace lake::iceberg {

/// The first row ids of a manifest's files, when asked for one entry after the other, all of them and in order.
class RowIdAssigner {
 public:
  explicit RowIdAssigner(const ManifestFile& manifest)
      : known_(manifest.first_row_id.has_value() && manifest.content == ManifestContent::kData),
        next_(manifest.first_row_id.value_or(0)) {}

  /// Absent: the rows have no ids yet.
  std::optional<int64_t> Next(const ManifestEntry& entry) {
    if (entry.file.first_row_id || !known_ || !entry.is_live()) return entry.file.first_row_id;
    int64_t first = next_;
    known_ = !__builtin_add_overflow(first, entry.file.record_count, &next_);
    return first;
  }

 private:
  bool known_;
  int64_t next_;
};

}  // namespace lake::iceberg
