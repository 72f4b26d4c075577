// INSERT and COPY: adds data files, removes nothing, never conflicts.
#pragma once

#include "iceberg/operation/snapshot_update.h"

namespace lake::iceberg {

class AppendFiles {
 public:
  AppendFiles(const TableMetadata& base, ManifestSource& source) : update_(base, source) {}

  AppendFiles& Add(DataFile file) { return update_.AddDataFile(std::move(file)), *this; }
  Result<PreparedCommit> Prepare(const CommitNames& names) const { return update_.Prepare(names); }

 private:
  SnapshotUpdate update_;
};

}  // namespace lake::iceberg
