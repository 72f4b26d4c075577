#include "storage/s3_client.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "storage/location.h"
#include "storage/xml.h"

namespace lake::storage {
namespace {

constexpr int kMaxCorrections = 3;
constexpr size_t kMaxMessage = 300;
constexpr size_t kShortestKey = 4;  // shorter ones, such as a test's "any", are part of ordinary words

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

/// Whether a bucket can be the first label of a host name (and, with TLS, be covered by the endpoint's certificate).
bool IsHostLabel(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && std::all_of(bucket.begin(), bucket.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool IsWorthRepeating(int status, std::string_view code) {
  static constexpr std::array<std::string_view, 7> kCodes = {"RequestTimeout",   "SlowDown",
                                                             "InternalError",    "ServiceUnavailable",
                                                             "OperationAborted", "ConditionalRequestConflict",
                                                             "Throttling"};
  if (status == 0 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504) return true;
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

std::chrono::milliseconds RetryAfter(const HttpResponse& response) {
  // Seconds only; the date form is not used by object stores.
  std::string value = response.Header("retry-after");
  if (value.empty() || value.size() > 4 || value.find_first_not_of("0123456789") != std::string::npos) return {};
  return std::chrono::seconds(std::stoi(value));
}

/// What another party wrote, made fit for one line of an error text.
std::string OneLine(std::string text) {
  if (text.size() > kMaxMessage) text.resize(kMaxMessage);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

}  // namespace

S3Client::S3Client(std::shared_ptr<HttpClient> http, S3Credentials credentials, RetryPolicy policy)
    : http_(std::move(http)), credentials_(std::move(credentials)), policy_(policy), use_tls_(credentials_.use_ssl) {
  endpoint_ = credentials_.endpoint;
  if (StartsWith(endpoint_, "https://")) {
    use_tls_ = true;
    endpoint_.erase(0, 8);
  } else if (StartsWith(endpoint_, "http://")) {
    use_tls_ = false;
    endpoint_.erase(0, 7);
  }
  while (!endpoint_.empty() && endpoint_.back() == '/') endpoint_.pop_back();
  if (endpoint_ == "s3.amazonaws.com") endpoint_.clear();  // the global name; regional ones need no redirect
}

S3Client::Target S3Client::TargetOf(const std::string& bucket, const std::string& key,
                                    const std::string& region) const {
  std::string host = endpoint_;
  if (host.empty()) {
    host = fmt::format("s3.{}.amazonaws.com{}", region, StartsWith(region, "cn-") ? ".cn" : "");
  }
  bool virtual_host =
      credentials_.url_style == UrlStyle::kVirtual || (credentials_.url_style == UrlStyle::kAuto && endpoint_.empty());
  std::string path = "/";
  // A bucket that is no host label must not decide which host we talk to.
  if (virtual_host && IsHostLabel(bucket))
    host = bucket + '.' + host;
  else
    path += PercentEncode(bucket, false) + (key.empty() ? "" : "/");
  return {host, path + PercentEncode(key, true)};
}

std::string S3Client::Url(const std::string& bucket, const std::string& key, const std::string& region) const {
  Target target = TargetOf(bucket, key, region);
  return (use_tls_ ? "https://" : "http://") + target.host + target.path;
}

std::string S3Client::RegionOf(const std::string& bucket) {
  std::lock_guard lock(mutex_);
  if (auto known = regions_.find(bucket); known != regions_.end()) return known->second;
  return credentials_.region.empty() ? "us-east-1" : credentials_.region;
}

Result<HttpResponse> S3Client::SendOnce(const S3Request& request, const std::string& region) {
  Target target = TargetOf(request.bucket, request.key, region);
  HttpRequest http;
  http.method = request.method;
  http.url = (use_tls_ ? "https://" : "http://") + target.host + target.path;
  if (!request.query.empty()) http.url += '?' + EncodeQuery(request.query);
  http.headers = request.headers;
  http.body = request.body;
  http.cancel = request.cancel;
  http.abort = request.abort;
  http.into = request.into;
  http.into_size = request.into_size;
  if (!credentials_.key_id.empty()) {
    std::string date = FormatAmzDate(std::time(nullptr) + clock_offset_s_);
    std::string hash = use_tls_ ? std::string(kUnsignedPayload) : Sha256Hex(request.body);
    http.headers.emplace_back("Host", target.host);
    http.headers.emplace_back("x-amz-date", date);
    http.headers.emplace_back("x-amz-content-sha256", hash);
    if (!credentials_.session_token.empty()) {
      http.headers.emplace_back("x-amz-security-token", credentials_.session_token);
    }
    SigningRequest signing{request.method, target.path, request.query, http.headers, hash};
    SigningKey key{credentials_.key_id, credentials_.secret, region, "s3"};
    http.headers.emplace_back("Authorization", Authorization(signing, key, date));
  }
  return http_->Send(http);
}

void S3Client::ReadErrorDocument(const S3Request& request, S3Answer& answer, std::string* region) const {
  answer.code.clear();
  answer.message.clear();
  // A 200 to a POST may turn out to be an error: completed uploads are answered before they are done.
  if (answer.http.body.empty() || (answer.ok() && request.method != "POST")) return;
  auto document = ParseXml(answer.http.body);
  if (!document.ok() || document->name != "Error") return;
  answer.code = OneLine(document->ChildText("Code"));
  answer.message = OneLine(document->ChildText("Message"));
  *region = document->ChildText("Region");
  // An endpoint that repeats a key repeats it to whoever sees the error.
  for (const std::string* secret : {&credentials_.key_id, &credentials_.secret, &credentials_.session_token}) {
    if (secret->size() < kShortestKey) continue;
    if (answer.message.find(*secret) != std::string::npos) answer.message.clear();
    if (answer.code.find(*secret) != std::string::npos) answer.code.clear();
  }
  if (answer.code.empty()) answer.code = "UnknownError";  // an error stays one
}

bool S3Client::LearnRegion(const S3Request& request, Attempts& attempts, const S3Answer& answer,
                           const std::string& named) {
  bool wrong_region = answer.http.status == 301 || answer.http.status == 307 ||
                      answer.code == "AuthorizationHeaderMalformed" || answer.code == "PermanentRedirect" ||
                      (answer.http.status == 400 && request.method == "HEAD");
  std::string right = answer.http.Header("x-amz-bucket-region");
  if (right.empty()) right = named;
  // It becomes part of a host name.
  if (!wrong_region || right == attempts.region || !IsHostLabel(right)) return false;
  attempts.region = right;
  std::lock_guard lock(mutex_);
  regions_[request.bucket] = right;
  return true;
}

S3Client::Verdict S3Client::Judge(const S3Request& request, Attempts& attempts, S3Answer& answer) {
  std::string region;
  ReadErrorDocument(request, answer, &region);
  if (answer.ok()) return Verdict::kFinal;
  if (attempts.corrections < kMaxCorrections) {
    if (LearnRegion(request, attempts, answer, region)) {
      ++attempts.corrections;
      return Verdict::kRepeatAtOnce;
    }
    int64_t server_time = ParseHttpDate(answer.http.Header("date"));
    if (answer.code == "RequestTimeTooSkewed" && !attempts.clock_corrected && server_time > 0) {
      attempts.clock_corrected = true;
      ++attempts.corrections;
      clock_offset_s_ = server_time - static_cast<int64_t>(std::time(nullptr));
      return Verdict::kRepeatAtOnce;
    }
  }
  int status = answer.http.status;
  if (!IsWorthRepeating(status, answer.code)) return Verdict::kFinal;
  // A server that failed may have failed after the fact; one that asks to slow down has done nothing.
  bool refused = status == 429 || answer.code == "SlowDown" || answer.code == "RequestTimeout" ||
                 answer.code == "ConditionalRequestConflict" || answer.code == "OperationAborted";
  if (status == 0 ? answer.http.maybe_received : !refused) answer.ambiguous = true;
  return Verdict::kRepeat;
}

Result<S3Answer> S3Client::Execute(const S3Request& request) {
  Backoff backoff(policy_);
  Attempts attempts{RegionOf(request.bucket)};
  S3Answer answer;
  while (true) {
    LAKE_ASSIGN_OR_RETURN(answer.http, SendOnce(request, attempts.region));
    Verdict verdict = Judge(request, attempts, answer);
    if (verdict == Verdict::kRepeatAtOnce) continue;
    if (verdict == Verdict::kFinal) break;
    if (!backoff.Wait(RetryAfter(answer.http), request.cancel, request.abort)) break;
  }
  for (const CancelFlag* flag : {request.cancel, request.abort}) {
    if (flag != nullptr && flag->load() && !answer.ok()) return Cancelled("the request to storage was cancelled");
  }
  return answer;
}

Error S3Client::ToError(const S3Answer& answer, std::string_view doing, const std::string& location) const {
  int status = answer.http.status;
  if (status == 0) {
    return Unavailable("could not {} \"{}\": no answer from storage: {}", doing, location,
                       OneLine(answer.http.failure));
  }
  std::string code = answer.code.empty() ? fmt::format("HTTP status {}", status) : answer.code;
  ErrorKind kind = ErrorKind::kUnavailable;
  if (answer.code == "NoSuchBucket") {
    return NotFound("could not {} \"{}\": the bucket does not exist ({})", doing, location, code);
  }
  if (answer.code == "NoSuchUpload") {
    return Unavailable("could not {} \"{}\": storage has dropped the upload ({})", doing, location, code);
  }
  if (status == 404) return NotFound("could not {} \"{}\": the object does not exist ({})", doing, location, code);
  if (status == 401 || status == 403 || answer.code == "ExpiredToken" || answer.code == "InvalidToken" ||
      answer.code == "AuthorizationHeaderMalformed") {
    kind = ErrorKind::kPermissionDenied;
  } else if (status == 507 || answer.code == "QuotaExceeded" || answer.code == "XMinioStorageFull") {
    kind = ErrorKind::kDiskFull;
  } else if (status == 409 || status == 412) {
    kind = ErrorKind::kAlreadyExists;
  } else if (status == 501) {
    kind = ErrorKind::kUnsupported;
  } else if (status / 100 == 4 && !IsWorthRepeating(status, answer.code)) {
    kind = ErrorKind::kInvalidInput;
  }
  bool denied = kind == ErrorKind::kPermissionDenied;
  std::string detail = answer.message.empty() ? "" : fmt::format("Storage says: {}", answer.message);
  std::string hint;
  if (denied && credentials_.key_id.empty()) {
    hint = "No credentials are known for this location. Use CREATE SECRET in pgduck_server to add some.";
  }
  return Error(kind, fmt::format("could not {} \"{}\": {}", doing, location,
                                 denied ? fmt::format("permission denied ({})", code) : code))
      .WithDetail(std::move(detail))
      .WithHint(std::move(hint));
}

}  // namespace lake::storage
