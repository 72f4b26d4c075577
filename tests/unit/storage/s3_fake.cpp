#include "s3_fake.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/location.h"
#include "storage/sigv4.h"

namespace lake::storage {
namespace {

constexpr size_t kPageSize = 3;

std::string Etag(const std::string& bytes) { return '"' + Md5Hex(bytes) + '"'; }

std::string ErrorXml(const std::string& code, const std::string& message) {
  return fmt::format("<?xml version=\"1.0\"?><Error><Code>{}</Code><Message>{}</Message></Error>", code, message);
}

void Fail(httplib::Response& response, int status, const std::string& code) {
  response.status = status;
  response.set_content(ErrorXml(code, "said the fake"), "application/xml");
}

}  // namespace

S3Fake::S3Fake() {
  auto handler = [this](const httplib::Request& request, httplib::Response& response) { Handle(request, response); };
  server_.Get(".*", handler);
  server_.Put(".*", handler);
  server_.Post(".*", handler);
  server_.Delete(".*", handler);
  server_.set_keep_alive_max_count(100000);
  server_.set_tcp_nodelay(true);
  port_ = server_.bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_.listen_after_bind(); });
  while (!server_.is_running()) std::this_thread::yield();
}

S3Fake::~S3Fake() {
  server_.stop();
  thread_.join();
}

void S3Fake::Script(Answer answer) {
  std::lock_guard lock(mutex_);
  script_.push_back(std::move(answer));
}

void S3Fake::ScriptAll(Answer answer) {
  std::lock_guard lock(mutex_);
  for_all_ = std::move(answer);
}

std::map<std::string, std::string> S3Fake::objects() {
  std::lock_guard lock(mutex_);
  return objects_;
}

void S3Fake::SetObject(const std::string& path, const std::string& bytes) {
  std::lock_guard lock(mutex_);
  objects_[path] = bytes;
}

std::vector<FakeRequest> S3Fake::requests() {
  std::lock_guard lock(mutex_);
  return requests_;
}

size_t S3Fake::CountRequests(const std::string& method, const std::string& target_part) {
  auto all = requests();
  return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const FakeRequest& request) {
    return request.method == method && request.target.find(target_part) != std::string::npos;
  }));
}

S3Fake::Answer S3Fake::Status(int status, const std::string& code, const std::string& message,
                              const httplib::Headers& headers) {
  return [=](const httplib::Request&, httplib::Response& response) {
    response.status = status;
    for (const auto& [name, value] : headers) response.set_header(name, value);
    if (!code.empty()) response.set_content(ErrorXml(code, message), "application/xml");
  };
}

S3Fake::Answer S3Fake::Document(const std::string& xml) {
  return [=](const httplib::Request&, httplib::Response& response) { response.set_content(xml, "application/xml"); };
}

S3Fake::Answer S3Fake::Truncated() {
  return [](const httplib::Request&, httplib::Response& response) {
    response.set_content_provider(100, "text/plain", [](size_t offset, size_t, httplib::DataSink& sink) {
      return offset == 0 && sink.write("half", 4);
    });
  };
}

S3Fake::Answer S3Fake::LostAnswer() {
  return [this](const httplib::Request& request, httplib::Response& response) {
    httplib::Response unseen;
    Serve(request, unseen);
    Truncated()(request, response);
  };
}

void S3Fake::Handle(const httplib::Request& request, httplib::Response& response) {
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    FakeRequest seen{request.method, request.target, {}, request.body};
    for (const auto& [name, value] : request.headers) {
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
      seen.headers[lower] = value;
    }
    requests_.push_back(std::move(seen));
    if (!script_.empty()) {
      answer = std::move(script_.front());
      script_.pop_front();
    } else {
      answer = for_all_;
    }
  }
  if (answer)
    answer(request, response);
  else
    Serve(request, response);
}

