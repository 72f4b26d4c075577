#include "iceberg/manifest.h"

#include <cctype>

namespace lake::iceberg {

const char* FileFormatName(FileFormat format) {
  switch (format) {
    case FileFormat::kParquet: return "parquet";
    case FileFormat::kAvro: return "avro";
    case FileFormat::kOrc: return "orc";
    case FileFormat::kPuffin: return "puffin";
  }
  return "parquet";
}

Result<FileFormat> ParseFileFormat(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (FileFormat format : {FileFormat::kParquet, FileFormat::kAvro, FileFormat::kOrc, FileFormat::kPuffin}) {
    if (lower == FileFormatName(format)) return format;
  }
  return Unsupported("file format \"{}\" is not supported", name);
}

size_t Manifest::MemoryUsage() const {
  size_t bytes = sizeof(Manifest);
  auto strings = [&](const FieldMap<std::string>& map) {
    for (const auto& [id, value] : map) bytes += sizeof(std::pair<FieldId, std::string>) + value.capacity();
  };
  for (const ManifestEntry& entry : entries) {
    const DataFile& file = entry.file;
    bytes += sizeof(ManifestEntry) + file.file_path.str().capacity() + file.partition.size() * sizeof(Literal) +
             file.split_offsets.size() * sizeof(int64_t);
    size_t counts = file.column_sizes.size() + file.value_counts.size() + file.null_value_counts.size() +
                    file.nan_value_counts.size();
    bytes += counts * sizeof(std::pair<FieldId, int64_t>);
    strings(file.lower_bounds);
    strings(file.upper_bounds);
  }
  return bytes;
}

}  // namespace lake::iceberg
