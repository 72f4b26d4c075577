// Objects in S3 and in what speaks its protocol.
//
// Reads of more than 16 MiB are split and run side by side. Writes of one piece are one PUT, larger ones a multipart
// upload (s3_upload.h). A write "if absent" is a PUT with If-None-Match: *. Its answer can get lost; then the object
// that is found there is compared with what was written, so that our own success is not mistaken for a conflict.
// Where an endpoint does not know conditional writes (501) we look first and write then, which two writers of the same
// name could both survive: names with a UUID in them never meet.
#pragma once

#include <memory>

#include "storage/object_store.h"
#include "storage/s3_client.h"

namespace lake::storage {

struct S3Options {
  RetryPolicy retry;
  uint64_t part_size = 8 << 20;  // of uploads (at least 5 MiB by S3's rules) and of split reads
  size_t parallel_parts = 4;     // per upload and per read
};

class S3Store : public ObjectStore {
 public:
  S3Store(std::shared_ptr<HttpClient> http, S3Credentials credentials, S3Options options = {});
  ~S3Store() override;

  Result<ObjectInfo> Head(const std::string& location, const ReadOptions& options = {}) override;
  Result<std::string> Get(const std::string& location, const ReadOptions& options = {}) override;
  Result<std::string> GetRange(const std::string& location, uint64_t offset, uint64_t length,
                               const ReadOptions& options = {}) override;
  Result<ObjectInfo> Put(const std::string& location, std::string_view bytes,
                         const WriteOptions& options = {}) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const std::string& location,
                                                   const WriteOptions& options = {}) override;
  /// In the order of the endpoint's answer: byte order at Amazon.
  Status List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
              const ReadOptions& options = {}) override;
  Status Remove(const std::string& location) override;
  /// The reader may outlive the store.
  Result<std::unique_ptr<ObjectReader>> OpenReader(const std::string& location,
                                                   const ReadOptions& options = {}) override;
  Status RemoveMany(const std::vector<std::string>& locations) override;

  /// The region of a location's bucket as the endpoint says it; kNotFound when it does not.
  Result<std::string> BucketRegion(const std::string& location);

 private:
  std::shared_ptr<class S3Objects> objects_;
};

}  // namespace lake::storage
