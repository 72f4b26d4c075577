// Blocking HTTP requests over libcurl with reused connections. The only file that knows curl.
//
// Timeouts: 5 s to connect, 30 s without a byte. A cancel flag is looked at every 50 ms. Redirects are not followed,
// paths are sent as they are. Nothing of a request (headers, query) ever appears in an error text.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/object_store.h"

namespace lake::storage {

struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
  const CancelFlag* cancel = nullptr;  // the user's
  const CancelFlag* abort = nullptr;   // the operation's own, for example a writer that is being destroyed
  char* into = nullptr;                // where the body of a 2xx answer goes instead of HttpResponse::body
  uint64_t into_size = 0;              // a longer body is a failure
};

struct HttpResponse {
  int status = 0;                                            // 0: no answer, see failure
  std::string failure;                                       // why there is no answer, for people
  bool maybe_received = false;                               // no answer, but the request may have reached the server
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  uint64_t body_size = 0;  // also of a body that went to HttpRequest::into

  /// The value of a header given in lower case; empty when absent.
  std::string Header(std::string_view name) const;
};

/// Seconds since 1970 of a date as HTTP headers or ISO 8601 (UTC) write it; 0 when it is none.
int64_t ParseHttpDate(const std::string& text);

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends one request. An answer of any status, or none (status 0), is a value; the Errors are kCancelled and
  /// kOutOfMemory. May be called from many threads; each call in flight has a connection of its own.
  Result<HttpResponse> Send(const HttpRequest& request);

 private:
  class Connection;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last one used is taken first: the likeliest still open
};

}  // namespace lake::storage
