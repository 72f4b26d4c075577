#include "iceberg/operation/prepared_commit.h"

namespace lake::iceberg {

Result<PreparedCommit> PrepareMetadata(TableMetadata metadata, const Location& metadata_location,
                                       ManifestSource& source) {
  PreparedCommit prepared;
  LAKE_ASSIGN_OR_RETURN(std::string text, MetadataToText(metadata));
  LAKE_ASSIGN_OR_RETURN(prepared.totals, TotalsOf(metadata.current_snapshot(), source));
  prepared.metadata = std::move(metadata);
  prepared.files.push_back({metadata_location, std::move(text)});
  return prepared;
}

}  // namespace lake::iceberg
