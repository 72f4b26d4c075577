// Where parsed manifests come from. Manifests and lists are immutable, so an implementation may keep them under their
// location for as long as it likes; the server puts its cache and its threads behind this interface.
#pragma once

#include <memory>
#include <vector>

#include "iceberg/manifest.h"
#include "storage/object_store.h"

namespace lake::iceberg {

class ManifestSource {
 public:
  using ListPtr = std::shared_ptr<const std::vector<ManifestFile>>;
  using ManifestPtr = std::shared_ptr<const Manifest>;

  virtual ~ManifestSource() = default;
  virtual Result<ListPtr> List(const Location& manifest_list) = 0;
  virtual Result<ManifestPtr> Get(const ManifestFile& manifest) = 0;
  /// The manifests in the order asked for. The default reads one after the other; override it to read in parallel.
  virtual Result<std::vector<ManifestPtr>> GetAll(const std::vector<ManifestFile>& manifests);
};

/// Straight from an object store: no cache, no threads.
class StoreManifestSource : public ManifestSource {
 public:
  explicit StoreManifestSource(storage::ObjectStore& store, storage::ReadOptions options = {})
      : store_(store), options_(options) {}
  Result<ListPtr> List(const Location& manifest_list) override;
  Result<ManifestPtr> Get(const ManifestFile& manifest) override;

 private:
  storage::ObjectStore& store_;
  storage::ReadOptions options_;
};

/// The manifests of a snapshot: its manifest list or, for v1 snapshots without one, made up from the manifests it
/// names (counts unknown). Data manifests and delete manifests in the list's order.
Result<ManifestSource::ListPtr> ManifestsOf(const Snapshot& snapshot, ManifestSource& source);

}  // namespace lake::iceberg
