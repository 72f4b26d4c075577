// Checks a table's metadata and manifests against each other: whatever can be wrong without looking into a data file.
//
//   Problems problems;
//   auto metadata = VerifyMetadata(bytes, location, problems);
//   if (metadata) VerifySnapshot(*metadata, snapshot, manifests, problems);
//
// Nothing here fails: what cannot be read or makes no sense is a problem, and the rest is checked all the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iceberg/manifest_source.h"

namespace lake::iceberg {

struct Problem {
  enum class Severity {
    kError,    // a reader may see wrong rows or fail
    kWarning,  // superfluous or imprecise, but every reader sees the right rows
  };
  Severity severity = Severity::kError;
  std::string object;  // a location, or what in the metadata it is: "snapshot 17"
  std::string text;    // a sentence with the value found and the value expected

  bool operator==(const Problem&) const = default;
};

class Problems {
 public:
  template <typename... Args>
  void Error(std::string object, fmt::format_string<Args...> text, Args&&... args) {
    found_.push_back({Problem::Severity::kError, std::move(object), fmt::format(text, std::forward<Args>(args)...)});
  }
  template <typename... Args>
  void Warning(std::string object, fmt::format_string<Args...> text, Args&&... args) {
    found_.push_back({Problem::Severity::kWarning, std::move(object), fmt::format(text, std::forward<Args>(args)...)});
  }
  const std::vector<Problem>& found() const { return found_; }

 private:
  std::vector<Problem> found_;
};

/// A metadata file: that it can be read, and that its ids, counters, snapshots, refs and logs agree. nullopt when it
/// cannot be read.
std::optional<TableMetadata> VerifyMetadata(std::string_view bytes, const Location& location, Problems& problems);

/// A line of a snapshot's manifest list with the manifest it names; a manifest that could not be read is left out.
struct ListedManifest {
  ManifestFile line;
  ManifestSource::ManifestPtr manifest;
};

/// The manifests of a snapshot: lines of the list against entries, entries against the snapshot and against each
/// other, and, if the list is `complete`, the totals of the snapshot's summary.
void VerifySnapshot(const TableMetadata& metadata, const Snapshot& snapshot,
                    const std::vector<ListedManifest>& manifests, bool complete, Problems& problems);

/// A Puffin file against its entry in the metadata's statistics.
void VerifyStatistics(const StatisticsFile& entry, std::string_view file, Problems& problems);

}  // namespace lake::iceberg
