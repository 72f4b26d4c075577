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

FileSequence::FileSequence(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, Options options,
                           std::vector<iceberg::NestedField> fields, const iceberg::TableMetadata& table)
    : context_(context),
      lake_(std::move(lake)),
      options_(std::move(options)),
      fields_(std::move(fields)),
      table_(table) {}

FileSequence::~FileSequence() = default;

Result<FileSequence::RowGroup> FileSequence::Encode(duckdb::ColumnDataCollection& rows) {
  RowGroup group;
  {
    std::lock_guard lock(mutex_);
    if (files_.empty() || files_.back().full) {
      std::string location = fmt::format("{}-{}.parquet", options_.data_prefix, files_.size());
      LAKE_ASSIGN_OR_RETURN(auto writer, DataFileWriter::Create(context_, lake_->store(), location, fields_, table_,
                                                                options_.compression));
      files_.emplace_back().writer = std::move(writer);
    }
    group.file = &files_.back();
    ++group.file->encoded;
  }
  LAKE_ASSIGN_OR_RETURN(group.encoded, group.file->writer->Encode(rows));
  return group;
}

Status FileSequence::Append(RowGroup group) {
  File& file = *group.file;
  std::lock_guard writing(file.writing);
  LAKE_RETURN_IF_ERROR(file.writer->Append(std::move(group.encoded)));
  bool last = false;
  {
    std::lock_guard lock(mutex_);
    --file.encoded;
    file.full = file.full || file.writer->size() >= static_cast<uint64_t>(options_.target_file_size);
    last = file.full && file.encoded == 0;
  }
  return last ? Finish(file) : Status();
}

Status FileSequence::Write(duckdb::ColumnDataCollection& rows) {
  LAKE_ASSIGN_OR_RETURN(RowGroup group, Encode(rows));
  return Append(std::move(group));
}

Status FileSequence::Finish(File& file) {
  LAKE_ASSIGN_OR_RETURN(iceberg::DataFile written, file.writer->Finish());
  written.spec_id = table_.default_spec_id;
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
  for (const iceberg::DataFile& file : files()) (void)lake_->store().Remove(file.file_path.str());
  files_.clear();
}

}  // namespace lake::server
