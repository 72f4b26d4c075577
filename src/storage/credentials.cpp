#include "storage/credentials.h"

#include <utility>

namespace lake::storage {

std::string S3Credentials::ToString() const {
  const char* style = url_style == UrlStyle::kPath ? "path" : url_style == UrlStyle::kVirtual ? "vhost" : "auto";
  return fmt::format("s3 credentials (scope \"{}\", endpoint \"{}\", region \"{}\", url_style {}, use_ssl {}, {}{})",
                     scope, endpoint, region, style, use_ssl, key_id.empty() ? "anonymous" : "with key",
                     session_token.empty() ? "" : " and session token");
}

void CredentialList::Add(S3Credentials credentials) {
  std::lock_guard lock(mutex_);
  entries_.push_back(std::move(credentials));
}

Result<std::optional<S3Credentials>> CredentialList::Find(const std::string& location) {
  std::lock_guard lock(mutex_);
  const S3Credentials* best = nullptr;
  for (const S3Credentials& entry : entries_) {
    if (location.compare(0, entry.scope.size(), entry.scope) != 0) continue;
    if (best == nullptr || entry.scope.size() > best->scope.size()) best = &entry;
  }
  if (best == nullptr) return std::optional<S3Credentials>();
  return std::optional<S3Credentials>(*best);
}

}  // namespace lake::storage
