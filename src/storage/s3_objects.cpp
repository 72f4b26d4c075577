#include "storage/s3_objects.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "storage/parallel.h"
#include "storage/xml.h"

namespace lake::storage {
namespace {

std::string RangeHeader(uint64_t offset, uint64_t length) {
  return fmt::format("bytes={}-{}", offset, offset + length - 1);
}

Error Taken(const Location& object) { return AlreadyExists("object \"{}\" already exists", object.text); }

/// A write of which we cannot tell whether it happened.
Error Unsettled(const Location& object, std::string_view why) {
  return UnknownOutcome("could not find out whether \"{}\" was written: {}", object.text, why);
}

}  // namespace

Result<Location> ParseS3Object(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(location));
  if (parsed.scheme != Scheme::kS3) return InvalidInput("location \"{}\" is not in S3", location);
  if (parsed.key.empty()) return InvalidInput("location \"{}\" names a bucket, not an object", location);
  return parsed;
}

std::string StripQuotes(std::string etag) {
  etag.erase(std::remove(etag.begin(), etag.end(), '"'), etag.end());
  return etag;
}

ObjectInfo InfoOfHeaders(const Location& object, const HttpResponse& response) {
  ObjectInfo info;
  info.location = object.text;
  info.size = std::strtoull(response.Header("content-length").c_str(), nullptr, 10);
  info.modified_us = ParseHttpDate(response.Header("last-modified")) * 1000000;
  info.etag = StripQuotes(response.Header("etag"));
  return info;
}

S3Objects::S3Objects(std::shared_ptr<HttpClient> http, S3Credentials credentials, S3Options options)
    : client_(std::move(http), std::move(credentials), options.retry), options_(options) {}

Result<ObjectInfo> S3Objects::Head(const Location& object, const CancelFlag* cancel) {
  LAKE_ASSIGN_OR_RETURN(
      S3Answer answer,
      client_.Execute({.method = "HEAD", .bucket = object.bucket, .key = object.key, .cancel = cancel}));
  if (!answer.ok()) return client_.ToError(answer, "read", object.text);
  return InfoOfHeaders(object, answer.http);
}

Result<std::string> S3Objects::Get(const Location& object, const CancelFlag* cancel) {
  LAKE_ASSIGN_OR_RETURN(
      S3Answer answer,
      client_.Execute({.method = "GET", .bucket = object.bucket, .key = object.key, .cancel = cancel}));
  if (!answer.ok()) return client_.ToError(answer, "read", object.text);
  return std::move(answer.http.body);
}

Result<uint64_t> S3Objects::ReadOnce(const Location& object, uint64_t offset, char* buffer, uint64_t length,
                                     const CancelFlag* cancel) {
  if (length == 0) return uint64_t{0};
  LAKE_ASSIGN_OR_RETURN(S3Answer answer, client_.Execute({.method = "GET",
                                                          .bucket = object.bucket,
                                                          .key = object.key,
                                                          .headers = {{"Range", RangeHeader(offset, length)}},
                                                          .cancel = cancel,
                                                          .into = buffer,
                                                          .into_size = length}));
  if (answer.http.status == 416) return uint64_t{0};  // begins at or after the end
  if (!answer.ok()) return client_.ToError(answer, "read", object.text);
  if (answer.http.status != 206 && offset > 0) {
    return Unsupported("could not read \"{}\": storage does not answer ranged reads", object.text);
  }
  return answer.http.body_size;
}

Result<uint64_t> S3Objects::Read(const Location& object, uint64_t offset, char* buffer, uint64_t length,
                                 const CancelFlag* cancel) {
  uint64_t part = options_.part_size;
  if (length <= 2 * part) return ReadOnce(object, offset, buffer, length, cancel);
  size_t count = static_cast<size_t>((length + part - 1) / part);
  std::vector<uint64_t> got(count);
  LAKE_RETURN_IF_ERROR(RunParallel(count, options_.parallel_parts, [&](size_t i) -> Status {
    uint64_t begin = i * part;
    LAKE_ASSIGN_OR_RETURN(got[i],
                          ReadOnce(object, offset + begin, buffer + begin, std::min(part, length - begin), cancel));
    return {};
  }));
  // Only what comes without a gap counts: a short part is the end of the object.
  uint64_t total = 0;
  for (size_t i = 0; i < count && total == i * part; ++i) total += got[i];
  return total;
}

Status S3Objects::PrepareIfAbsent(const Location& object, const WriteOptions& options, NameValues* headers) {
  if (!options.if_absent) return {};
  if (conditions_work_) {
    headers->emplace_back("If-None-Match", "*");
    return {};
  }
  auto existing = Head(object, options.cancel);
  if (existing.ok()) return Taken(object);
  if (existing.error().kind() != ErrorKind::kNotFound) return std::move(existing).error();
  return {};
}

