#include "storage/s3_upload.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "storage/xml.h"

namespace lake::storage {
namespace {

constexpr int kPartsPerSize = 1000;

bool IsMd5(std::string_view etag) {
  return etag.size() == 32 && etag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace

S3Upload::S3Upload(std::shared_ptr<S3Objects> objects, Location object, WriteOptions options)
    : objects_(std::move(objects)), object_(std::move(object)), options_(std::move(options)) {}

S3Upload::~S3Upload() { Abort(); }

uint64_t S3Upload::PartSize(int number) const {
  return objects_->options().part_size << std::min((number - 1) / kPartsPerSize, 9);
}

Status S3Upload::Append(std::string_view bytes) {
  if (ended_) return Internal("write to \"{}\" after its end", object_.text);
  while (!bytes.empty()) {
    size_t room = PartSize(parts_ + 1) - buffer_.size();
    // A full buffer is sent when more follows: what fits into one part stays a single PUT.
    if (room == 0) {
      if (Status sent = SendPart(); !sent.ok()) {
        Abort();
        return sent;
      }
      continue;
    }
    buffer_ += bytes.substr(0, room);
    bytes.remove_prefix(std::min(room, bytes.size()));
  }
  return {};
}

Status S3Upload::Begin() {
  LAKE_ASSIGN_OR_RETURN(S3Answer answer,
                        objects_->client().Execute(
                            {.method = "POST",
                             .bucket = object_.bucket,
                             .key = object_.key,
                             .query = {{"uploads", ""}},
                             .headers = {{"Content-Type", options_.content_type.empty() ? "application/octet-stream"
                                                                                        : options_.content_type}},
                             .cancel = options_.cancel}));
  if (!answer.ok()) return objects_->client().ToError(answer, "write", object_.text);
  auto document = ParseXml(answer.http.body);
  if (document.ok()) upload_id_ = document->ChildText("UploadId");
  if (upload_id_.empty()) return Corrupt("could not write \"{}\": storage named no upload", object_.text);
  return {};
}

Status S3Upload::WaitUntilFewerThan(size_t in_flight) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return in_flight_ < in_flight; });
  if (error_) return *error_;
  return {};
}

Status S3Upload::SendPart() {
  if (upload_id_.empty()) LAKE_RETURN_IF_ERROR(Begin());
  LAKE_RETURN_IF_ERROR(WaitUntilFewerThan(objects_->options().parallel_parts));
  size_ += buffer_.size();
  std::lock_guard lock(mutex_);
  queue_.emplace_back(++parts_, std::move(buffer_));
  buffer_ = std::string();
  ++in_flight_;
  changed_.notify_all();
  if (threads_.size() >= in_flight_) return {};
  try {
    threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {
    if (threads_.empty()) return OutOfMemory("could not write \"{}\": no thread can be started", object_.text);
  }
  return {};
}

void S3Upload::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return closing_ || !queue_.empty(); });
    if (closing_) return;
    auto [number, bytes] = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    UploadPart(number, bytes);
    lock.lock();
    --in_flight_;
    changed_.notify_all();
  }
}

void S3Upload::UploadPart(int number, const std::string& bytes) {
  auto answer = objects_->client().Execute({.method = "PUT",
                                            .bucket = object_.bucket,
                                            .key = object_.key,
                                            .query = {{"partNumber", std::to_string(number)}, {"uploadId", upload_id_}},
                                            .body = bytes,
                                            .cancel = options_.cancel,
                                            .abort = &aborted_});
  std::lock_guard lock(mutex_);
  std::string etag = answer.ok() && answer->ok() ? answer->http.Header("etag") : std::string();
  if (!etag.empty()) {
    etags_[number] = etag;
  } else if (!error_) {
    error_ = answer.ok() ? objects_->client().ToError(*answer, "write", object_.text) : answer.error();
  }
}

Result<ObjectInfo> S3Upload::Finish() {
  if (ended_) return Internal("write to \"{}\" after its end", object_.text);
  if (upload_id_.empty()) {
    ended_ = true;
    return objects_->Put(object_, buffer_, options_);
  }
  Status sent = buffer_.empty() ? Status() : SendPart();
  if (sent.ok()) sent = WaitUntilFewerThan(1);
  if (!sent.ok()) {
    Abort();
    return std::move(sent).error();
  }
  auto info = Complete();
  if (info.ok() || info.error().kind() == ErrorKind::kUnknownOutcome) {
    upload_id_.clear();  // there is nothing to give up, or nothing that may be given up
  }
  Abort();
  return info;
}

Result<ObjectInfo> S3Upload::Complete() {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const auto& [number, etag] : etags_) {
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number, EscapeXml(etag));
  }
  body += "</CompleteMultipartUpload>";
  NameValues headers = {{"Content-Type", "application/xml"}};
  LAKE_RETURN_IF_ERROR(objects_->PrepareIfAbsent(object_, options_, &headers));
  LAKE_ASSIGN_OR_RETURN(S3Answer answer, objects_->client().Execute({.method = "POST",
                                                                     .bucket = object_.bucket,
                                                                     .key = object_.key,
                                                                     .query = {{"uploadId", upload_id_}},
                                                                     .headers = headers,
                                                                     .body = body,
                                                                     .cancel = options_.cancel}));
  if (answer.ok()) {
    ObjectInfo info;
    info.location = object_.text;
    info.size = size_;
    if (auto document = ParseXml(answer.http.body); document.ok()) info.etag = StripQuotes(document->ChildText("ETag"));
    return info;
  }
  if (options_.if_absent && answer.http.status == 501 && objects_->GiveUpConditions()) return Complete();
  if (answer.ambiguous) return Settle(answer);
  if (options_.if_absent && (answer.http.status == 412 || answer.http.status == 409)) {
    return AlreadyExists("object \"{}\" already exists", object_.text);
  }
  return objects_->client().ToError(answer, "write", object_.text);
}

std::string S3Upload::ExpectedEtag() const {
  std::string digests;
  for (const auto& [number, etag] : etags_) {
    std::string plain = StripQuotes(etag);
    if (!IsMd5(plain)) return {};
    digests += FromHex(plain);
  }
  return fmt::format("{}-{}", Md5Hex(digests), etags_.size());
}

Result<ObjectInfo> S3Upload::Settle(const S3Answer& answer) {
  auto found = objects_->Head(object_, options_.cancel);
  if (found.ok() && found->size == size_ && found->etag == ExpectedEtag()) return found;
  std::string why =
      found.ok() ? objects_->client().ToError(answer, "write", object_.text).message() : found.error().message();
  return UnknownOutcome("could not find out whether \"{}\" was written: {}", object_.text, why);
}

void S3Upload::Abort() {
  ended_ = true;
  buffer_ = std::string();
  aborted_ = true;
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (upload_id_.empty()) return;
  // Best effort, also when the user cancelled: the parts would be paid for until a lifecycle rule finds them.
  static_cast<void>(objects_->client().Execute(
      {.method = "DELETE", .bucket = object_.bucket, .key = object_.key, .query = {{"uploadId", upload_id_}}}));
  upload_id_.clear();
}

}  // namespace lake::storage
