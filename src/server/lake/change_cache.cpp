#include "server/lake/change_cache.h"

#include <algorithm>
#include <iterator>

namespace lake::server {

namespace {

/// "[a, b" of "[a, b]".
std::string_view WithoutEnd(std::string_view text) { return text.substr(0, text.size() - 1); }

bool Continues(std::string_view text, std::string_view beginning) {
  return text.starts_with(beginning) && (text.substr(beginning.size()) == "]" || text[beginning.size()] == ',');
}

}  // namespace

std::pair<ChangeList, size_t> ChangeCache::FindBeginning(const std::string& base, std::string_view text) {
  std::lock_guard lock(mutex_);
  auto best = entries_.end();
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    if (at->base == base && (best == entries_.end() || at->text.size() > best->text.size()) &&
        at->text.size() <= text.size() && Continues(text, WithoutEnd(at->text))) {
      best = at;
    }
  }
  if (best == entries_.end()) return {};
  entries_.splice(entries_.begin(), entries_, best);
  return {best->changes, best->text.size() - 1};
}

void ChangeCache::Keep(const std::string& base, std::string_view text, const ChangeList& changes) {
  if (changes.empty() || text.back() != ']' || text.size() > kLargestText) return;
  std::lock_guard lock(mutex_);
  // What this list continues is not asked for again, but by cursors that see less.
  auto shorter = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.base == base && entry.text.size() < text.size() && Continues(text, WithoutEnd(entry.text));
  });
  if (shorter != entries_.end()) entries_.erase(shorter);
  entries_.push_front({base, std::string(text), changes});
  if (entries_.size() > kEntries) entries_.pop_back();
}

Result<ChangeList> ChangeCache::Parse(const std::string& base, std::string_view text,
                                      const iceberg::TableMetadata& metadata) {
  auto [changes, known] = FindBeginning(base, text);
  if (known > 0 && text.substr(known) == "]") return changes;
  std::string rest = known > 0 ? "[" + std::string(text.substr(known + 1)) : std::string();
  LAKE_ASSIGN_OR_RETURN(std::vector<Change> parsed, ParseChanges(known > 0 ? std::string_view(rest) : text, metadata));
  for (Change& change : parsed) changes.push_back(std::make_shared<const Change>(std::move(change)));
  Keep(base, text, changes);
  return changes;
}

}  // namespace lake::server
