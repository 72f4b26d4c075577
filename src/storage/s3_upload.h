// A streamed write to S3: one PUT when it stays small, else a multipart upload whose parts travel side by side.
//
//   POST key?uploads -> UploadId;  PUT key?partNumber=n&uploadId=... -> ETag (in parallel);
//   POST key?uploadId=... with the list of parts -> done      DELETE key?uploadId=... -> given up
//
// All parts have the same size (some endpoints insist) until there are so many that the limit of 10,000 parts comes
// into view; from then on the size doubles every 1,000 parts, which leaves room for more than S3's largest object.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "storage/s3_objects.h"

namespace lake::storage {

class S3Upload : public ObjectWriter {
 public:
  S3Upload(std::shared_ptr<S3Objects> objects, Location object, WriteOptions options);
  ~S3Upload() override;

  Status Append(std::string_view bytes) override;
  Result<ObjectInfo> Finish() override;
  void Abort() override;

 private:
  uint64_t PartSize(int number) const;
  Status Begin();
  Status SendPart();
  void Work();
  void UploadPart(int number, const std::string& bytes);
  Status WaitUntilFewerThan(size_t in_flight);
  Result<ObjectInfo> Complete();
  Result<ObjectInfo> Settle(const S3Answer& answer);
  std::string ExpectedEtag() const;

  std::shared_ptr<S3Objects> objects_;
  Location object_;
  WriteOptions options_;
  std::string buffer_;
  std::string upload_id_;  // empty before Begin()
  uint64_t size_ = 0;
  int parts_ = 0;
  bool ended_ = false;
  CancelFlag aborted_ = false;

  // Shared with the threads that send the parts, at most parallel_parts of them, started when there is work.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<int, std::string>> queue_;  // part number and its bytes
  size_t in_flight_ = 0;                           // queued or being sent
  bool closing_ = false;
  std::optional<Error> error_;        // the first a part failed with
  std::map<int, std::string> etags_;  // by part number, from 1
  std::vector<std::thread> threads_;
};

}  // namespace lake::storage
