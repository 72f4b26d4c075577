#include "storage/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>

namespace lake::storage {
namespace {

constexpr long kConnectTimeoutMs = 5000;
constexpr long kStallSeconds = 30;
constexpr int kPollMs = 50;
constexpr size_t kMaxIdle = 64;
constexpr size_t kMaxHeaderBytes = 256 * 1024;

bool IsSet(const CancelFlag* flag) { return flag != nullptr && flag->load(std::memory_order_relaxed); }

/// The parts of a transfer that curl's callbacks fill. They must not throw.
struct Transfer {
  const HttpRequest* request = nullptr;
  HttpResponse response;
  size_t header_bytes = 0;
  bool out_of_memory = false;
  bool too_long = false;

  bool goes_into_buffer() const { return request->into != nullptr && response.status / 100 == 2; }
};

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    std::string_view line(data, size);
    transfer.header_bytes += size;
    if (transfer.header_bytes > kMaxHeaderBytes) return 0;
    if (line.substr(0, 5) == "HTTP/") {  // also after a 100 Continue
      transfer.response.headers.clear();
      size_t space = line.find(' ');
      transfer.response.status = space == std::string_view::npos ? 0 : std::atoi(line.data() + space + 1);
      return size;
    }
    size_t colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && std::strchr(" \t\r\n", value.back()) != nullptr) value.remove_suffix(1);
    transfer.response.headers.emplace_back(std::move(name), value);
    return size;
  } catch (const std::bad_alloc&) {
    transfer.out_of_memory = true;
    return 0;
  }
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  HttpResponse& response = transfer.response;
  if (transfer.goes_into_buffer()) {
    if (size > transfer.request->into_size - response.body_size) {
      transfer.too_long = true;
      return 0;
    }
    std::memcpy(transfer.request->into + response.body_size, data, size);
    response.body_size += size;
    return size;
  }
  try {
    response.body.append(data, size);
    response.body_size += size;
    return size;
  } catch (const std::exception&) {  // bad_alloc, length_error
    transfer.out_of_memory = true;
    return 0;
  }
}

void InitCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

/// Whether the request cannot have left this machine.
bool FailedBeforeSending(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return true;
    default: return false;
  }
}

}  // namespace

/// An easy handle and the multi handle that drives it and keeps its connections. The multi interface, because the easy
/// one looks at a cancel flag only once a second while nothing arrives.
class HttpClient::Connection {
 public:
  Connection() : easy_(curl_easy_init()), multi_(curl_multi_init()) {}
  ~Connection() {
    curl_multi_cleanup(multi_);
    curl_easy_cleanup(easy_);
  }

  Result<HttpResponse> Send(const HttpRequest& request) {
    if (easy_ == nullptr || multi_ == nullptr) return OutOfMemory("out of memory for an HTTP connection");
    Transfer transfer;
    transfer.request = &request;
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(MakeHeaders(request), curl_slist_free_all);
    Prepare(request, transfer, headers.get());
    bool cancelled = false;
    CURLcode code = Drive(request, &cancelled);
    if (transfer.out_of_memory) return OutOfMemory("out of memory while receiving an HTTP answer");
    if (cancelled) return Cancelled("the request to storage was cancelled");
    if (code != CURLE_OK) {
      const char* reason = error_[0] != '\0' ? error_ : curl_easy_strerror(code);
      HttpResponse failed;
      failed.failure = transfer.too_long ? "the answer is longer than what was asked for" : reason;
      failed.maybe_received = !FailedBeforeSending(code) && RequestLeft();
      return failed;
    }
    return std::move(transfer.response);
  }

 private:
  static curl_slist* MakeHeaders(const HttpRequest& request) {
    curl_slist* list = nullptr;
    for (const auto& [name, value] : request.headers) list = curl_slist_append(list, (name + ": " + value).c_str());
    list = curl_slist_append(list, "Expect:");
    return curl_slist_append(list, "Accept:");
  }

  void Prepare(const HttpRequest& request, Transfer& transfer, curl_slist* headers) {
    curl_easy_reset(easy_);
    error_[0] = '\0';
    curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &transfer);
    if (request.method == "HEAD") {
      curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
      curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else if (request.method != "GET") {
      curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
  }

  CURLcode Drive(const HttpRequest& request, bool* cancelled) {
    if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) return CURLE_FAILED_INIT;
    CURLcode code = CURLE_OK;
    int running = 1;
    while (running > 0) {
      if (IsSet(request.cancel) || IsSet(request.abort)) {
        *cancelled = true;
        break;
      }
      if (curl_multi_perform(multi_, &running) != CURLM_OK) code = CURLE_FAILED_INIT;
      if (code != CURLE_OK || running == 0) break;
      if (curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr) != CURLM_OK) code = CURLE_FAILED_INIT;
    }
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
    curl_multi_remove_handle(multi_, easy_);
    return code;
  }

  bool RequestLeft() {
    long sent = 0;
    curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent);
    return sent > 0;
  }

  CURL* easy_;
  CURLM* multi_;
  char error_[CURL_ERROR_SIZE] = "";
};

std::string HttpResponse::Header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

int64_t ParseHttpDate(const std::string& text) {
  std::tm parts = {};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) != nullptr) return ::timegm(&parts);
  time_t seconds = ::curl_getdate(text.c_str(), nullptr);
  return seconds < 0 ? 0 : seconds;
}

HttpClient::HttpClient() { InitCurl(); }
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  std::unique_ptr<Connection> connection;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!connection) connection = std::make_unique<Connection>();
  auto response = connection->Send(request);
  std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
  return response;
}

}  // namespace lake::storage