void S3Fake::Serve(const httplib::Request& request, httplib::Response& response) {
  std::lock_guard lock(mutex_);
  std::string path = *PercentDecode(request.target.substr(0, request.target.find('?')));
  if (request.method == "PUT") return ServePut(request, response);
  if (request.method == "POST") return ServePost(request, response);
  if (request.method == "DELETE") {
    if (request.has_param("uploadId"))
      uploads_.erase(request.get_param_value("uploadId"));
    else
      objects_.erase(path);
    response.status = 204;
    return;
  }
  if (request.has_param("list-type")) return ServeList(request, response);
  auto found = objects_.find(path);
  if (found == objects_.end()) return Fail(response, 404, "NoSuchKey");
  response.set_header("ETag", Etag(found->second));
  response.set_header("Last-Modified", "Wed, 01 Mar 2023 12:00:00 GMT");
  std::string bytes = found->second;
  // The server applies a Range header by itself to a whole body; a fake that ignores ranges must hide it.
  if (ignores_range_) const_cast<httplib::Request&>(request).ranges.clear();
  if (!request.ranges.empty() && request.ranges[0].first >= static_cast<ssize_t>(bytes.size())) {
    const_cast<httplib::Request&>(request).ranges.clear();
    return Fail(response, 416, "InvalidRange");
  }
  if (!request.ranges.empty()) {
    auto& range = const_cast<httplib::Request&>(request).ranges[0];
    range.second = std::min<ssize_t>(range.second, static_cast<ssize_t>(bytes.size()) - 1);
    response.status = 206;
  }
  response.set_content(bytes, "application/octet-stream");
}

void S3Fake::ServePut(const httplib::Request& request, httplib::Response& response) {
  std::string path = *PercentDecode(request.target.substr(0, request.target.find('?')));
  if (request.has_param("uploadId")) {
    auto upload = uploads_.find(request.get_param_value("uploadId"));
    if (upload == uploads_.end()) return Fail(response, 404, "NoSuchUpload");
    upload->second[std::stoi(request.get_param_value("partNumber"))] = request.body;
  } else {
    if (request.has_header("If-None-Match") && objects_.count(path) > 0) {
      return Fail(response, 412, "PreconditionFailed");
    }
    objects_[path] = request.body;
  }
  response.set_header("ETag", Etag(request.body));
}

void S3Fake::ServePost(const httplib::Request& request, httplib::Response& response) {
  std::string path = *PercentDecode(request.target.substr(0, request.target.find('?')));
  if (request.has_param("uploads")) {
    std::string id = fmt::format("upload/{}+", uploads_.size() + 1);  // wants encoding
    uploads_[id] = {};
    response.set_content(
        "<InitiateMultipartUploadResult><UploadId>" + id + "</UploadId></InitiateMultipartUploadResult>",
        "application/xml");
    return;
  }
  if (request.has_param("delete")) {
    for (size_t at = 0; (at = request.body.find("<Key>", at)) != std::string::npos; ++at) {
      objects_.erase(path + "/" + request.body.substr(at + 5, request.body.find("</Key>", at) - at - 5));
    }
    response.set_content("<DeleteResult/>", "application/xml");
    return;
  }
  auto upload = uploads_.find(request.get_param_value("uploadId"));
  if (upload == uploads_.end()) return Fail(response, 404, "NoSuchUpload");
  if (request.has_header("If-None-Match") && objects_.count(path) > 0) {
    return Fail(response, 412, "PreconditionFailed");
  }
  std::string bytes;
  for (const auto& [number, part] : upload->second) bytes += part;
  objects_[path] = bytes;
  uploads_.erase(upload);
  response.set_content("<CompleteMultipartUploadResult><ETag>&quot;done-1&quot;</ETag></CompleteMultipartUploadResult>",
                       "application/xml");
}

void S3Fake::ServeList(const httplib::Request& request, httplib::Response& response) {
  std::string bucket = *PercentDecode(request.target.substr(0, request.target.find('?'))) + "/";
  std::string prefix = bucket + request.get_param_value("prefix");
  std::string from = request.has_param("continuation-token") ? request.get_param_value("continuation-token") : prefix;
  std::string xml =
      "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<EncodingType>url</EncodingType>";
  size_t count = 0;
  bool truncated = false;
  for (auto it = objects_.lower_bound(from); it != objects_.end() && it->first.compare(0, prefix.size(), prefix) == 0;
       ++it) {
    if (count++ == kPageSize) {
      truncated = true;
      xml += "<NextContinuationToken>" + it->first + "</NextContinuationToken>";
      break;
    }
    std::string key = PercentEncode(it->first.substr(bucket.size()), true);
    for (size_t at; (at = key.find("%20")) != std::string::npos;) key.replace(at, 3, "+");  // as Amazon does
    xml += fmt::format(
        "<Contents><Key>{}</Key><LastModified>2023-03-01T12:00:00.000Z</LastModified>"
        "<ETag>&quot;e&quot;</ETag><Size>{}</Size></Contents>",
        key, it->second.size());
  }
  response.set_content(xml + (truncated ? "<IsTruncated>true</IsTruncated>" : "") + "</ListBucketResult>",
                       "application/xml");
}

}  // namespace lake::storage