Result<ObjectInfo> S3Objects::Put(const Location& object, std::string_view bytes, const WriteOptions& options) {
  NameValues headers = {
      {"Content-Type", options.content_type.empty() ? "application/octet-stream" : options.content_type}};
  LAKE_RETURN_IF_ERROR(PrepareIfAbsent(object, options, &headers));
  LAKE_ASSIGN_OR_RETURN(S3Answer answer, client_.Execute({.method = "PUT",
                                                          .bucket = object.bucket,
                                                          .key = object.key,
                                                          .headers = headers,
                                                          .body = bytes,
                                                          .cancel = options.cancel}));
  if (answer.ok()) {
    ObjectInfo info = InfoOfHeaders(object, answer.http);
    info.size = bytes.size();
    return info;
  }
  if (options.if_absent && answer.http.status == 501 && GiveUpConditions()) return Put(object, bytes, options);
  if (options.if_absent && answer.ambiguous) return SettleAmbiguousPut(object, bytes, options, answer);
  if (options.if_absent && (answer.http.status == 412 || answer.http.status == 409)) return Taken(object);
  return client_.ToError(answer, "write", object.text);
}

Result<bool> S3Objects::HoldsBytes(const Location& object, std::string_view bytes, const CancelFlag* cancel) {
  LAKE_ASSIGN_OR_RETURN(ObjectInfo info, Head(object, cancel));
  if (info.size != bytes.size()) return false;
  std::string found(bytes.size(), '\0');
  LAKE_ASSIGN_OR_RETURN(uint64_t got, Read(object, 0, found.data(), found.size(), cancel));
  return got == bytes.size() && found == bytes;
}

Result<ObjectInfo> S3Objects::SettleAmbiguousPut(const Location& object, std::string_view bytes,
                                                 const WriteOptions& options, const S3Answer& answer) {
  bool refused = answer.http.status == 412 || answer.http.status == 409;
  auto ours = HoldsBytes(object, bytes, options.cancel);
  if (ours.ok() && *ours) return Head(object, options.cancel);
  if (ours.ok()) return Taken(object);
  if (ours.error().kind() == ErrorKind::kNotFound && !refused && answer.http.status != 0) {
    // The last attempt was answered, and nothing is there: it did not happen.
    return client_.ToError(answer, "write", object.text);
  }
  return Unsettled(object, ours.error().kind() == ErrorKind::kNotFound
                               ? client_.ToError(answer, "write", object.text).message()
                               : ours.error().message());
}

Status S3Objects::Remove(const Location& object) {
  LAKE_ASSIGN_OR_RETURN(S3Answer answer,
                        client_.Execute({.method = "DELETE", .bucket = object.bucket, .key = object.key}));
  if (answer.ok() || (answer.http.status == 404 && answer.code != "NoSuchBucket")) return {};
  return client_.ToError(answer, "remove", object.text);
}

Status S3Objects::RemoveBatch(const std::vector<Location>& objects) {
  if (objects.empty()) return {};
  if (!bulk_removal_works_) {
    return RunParallel(objects.size(), options_.parallel_parts, [&](size_t i) { return Remove(objects[i]); });
  }
  std::string body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const Location& object : objects) body += "<Object><Key>" + EscapeXml(object.key) + "</Key></Object>";
  body += "</Delete>";
  LAKE_ASSIGN_OR_RETURN(
      S3Answer answer,
      client_.Execute({.method = "POST",
                       .bucket = objects[0].bucket,
                       .query = {{"delete", ""}},
                       .headers = {{"Content-MD5", Md5Base64(body)}, {"Content-Type", "application/xml"}},
                       .body = body}));
  if (answer.http.status == 501 || answer.http.status == 405) {
    bulk_removal_works_ = false;
    return RemoveBatch(objects);
  }
  if (!answer.ok()) return client_.ToError(answer, "remove", objects[0].text);
  auto document = ParseXml(answer.http.body);
  if (!document.ok()) return std::move(document).error().WithContext("could not understand the answer to a removal");
  for (const XmlElement& child : document->children) {
    if (child.name != "Error" || child.ChildText("Code") == "NoSuchKey") continue;
    std::string key = child.ChildText("Key");
    auto object = std::find_if(objects.begin(), objects.end(), [&](const Location& one) { return one.key == key; });
    S3Answer failed;
    failed.code = child.ChildText("Code");
    failed.http.status = failed.code == "AccessDenied" ? 403 : 503;
    return client_.ToError(failed, "remove", (object == objects.end() ? objects[0] : *object).text);
  }
  return {};
}

}  // namespace lake::storage
