// Metadata files as a bucket could hold them. What is accepted must be usable without further checks, and must read the
// same after writing it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "iceberg/commit.h"
#include "iceberg/expression.h"
#include "iceberg/metrics_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lake::iceberg;
  auto metadata = ParseMetadata(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!metadata.ok()) return 0;
  auto text = MetadataToText(*metadata);
  if (!text.ok()) std::abort();
  auto again = ParseMetadata(*text, "again");
  if (!again.ok()) std::abort();
  auto text_again = MetadataToText(*again);
  if (!text_again.ok() || *text_again != *text) std::abort();

  const Schema& schema = metadata->current_schema();
  static_cast<void>(metadata->default_spec());
  static_cast<void>(metadata->current_snapshot());
  static_cast<void>(metadata->SnapshotAsOf(1700000000000));
  static_cast<void>(MetricsModes(schema, metadata->properties));
  for (FieldId id : schema.AllFieldIds()) {
    auto bound = Bind(Expression::Not(Expression::IsNull(id)), schema);
    if (!bound.ok()) std::abort();
    FilePruner pruner(*metadata, schema, *bound);
    static_cast<void>(pruner.FileMayMatch(DataFile()));
    static_cast<void>(pruner.ManifestMayMatch(ManifestFile()));
  }
  CommitContext context{1700000000000, Location("file:///t/metadata/00000-x.metadata.json")};
  auto committed = ApplyUpdates(&*metadata, {SetProperties{{{"a", "b"}}}}, context);
  if (!committed.ok()) std::abort();
  auto committed_text = MetadataToText(*committed);
  if (!committed_text.ok() || !ParseMetadata(*committed_text, "committed").ok()) std::abort();
  return 0;
}
