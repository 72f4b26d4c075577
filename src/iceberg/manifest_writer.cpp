// Writes manifests of format versions 2 and 3. Names, field ids and types are those of the specification and of Java's
// files (rules 34 to 39), so that readers that go by name and readers that go by id are both served.
#include <limits>

#include "avro/file.h"
#include "iceberg/avro_values.h"

namespace lake::iceberg {

namespace {

/// A map by column id: an array of key-value records.
Json MapField(int id, const char* name, int key_id, int value_id, const char* value_type) {
  Json record = {{"type", "record"},
                 {"name", fmt::format("k{}_v{}", key_id, value_id)},
                 {"fields", {AvroField(key_id, "key", "int"), AvroField(value_id, "value", value_type)}}};
  return AvroField(id, name, {{"type", "array"}, {"logicalType", "map"}, {"items", std::move(record)}}, false);
}

Json ListField(int id, const char* name, int element_id, const char* type) {
  return AvroField(id, name, {{"type", "array"}, {"element-id", element_id}, {"items", type}}, false);
}

Json PartitionRecord(const PartitionSpec& spec, const std::vector<Type>& types) {
  std::set<std::string> defined;
  Json fields = Json::array();
  for (size_t i = 0; i < types.size(); i++) {
    const PartitionField& field = spec.fields[i];
    std::string name = AvroName(field.name);
    Json json = AvroField(field.field_id.value, name, TypeToAvro(types[i], defined), false);
    if (name != field.name) json["iceberg-field-name"] = field.name;
    fields.push_back(std::move(json));
  }
  return {{"type", "record"}, {"name", "r102"}, {"fields", std::move(fields)}};
}

Json EntrySchema(const PartitionSpec& spec, const std::vector<Type>& types, int format_version) {
  Json fields = {AvroField(134, "content", "int"),
                 AvroField(100, "file_path", "string"),
                 AvroField(101, "file_format", "string"),
                 AvroField(102, "partition", PartitionRecord(spec, types)),
                 AvroField(103, "record_count", "long"),
                 AvroField(104, "file_size_in_bytes", "long"),
                 MapField(108, "column_sizes", 117, 118, "long"),
                 MapField(109, "value_counts", 119, 120, "long"),
                 MapField(110, "null_value_counts", 121, 122, "long"),
                 MapField(137, "nan_value_counts", 138, 139, "long"),
                 MapField(125, "lower_bounds", 126, 127, "bytes"),
                 MapField(128, "upper_bounds", 129, 130, "bytes"),
                 AvroField(131, "key_metadata", "bytes", false),
                 ListField(132, "split_offsets", 133, "long"),
                 ListField(135, "equality_ids", 136, "int"),
                 AvroField(140, "sort_order_id", "int", false)};
  if (format_version >= 3) fields.push_back(AvroField(142, "first_row_id", "long", false));
  fields.push_back(AvroField(143, "referenced_data_file", "string", false));
  if (format_version >= 3) {
    fields.push_back(AvroField(144, "content_offset", "long", false));
    fields.push_back(AvroField(145, "content_size_in_bytes", "long", false));
  }
  Json file = {{"type", "record"}, {"name", "r2"}, {"fields", std::move(fields)}};
  return {{"type", "record"},
          {"name", "manifest_entry"},
          {"fields",
           {AvroField(0, "status", "int"), AvroField(1, "snapshot_id", "long", false),
            AvroField(3, "sequence_number", "long", false), AvroField(4, "file_sequence_number", "long", false),
            AvroField(2, "data_file", std::move(file))}}};
}

/// Empty maps are written as such: null is as good by the specification, but PyIceberg's entries() stumbles over it.
template <typename T>
void WriteMap(avro::Encoder& encoder, const FieldMap<T>& map) {
  encoder.Branch(1);
  if (!map.empty()) encoder.Long(static_cast<int64_t>(map.size()));
  for (const auto& [id, value] : map) {
    encoder.Int(id.value);
    if constexpr (std::is_same_v<T, std::string>) {
      encoder.Bytes(value);
    } else {
      encoder.Long(value);
    }
  }
  encoder.Long(0);
}

template <typename T, typename ToLong>
void WriteList(avro::Encoder& encoder, const std::vector<T>& list, ToLong to_long) {
  encoder.Branch(list.empty() ? 0 : 1);
  if (list.empty()) return;
  encoder.Long(static_cast<int64_t>(list.size()));
  for (const T& item : list) encoder.Long(to_long(item));
  encoder.Long(0);
}

std::string UpperName(FileFormat format) {
  std::string name = FileFormatName(format);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// In the order of EntrySchema.
void WriteFile(avro::Encoder& encoder, const DataFile& file, int format_version) {
  encoder.Int(static_cast<int>(file.content));
  encoder.Bytes(file.file_path.str());
  encoder.Bytes(UpperName(file.file_format));
  for (const auto& value : file.partition) {
    encoder.Branch(value ? 1 : 0);
    if (value) WriteLiteral(encoder, *value);
  }
  encoder.Long(file.record_count);
  encoder.Long(file.file_size_in_bytes);
  WriteMap(encoder, file.column_sizes);
  WriteMap(encoder, file.value_counts);
  WriteMap(encoder, file.null_value_counts);
  WriteMap(encoder, file.nan_value_counts);
  WriteMap(encoder, file.lower_bounds);
  WriteMap(encoder, file.upper_bounds);
  WriteOptionalBytes(encoder, file.key_metadata);
  WriteList(encoder, file.split_offsets, [](int64_t offset) { return offset; });
  WriteList(encoder, file.equality_ids, [](FieldId id) { return id.value; });
  WriteOptionalLong(encoder, file.sort_order_id ? std::optional<int64_t>(file.sort_order_id->value) : std::nullopt);
  if (format_version >= 3) WriteOptionalLong(encoder, file.first_row_id);
  WriteOptionalBytes(encoder,
                     file.referenced_data_file ? std::optional(file.referenced_data_file->str()) : std::nullopt);
  if (format_version < 3) return;
  WriteOptionalLong(encoder, file.content_offset);
  WriteOptionalLong(encoder, file.content_size_in_bytes);
}

/// The types of the tuple. Where the source column is gone, the type is that of the values themselves.
std::vector<Type> TupleTypes(const ManifestWriteOptions& options, const std::vector<ManifestEntry>& entries) {
  std::vector<Type> types = PartitionTypes(options.spec, options.schema);
  for (size_t i = 0; i < types.size(); i++) {
    if (types[i].id() != TypeId::kUnknown) continue;
    types[i] = TypeId::kString;
    for (const ManifestEntry& entry : entries) {
      if (i >= entry.file.partition.size() || !entry.file.partition[i]) continue;
      types[i] = entry.file.partition[i]->type();
      break;
    }
  }
  return types;
}

/// Makes the file's tuple fit the spec exactly; kInternal when it does not.
Status FitPartition(DataFile& file, const PartitionSpec& spec, const std::vector<Type>& types) {
  if (file.spec_id != spec.spec_id || file.partition.size() != types.size()) {
    return Internal("file \"{}\" of partition spec {} with {} values is written under spec {} with {} fields",
                    file.file_path, file.spec_id, file.partition.size(), spec.spec_id, types.size());
  }
  for (size_t i = 0; i < types.size(); i++) {
    if (!file.partition[i] || file.partition[i]->type() == types[i]) continue;
    auto value = CoerceLiteral(*file.partition[i], types[i]);
    if (!value) {
      return Internal("file \"{}\" has a partition value of type {} for field \"{}\" of type {}", file.file_path,
                      file.partition[i]->type().ToString(), spec.fields[i].name, types[i].ToString());
    }
    file.partition[i] = std::move(value);
  }
  return {};
}

/// Counts, smallest sequence number and summaries of what is written.
class ManifestCounter {
 public:
  ManifestCounter(size_t fields, SequenceNumber sequence_number)
      : sequence_number_(sequence_number), summaries_(fields), lower_(fields), upper_(fields) {}

  void Add(const ManifestEntry& entry) {
    int status = static_cast<int>(entry.status);
    files_[status]++;
    rows_[status] += entry.file.record_count;
    if (entry.is_live()) {
      SequenceNumber number = entry.sequence_number.value_or(sequence_number_);
      min_ = min_ ? std::min(*min_, number) : number;
    }
    for (size_t i = 0; i < summaries_.size(); i++) AddValue(i, entry.file.partition[i]);
  }

  void Finish(ManifestFile& file) {
    file.existing_files_count = files_[0];
    file.added_files_count = files_[1];
    file.deleted_files_count = files_[2];
    file.existing_rows_count = rows_[0];
    file.added_rows_count = rows_[1];
    file.deleted_rows_count = rows_[2];
    file.min_sequence_number = min_.value_or(sequence_number_);
    for (size_t i = 0; i < summaries_.size(); i++) {
      if (lower_[i]) summaries_[i].lower_bound = lower_[i]->ToBinary();
      if (upper_[i]) summaries_[i].upper_bound = upper_[i]->ToBinary();
    }
    file.partitions = std::move(summaries_);
  }

 private:
  void AddValue(size_t i, const std::optional<Literal>& value) {
    FieldSummary& summary = summaries_[i];
    if (!summary.contains_nan) summary.contains_nan = false;
    if (!value) {
      summary.contains_null = true;
    } else if (value->is_nan()) {
      summary.contains_nan = true;
    } else {
      if (!lower_[i] || Literal::Compare(*value, *lower_[i]) < 0) lower_[i] = value;
      if (!upper_[i] || Literal::Compare(*value, *upper_[i]) > 0) upper_[i] = value;
    }
  }

  SequenceNumber sequence_number_;
  int32_t files_[3] = {};
  int64_t rows_[3] = {};
  std::optional<SequenceNumber> min_;
  std::vector<FieldSummary> summaries_;
  std::vector<std::optional<Literal>> lower_;
  std::vector<std::optional<Literal>> upper_;
};

Result<avro::FileMetadata> HeaderOf(const ManifestWriteOptions& options) {
  avro::FileMetadata header;
  LAKE_ASSIGN_OR_RETURN(header["schema"], DumpJson(SchemaToJson(options.schema)));
  header["schema-id"] = fmt::format("{}", options.schema.id());
  LAKE_ASSIGN_OR_RETURN(header["partition-spec"], DumpJson(PartitionFieldsToJson(options.spec.fields)));
  header["partition-spec-id"] = fmt::format("{}", options.spec.spec_id);
  header["format-version"] = fmt::format("{}", options.format_version);
  header["content"] = options.content == ManifestContent::kData ? "data" : "deletes";
  return header;
}

Status CheckEntry(const ManifestEntry& entry, ManifestContent content, int format_version) {
  if (format_version < 3 && entry.file.is_deletion_vector()) {
    return Internal("deletion vector in \"{}\" does not fit format version {}", entry.file.file_path, format_version);
  }
  bool added = entry.status == ManifestEntry::Status::kAdded;
  if (!added && (!entry.sequence_number || !entry.file_sequence_number || !entry.snapshot_id)) {
    return Internal("entry of file \"{}\" is not new but lacks its sequence numbers", entry.file.file_path);
  }
  if ((entry.file.content == FileContent::kData) != (content == ManifestContent::kData)) {
    return Internal("file \"{}\" is in a manifest of the other content", entry.file.file_path);
  }
  return {};
}

}  // namespace

Result<WrittenManifest> WriteManifest(const ManifestWriteOptions& options, const Location& location,
                                      SnapshotId snapshot_id, SequenceNumber sequence_number,
                                      const std::vector<ManifestEntry>& entries) {
  LAKE_RETURN_IF_ERROR(CheckWritable(options.format_version));
  std::vector<Type> types = TupleTypes(options, entries);
  LAKE_ASSIGN_OR_RETURN(auto header, HeaderOf(options));
  LAKE_ASSIGN_OR_RETURN(std::string schema, DumpJson(EntrySchema(options.spec, types, options.format_version)));
  avro::FileWriter writer(schema, std::move(header), options.compress ? avro::Codec::kDeflate : avro::Codec::kNull);
  ManifestCounter counter(types.size(), sequence_number);
  for (const ManifestEntry& original : entries) {
    LAKE_RETURN_IF_ERROR(CheckEntry(original, options.content, options.format_version));
    ManifestEntry entry = original;
    LAKE_RETURN_IF_ERROR(FitPartition(entry.file, options.spec, types));
    avro::Encoder& encoder = writer.encoder();
    encoder.Int(static_cast<int>(entry.status));
    encoder.Branch(1);
    encoder.Long(entry.snapshot_id.value_or(snapshot_id).value);
    auto number = [](std::optional<SequenceNumber> n) { return n ? std::optional<int64_t>(n->value) : std::nullopt; };
    WriteOptionalLong(encoder, number(entry.sequence_number));
    WriteOptionalLong(encoder, number(entry.file_sequence_number));
    WriteFile(encoder, entry.file, options.format_version);
    LAKE_RETURN_IF_ERROR(writer.EndObject());
    counter.Add(entry);
  }
  WrittenManifest written;
  LAKE_ASSIGN_OR_RETURN(written.bytes, std::move(writer).Finish());
  ManifestFile& file = written.file;
  file.manifest_path = location;
  file.manifest_length = static_cast<int64_t>(written.bytes.size());
  file.partition_spec_id = options.spec.spec_id;
  file.content = options.content;
  file.sequence_number = sequence_number;
  file.added_snapshot_id = snapshot_id;
  counter.Finish(file);
  return written;
}

}  // namespace lake::iceberg
