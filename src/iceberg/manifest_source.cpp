#include "iceberg/manifest_source.h"

namespace lake::iceberg {

Result<std::vector<ManifestSource::ManifestPtr>> ManifestSource::GetAll(const std::vector<ManifestFile>& manifests) {
  std::vector<ManifestPtr> out;
  out.reserve(manifests.size());
  for (const ManifestFile& manifest : manifests) {
    LAKE_ASSIGN_OR_RETURN(ManifestPtr read, Get(manifest));
    out.push_back(std::move(read));
  }
  return out;
}

Result<ManifestSource::ListPtr> StoreManifestSource::List(const Location& manifest_list) {
  LAKE_ASSIGN_OR_RETURN(std::string bytes, store_.Get(manifest_list.str(), options_));
  LAKE_ASSIGN_OR_RETURN(auto manifests, ReadManifestList(bytes, manifest_list.str()));
  return ListPtr(std::make_shared<const std::vector<ManifestFile>>(std::move(manifests)));
}

Result<ManifestSource::ManifestPtr> StoreManifestSource::Get(const ManifestFile& manifest) {
  LAKE_ASSIGN_OR_RETURN(std::string bytes, store_.Get(manifest.manifest_path.str(), options_));
  LAKE_ASSIGN_OR_RETURN(Manifest parsed, ReadManifest(bytes, manifest));
  return ManifestPtr(std::make_shared<const Manifest>(std::move(parsed)));
}

Result<ManifestSource::ListPtr> ManifestsOf(const Snapshot& snapshot, ManifestSource& source) {
  if (!snapshot.manifest_list.empty()) return source.List(snapshot.manifest_list);
  auto manifests = std::make_shared<std::vector<ManifestFile>>();
  for (const Location& path : snapshot.manifests) {
    ManifestFile file;
    file.manifest_path = path;
    file.added_snapshot_id = snapshot.snapshot_id;
    manifests->push_back(std::move(file));
  }
  return ManifestSource::ListPtr(std::move(manifests));
}

}  // namespace lake::iceberg
