#include "iceberg/operation/snapshot_summary.h"

#include <charconv>

namespace lake::iceberg {

void SummaryCounter::Count(const DataFile& file, Counts& counts) {
  counts.bytes += file.content_bytes();
  std::string partition = fmt::format("{}", file.spec_id);
  for (const auto& value : file.partition) {
    partition += '/';
    if (value) partition += "=" + value->ToBinary();
  }
  partitions_.insert(std::move(partition));
  if (file.content == FileContent::kData) {
    counts.data_files++;
    counts.records += file.record_count;
    return;
  }
  counts.delete_files++;
  if (file.content == FileContent::kEqualityDeletes) {
    counts.equality_delete_files++;
    counts.equality_deletes += file.record_count;
    return;
  }
  counts.position_deletes += file.record_count;
  (file.is_deletion_vector() ? counts.vectors : counts.position_delete_files)++;
}

const char* SummaryCounter::Operation() const {
  bool adds_data = added_.data_files > 0;
  bool takes_away = removed_.data_files > 0 || removed_.delete_files > 0 || added_.delete_files > 0;
  if (!takes_away) return "append";
  return adds_data ? "overwrite" : "delete";
}

void SummaryCounter::Write(const Properties* previous, Properties& summary) const {
  auto put = [&](const char* key, int64_t value) {
    if (value != 0) summary[key] = fmt::format("{}", value);
  };
  put("added-data-files", added_.data_files);
  put("deleted-data-files", removed_.data_files);
  put("added-records", added_.records);
  put("deleted-records", removed_.records);
  put("added-files-size", added_.bytes);
  put("removed-files-size", removed_.bytes);
  put("added-delete-files", added_.delete_files);
  put("removed-delete-files", removed_.delete_files);
  put("added-position-delete-files", added_.position_delete_files);
  put("removed-position-delete-files", removed_.position_delete_files);
  put("added-position-deletes", added_.position_deletes);
  put("removed-position-deletes", removed_.position_deletes);
  put("added-equality-delete-files", added_.equality_delete_files);
  put("removed-equality-delete-files", removed_.equality_delete_files);
  put("added-equality-deletes", added_.equality_deletes);
  put("removed-equality-deletes", removed_.equality_deletes);
  put("added-dvs", added_.vectors);
  put("removed-dvs", removed_.vectors);
  summary["changed-partition-count"] = fmt::format("{}", partitions_.size());

  auto total = [&](const char* key, int64_t added, int64_t removed) {
    int64_t before = 0;
    if (previous != nullptr) {
      auto at = previous->find(key);
      if (at == previous->end()) return;
      const char* end = at->second.data() + at->second.size();
      auto [stop, error] = std::from_chars(at->second.data(), end, before);
      if (error != std::errc() || stop != end) return;
    }
    int64_t after = 0;
    if (__builtin_add_overflow(before, added - removed, &after) || after < 0) return;
    summary[key] = fmt::format("{}", after);
  };
  total("total-data-files", added_.data_files, removed_.data_files);
  total("total-delete-files", added_.delete_files, removed_.delete_files);
  total("total-records", added_.records, removed_.records);
  total("total-files-size", added_.bytes, removed_.bytes);
  total("total-position-deletes", added_.position_deletes, removed_.position_deletes);
  total("total-equality-deletes", added_.equality_deletes, removed_.equality_deletes);
}

TableTotals SummaryCounter::Apply(const TableTotals& before) const {
  TableTotals after = before;
  after.records += added_.records - removed_.records;
  after.bytes += added_.bytes - removed_.bytes;
  after.data_files += added_.data_files - removed_.data_files;
  after.delete_files += added_.delete_files - removed_.delete_files;
  after.deleted_records += added_.position_deletes - removed_.position_deletes;
  return after;
}

}  // namespace lake::iceberg
