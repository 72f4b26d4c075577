// See the header. A file that is full waits for the row groups that were encoded for it; others go to the next one.
#include "server/lake/file_sequence.h"

namespace lake::server {

struct FileSequence::File {
  std::unique_ptr<DataFileWriter> writer;  // null once finished
  std::mutex writing;                      // of the writer: held by one Append() at a time
  int64_t encoded = 0;                     // row groups that are to be appended
  bool full = false;
  iceberg::DataFile written;  // once finished
};

struct FileSequence::RowGroup : public DataFiles::Batch {
  File* file = nullptr;
  DataFileWriter::RowGroup encoded;
};

FileSequence::FileSequence(std::shared_ptr<Target> target, iceberg::PartitionTuple partition)
    : target_(std::move(target)), partition_(std::move(partition)) {}

FileSequence::~FileSequence() = default;

Result<std::unique_ptr<DataFiles::Batch>> FileSequence::Prepare(duckdb::ColumnDataCollection& rows) {
  auto group = std::make_unique<RowGroup>();
  {
    std::lock_guard lock(mutex_);
    if (files_.empty() || files_.back().full) {
      Target& target = *target_;
      std::string location = target.Location(target.next_name++);
      LAKE_ASSIGN_OR_RETURN(auto writer,
                            DataFileWriter::Create(target.context, target.lake->store(), location, target.fields,
                                                   target.table, target.options.compression, target.names_later));
      files_.emplace_back().writer = std::move(writer);
    }
    group->file = &files_.back();
    ++group->file->encoded;
  }
  LAKE_ASSIGN_OR_RETURN(group->encoded, group->file->writer->Encode(rows));
  return std::unique_ptr<Batch>(std::move(group));
}

Status FileSequence::Append(std::unique_ptr<Batch> batch) {
  auto& group = static_cast<RowGroup&>(*batch);
  File& file = *group.file;
  std::lock_guard writing(file.writing);
  LAKE_RETURN_IF_ERROR(file.writer->Append(std::move(group.encoded)));
  bool last = false;
  {
    std::lock_guard lock(mutex_);
    --file.encoded;
    file.full = file.full || file.writer->size() >= static_cast<uint64_t>(target_->options.target_file_size);
    last = file.full && file.encoded == 0;
  }
  return last ? Finish(file) : Status();
}

Status FileSequence::CloseOpenFile() {
  File* file = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (files_.empty() || files_.back().full) return {};
    file = &files_.back();
    file->full = true;
    if (file->encoded > 0) return {};
  }
  std::lock_guard writing(file->writing);
  return Finish(*file);
}

Status FileSequence::Finish(File& file) {
  LAKE_ASSIGN_OR_RETURN(iceberg::DataFile written, file.writer->Finish());
  written.spec_id = target_->table.default_spec_id;
  written.partition = partition_;
  std::lock_guard lock(mutex_);
  file.written = std::move(written);
  file.writer.reset();
  return {};
}

Status FileSequence::Close() {
  for (File& file : files_) {
    if (file.writer) LAKE_RETURN_IF_ERROR(Finish(file));
  }
  return {};
}

std::vector<iceberg::DataFile> FileSequence::files() const {
  std::lock_guard lock(mutex_);
  std::vector<iceberg::DataFile> files;
  for (const File& file : files_) {
    if (!file.writer) files.push_back(file.written);
  }
  return files;
}

void FileSequence::Discard() {
  for (const iceberg::DataFile& file : files()) (void)target_->lake->store().Remove(file.file_path.str());
  files_.clear();
}

}  // namespace lake::server
