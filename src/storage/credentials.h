// Keys for object storage and where they come from.
//
// Rule: a secret never reaches a log, a plan, a view or an error. So the types here print only what may be seen, and
// nothing else formats their members.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lake::storage {

enum class UrlStyle {
  kAuto,     // virtual host at Amazon, path at a custom endpoint or when the bucket is no valid host name
  kPath,     // https://endpoint/bucket/key
  kVirtual,  // https://bucket.endpoint/key
};

/// What a CREATE SECRET (TYPE s3) says. Without key_id requests are not signed (public buckets).
struct S3Credentials {
  std::string key_id;
  std::string secret;
  std::string session_token;
  std::string region;    // empty: found out per bucket, us-east-1 to start with
  std::string endpoint;  // host[:port], also with http:// or https:// in front; empty: Amazon's of the region
  UrlStyle url_style = UrlStyle::kAuto;
  bool use_ssl = true;
  std::string scope;  // location prefix it is for; empty: all

  bool operator==(const S3Credentials&) const = default;
  /// Region, endpoint, style, scope and whether there is a key: nothing secret.
  std::string ToString() const;
};

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// The credentials whose scope is the longest prefix of `location`; nullopt when none is. Called for every access,
  /// from any thread.
  virtual Result<std::optional<S3Credentials>> Find(const std::string& location) = 0;
};

/// A fixed list, for tests and tools.
class CredentialList : public CredentialSource {
 public:
  void Add(S3Credentials credentials);
  Result<std::optional<S3Credentials>> Find(const std::string& location) override;

 private:
  std::mutex mutex_;
  std::vector<S3Credentials> entries_;
};

}  // namespace lake::storage
