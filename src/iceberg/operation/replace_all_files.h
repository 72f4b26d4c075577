// TRUNCATE, alone or followed by inserts: every live file becomes a DELETED entry, the new files are added.
#pragma once

#include "iceberg/operation/snapshot_update.h"

namespace lake::iceberg {

class ReplaceAllFiles {
 public:
  ReplaceAllFiles(const TableMetadata& base, ManifestSource& source) : update_(base, source) { update_.RemoveAll(); }

  ReplaceAllFiles& Add(DataFile file) { return update_.AddDataFile(std::move(file)), *this; }
  Result<PreparedCommit> Prepare(const CommitNames& names) const { return update_.Prepare(names); }

 private:
  SnapshotUpdate update_;
};

}  // namespace lake::iceberg
