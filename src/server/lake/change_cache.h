// The lists of changes that were parsed last. A transaction repeats what it has done with every statement, and each
// statement adds to it: all but the end of such a list is known already.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/lake/change.h"

namespace lake::server {

using ChangeList = std::vector<std::shared_ptr<const Change>>;

/// Safe for all threads.
class ChangeCache {
 public:
  /// What ParseChanges() gives for the text. `base` names the metadata: a location, or its document.
  Result<ChangeList> Parse(const std::string& base, std::string_view text, const iceberg::TableMetadata& metadata);

 private:
  struct Entry {
    std::string base;
    std::string text;
    ChangeList changes;
  };
  static constexpr size_t kEntries = 64;
  static constexpr size_t kLargestText = size_t{4} << 20;

  /// The entry whose text, without its closing bracket, the new one begins with: its changes, and how much of the text
  /// they are.
  std::pair<ChangeList, size_t> FindBeginning(const std::string& base, std::string_view text);
  void Keep(const std::string& base, std::string_view text, const ChangeList& changes);

  std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
};

}  // namespace lake::server
