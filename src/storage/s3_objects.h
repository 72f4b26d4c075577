// The S3 operations on single objects that the store, its readers and its uploads share. Lives as long as any of them.
#pragma once

#include <atomic>
#include <memory>

#include "storage/location.h"
#include "storage/s3_store.h"

namespace lake::storage {

class S3Objects {
 public:
  S3Objects(std::shared_ptr<HttpClient> http, S3Credentials credentials, S3Options options);

  const S3Options& options() const { return options_; }
  S3Client& client() { return client_; }

  Result<ObjectInfo> Head(const Location& object, const CancelFlag* cancel);
  Result<std::string> Get(const Location& object, const CancelFlag* cancel);
  /// Up to `length` bytes at `offset` into `buffer`, in one request. Returns how many; fewer only at the end.
  Result<uint64_t> ReadOnce(const Location& object, uint64_t offset, char* buffer, uint64_t length,
                            const CancelFlag* cancel);
  /// The same split into parts side by side.
  Result<uint64_t> Read(const Location& object, uint64_t offset, char* buffer, uint64_t length,
                        const CancelFlag* cancel);
  /// One PUT.
  Result<ObjectInfo> Put(const Location& object, std::string_view bytes, const WriteOptions& options);
  Status Remove(const Location& object);
  Status RemoveBatch(const std::vector<Location>& objects);

  /// For writes if absent: the request header, or a look at the object where the endpoint has no such header.
  Status PrepareIfAbsent(const Location& object, const WriteOptions& options, NameValues* headers);
  /// Called with a 501: true when conditional writes were in use; they are not from now on.
  bool GiveUpConditions() { return conditions_work_.exchange(false); }

 private:
  /// Whether the object holds exactly these bytes: then a write whose answer was lost is ours.
  Result<bool> HoldsBytes(const Location& object, std::string_view bytes, const CancelFlag* cancel);
  Result<ObjectInfo> SettleAmbiguousPut(const Location& object, std::string_view bytes, const WriteOptions& options,
                                        const S3Answer& answer);

  S3Client client_;
  S3Options options_;
  std::atomic<bool> conditions_work_ = true;
  std::atomic<bool> bulk_removal_works_ = true;
};

/// The location of an object in a bucket; kInvalidInput when it names none (no key, another scheme).
Result<Location> ParseS3Object(const std::string& location);
/// Size, time and etag of an answer's headers.
ObjectInfo InfoOfHeaders(const Location& object, const HttpResponse& response);
/// An etag without quotes.
std::string StripQuotes(std::string etag);

}  // namespace lake::storage
