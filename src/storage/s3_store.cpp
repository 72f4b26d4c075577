#include "storage/s3_store.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "storage/s3_objects.h"
#include "storage/s3_upload.h"
#include "storage/xml.h"

namespace lake::storage {
namespace {

constexpr size_t kRemovalsPerRequest = 1000;
constexpr uint64_t kLargestSinglePut = 64 << 20;

class S3Reader : public ObjectReader {
 public:
  S3Reader(std::shared_ptr<S3Objects> objects, Location object, ObjectInfo info)
      : objects_(std::move(objects)), object_(std::move(object)), info_(std::move(info)) {}

  const ObjectInfo& info() const override { return info_; }

  Result<uint64_t> ReadAt(uint64_t offset, char* buffer, uint64_t length, const ReadOptions& options) override {
    if (offset >= info_.size) return uint64_t{0};
    length = std::min(length, info_.size - offset);
    LAKE_ASSIGN_OR_RETURN(uint64_t got, objects_->Read(object_, offset, buffer, length, options.cancel));
    if (got != length) {
      return Corrupt("object \"{}\" became shorter while it was read", object_.text);
    }
    return got;
  }

 private:
  std::shared_ptr<S3Objects> objects_;
  Location object_;
  ObjectInfo info_;
};

/// Keys come form-encoded (encoding-type=url), which is the only way to get all of them through XML.
Result<std::string> DecodeKey(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return PercentDecode(text);
}

}  // namespace

S3Store::S3Store(std::shared_ptr<HttpClient> http, S3Credentials credentials, S3Options options)
    : objects_(std::make_shared<S3Objects>(std::move(http), std::move(credentials), options)) {}

S3Store::~S3Store() = default;

Result<ObjectInfo> S3Store::Head(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  return objects_->Head(object, options.cancel);
}

Result<std::string> S3Store::Get(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  return objects_->Get(object, options.cancel);
}

Result<std::string> S3Store::GetRange(const std::string& location, uint64_t offset, uint64_t length,
                                      const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  if (length > 2 * objects_->options().part_size) {
    // Do not reserve more than there is.
    LAKE_ASSIGN_OR_RETURN(ObjectInfo info, objects_->Head(object, options.cancel));
    length = offset >= info.size ? 0 : std::min(length, info.size - offset);
  }
  std::string bytes(length, '\0');
  LAKE_ASSIGN_OR_RETURN(uint64_t got, objects_->Read(object, offset, bytes.data(), length, options.cancel));
  bytes.resize(got);
  return bytes;
}

Result<std::unique_ptr<ObjectReader>> S3Store::OpenReader(const std::string& location, const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  LAKE_ASSIGN_OR_RETURN(ObjectInfo info, objects_->Head(object, options.cancel));
  return std::unique_ptr<ObjectReader>(std::make_unique<S3Reader>(objects_, std::move(object), std::move(info)));
}

Result<ObjectInfo> S3Store::Put(const std::string& location, std::string_view bytes, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  if (bytes.size() <= kLargestSinglePut) return objects_->Put(object, bytes, options);
  S3Upload upload(objects_, std::move(object), options);
  LAKE_RETURN_IF_ERROR(upload.Append(bytes));
  return upload.Finish();
}

Result<std::unique_ptr<ObjectWriter>> S3Store::OpenWriter(const std::string& location, const WriteOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  return std::unique_ptr<ObjectWriter>(std::make_unique<S3Upload>(objects_, std::move(object), options));
}

Status S3Store::List(const std::string& prefix, const std::function<bool(const ObjectInfo&)>& visit,
                     const ReadOptions& options) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(prefix));
  if (parsed.scheme != Scheme::kS3) return InvalidInput("location \"{}\" is not in S3", prefix);
  std::string base = prefix.substr(0, prefix.size() - parsed.key.size());  // scheme and bucket as the caller wrote them
  if (base.back() != '/') base += '/';
  std::string token;
  while (true) {
    NameValues query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", parsed.key}};
    if (!token.empty()) query.emplace_back("continuation-token", token);
    LAKE_ASSIGN_OR_RETURN(S3Answer answer,
                          objects_->client().Execute(
                              {.method = "GET", .bucket = parsed.bucket, .query = query, .cancel = options.cancel}));
    if (!answer.ok()) return objects_->client().ToError(answer, "list", prefix);
    auto document = ParseXml(answer.http.body);
    if (!document.ok()) return std::move(document).error().WithContext(fmt::format("could not list \"{}\"", prefix));
    bool encoded = document->ChildText("EncodingType") == "url";
    for (const XmlElement& child : document->children) {
      if (child.name != "Contents") continue;
      std::string key = child.ChildText("Key");
      if (encoded) {
        LAKE_ASSIGN_OR_RETURN(key, DecodeKey(key));
      }
      if (key.compare(0, parsed.key.size(), parsed.key) != 0) {
        return Corrupt("could not list \"{}\": storage answered with the key \"{}\"", prefix, key);
      }
      ObjectInfo info{base + key, std::strtoull(child.ChildText("Size").c_str(), nullptr, 10),
                      ParseHttpDate(child.ChildText("LastModified")) * 1000000, StripQuotes(child.ChildText("ETag"))};
      if (!visit(info)) return {};
    }
    if (document->ChildText("IsTruncated") != "true") return {};
    std::string next = document->ChildText("NextContinuationToken");
    if (next.empty() || next == token) return Corrupt("could not list \"{}\": storage never ends the list", prefix);
    token = std::move(next);
  }
}

Status S3Store::Remove(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
  return objects_->Remove(object);
}

Status S3Store::RemoveMany(const std::vector<std::string>& locations) {
  std::vector<Location> batch;
  for (const std::string& location : locations) {
    LAKE_ASSIGN_OR_RETURN(Location object, ParseS3Object(location));
    if (batch.size() == kRemovalsPerRequest || (!batch.empty() && batch[0].bucket != object.bucket)) {
      LAKE_RETURN_IF_ERROR(objects_->RemoveBatch(batch));
      batch.clear();
    }
    batch.push_back(std::move(object));
  }
  if (batch.size() == 1) return objects_->Remove(batch[0]);
  return objects_->RemoveBatch(batch);
}

Result<std::string> S3Store::BucketRegion(const std::string& location) {
  LAKE_ASSIGN_OR_RETURN(Location parsed, ParseLocation(location));
  LAKE_ASSIGN_OR_RETURN(S3Answer answer, objects_->client().Execute({.method = "HEAD", .bucket = parsed.bucket}));
  std::string region = answer.http.Header("x-amz-bucket-region");
  if (!region.empty()) return region;
  if (!answer.ok()) return objects_->client().ToError(answer, "find the region of", location);
  return NotFound("storage does not say in which region \"{}\" is", location);
}

}  // namespace lake::storage
