// One S3 endpoint with one set of credentials: builds, signs, sends and repeats requests. What a request means is
// s3_store.cpp's business; here is what all requests share:
//
// - the URL: https://bucket.s3.region.amazonaws.com/key or https://endpoint/bucket/key
// - the signature; over TLS without the payload, otherwise with its hash
// - repetition: no answer, 429, 500, 502, 503, 504 and the codes that S3 documents as worth repeating
// - the bucket's region: a server that says which one is right is believed, and remembered for the bucket
// - the clock: a server that says ours is wrong is believed once per request
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "storage/backoff.h"
#include "storage/credentials.h"
#include "storage/http_client.h"
#include "storage/sigv4.h"

namespace lake::storage {

struct S3Request {
  std::string method;
  std::string bucket;
  std::string key = {};     // empty: the bucket itself
  NameValues query = {};    // not encoded
  NameValues headers = {};  // besides host, date and authorization
  std::string_view body = {};
  const CancelFlag* cancel = nullptr;
  const CancelFlag* abort = nullptr;
  char* into = nullptr;  // see HttpRequest
  uint64_t into_size = 0;
};

/// The last answer, whatever its status, and what is needed to judge it.
struct S3Answer {
  HttpResponse http;       // status 0: none came, all attempts used up
  std::string code;        // <Code> of an error document, for example NoSuchKey
  std::string message;     // <Message>, free of anything secret
  bool ambiguous = false;  // an attempt, possibly the last, may have had an effect that we were not told about

  bool ok() const { return http.status / 100 == 2 && code.empty(); }
};

class S3Client {
 public:
  S3Client(std::shared_ptr<HttpClient> http, S3Credentials credentials, RetryPolicy policy = {});

  /// The Errors are kCancelled and kOutOfMemory; anything else is an answer.
  Result<S3Answer> Execute(const S3Request& request);

  /// The Error for an answer that is not ok: `doing` is "read", "write", ...
  Error ToError(const S3Answer& answer, std::string_view doing, const std::string& location) const;

  /// The bucket's region as far as it is known.
  std::string RegionOf(const std::string& bucket);

  /// Exposed for tests: the URL without the query.
  std::string Url(const std::string& bucket, const std::string& key, const std::string& region) const;

 private:
  struct Target {
    std::string host;  // as in the Host header
    std::string path;  // encoded, starts with '/'
  };
  enum class Verdict { kFinal, kRepeat, kRepeatAtOnce };
  struct Attempts {
    std::string region;
    int corrections = 0;  // of region or clock
    bool clock_corrected = false;
  };

  Target TargetOf(const std::string& bucket, const std::string& key, const std::string& region) const;
  Result<HttpResponse> SendOnce(const S3Request& request, const std::string& region);
  Verdict Judge(const S3Request& request, Attempts& attempts, S3Answer& answer);
  bool LearnRegion(const S3Request& request, Attempts& attempts, const S3Answer& answer, const std::string& named);
  void ReadErrorDocument(const S3Request& request, S3Answer& answer, std::string* region) const;

  std::shared_ptr<HttpClient> http_;
  S3Credentials credentials_;
  RetryPolicy policy_;
  bool use_tls_ = true;
  std::string endpoint_;  // host[:port]; empty: Amazon
  std::atomic<int64_t> clock_offset_s_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::string> regions_;  // by bucket
};

}  // namespace lake::storage
