// Reads manifests: an Avro file of manifest_entry records. Fields are found by field id, or by name where a writer left
// ids out; everything else is skipped.
#include <array>
#include <functional>

#include "avro/file.h"
#include "iceberg/avro_values.h"
#include "iceberg/location.h"
#include "iceberg/manifest.h"

namespace lake::iceberg {

namespace {

using avro::Decoder;

constexpr std::array kEntryFields = {KnownField{0, "status"}, KnownField{1, "snapshot_id"}, KnownField{2, "data_file"},
                                     KnownField{3, "sequence_number"}, KnownField{4, "file_sequence_number"}};

constexpr std::array kFileFields = {KnownField{134, "content"},           KnownField{100, "file_path"},
                                    KnownField{101, "file_format"},       KnownField{102, "partition"},
                                    KnownField{103, "record_count"},      KnownField{104, "file_size_in_bytes"},
                                    KnownField{108, "column_sizes"},      KnownField{109, "value_counts"},
                                    KnownField{110, "null_value_counts"}, KnownField{137, "nan_value_counts"},
                                    KnownField{125, "lower_bounds"},      KnownField{128, "upper_bounds"},
                                    KnownField{131, "key_metadata"},      KnownField{132, "split_offsets"},
                                    KnownField{135, "equality_ids"},      KnownField{140, "sort_order_id"},
                                    KnownField{142, "first_row_id"},      KnownField{143, "referenced_data_file"},
                                    KnownField{144, "content_offset"},    KnownField{145, "content_size_in_bytes"}};

int IndexOf(const std::vector<int>& ids, int id) {
  auto at = std::find(ids.begin(), ids.end(), id);
  return at == ids.end() ? -1 : static_cast<int>(at - ids.begin());
}

/// Reads the entries of one file by its Avro schema.
class EntryReader {
 public:
  /// `out` has its header; without a spec there, one is made up from the Avro schema.
  EntryReader(const ManifestFile& manifest, bool has_spec, Manifest& out)
      : manifest_(manifest), has_spec_(has_spec), out_(out) {}

  Status Prepare(const avro::Schema& root) {
    root_ = &root;
    if (root.kind != avro::Schema::Kind::kRecord) return Broken("its entries are not records");
    entry_ids_ = MatchFields(root, kEntryFields);
    int file_index = IndexOf(entry_ids_, 2);
    if (file_index < 0 || IndexOf(entry_ids_, 0) < 0) return Broken("its entries have no status or no data_file");
    const avro::Schema& file = root.fields[file_index].type->WithoutNull();
    if (file.kind != avro::Schema::Kind::kRecord) return Broken("data_file is not a record");
    file_ids_ = MatchFields(file, kFileFields);
    for (int id : {100, 101, 103, 104}) {
      if (IndexOf(file_ids_, id) < 0) return Broken(fmt::format("data_file has no field {}", id));
    }
    if (int partition = IndexOf(file_ids_, 102); partition >= 0) {
      return PreparePartition(file.fields[partition].type->WithoutNull());
    }
    return {};
  }

  Status ReadEntry(Decoder& decoder) {
    ManifestEntry& entry = out_.entries.emplace_back();
    problem_.reset();
    for (size_t i = 0; i < root_->fields.size(); i++) {
      const avro::Schema& type = *root_->fields[i].type;
      switch (entry_ids_[i]) {
        case 0: {
          int status = ReadInt(decoder, type);
          if (status < 0 || status > 2) decoder.Fail("an entry has an unknown status");
          entry.status = static_cast<ManifestEntry::Status>(status);
          break;
        }
        case 1:
          if (auto id = ReadOptionalLong(decoder, type)) entry.snapshot_id = SnapshotId{*id};
          break;
        case 2: ReadFile(decoder, type, entry.file); break;
        case 3: entry.sequence_number = ReadSequenceNumber(decoder, type); break;
        case 4: entry.file_sequence_number = ReadSequenceNumber(decoder, type); break;
        default: decoder.Skip(type);
      }
    }
    if (decoder.failed()) return {};  // the file reader reports it with its position
    return CheckFile(entry.file);
  }

 private:
  Error Broken(std::string_view what) const {
    return Corrupt("invalid manifest \"{}\": {}", manifest_.manifest_path, what);
  }

  Status PreparePartition(const avro::Schema& record) {
    if (record.kind != avro::Schema::Kind::kRecord) return Broken("partition is not a record");
    auto& fields = out_.spec.fields;
    if (!has_spec_) {
      for (const avro::Field& field : record.fields) {
        PartitionField made_up;
        made_up.field_id = FieldId{field.IntAttribute("field-id").value_or(-1)};
        made_up.name = field.name;
        LAKE_ASSIGN_OR_RETURN(made_up.transform, Transform::Parse("unknown"));
        fields.push_back(std::move(made_up));
      }
    }
    types_ = has_spec_ ? PartitionTypes(out_.spec, out_.schema) : std::vector<Type>(fields.size());
    for (const avro::Field& field : record.fields) {
      auto id = field.IntAttribute("field-id");
      auto at = std::find_if(fields.begin(), fields.end(), [&](const PartitionField& f) {
        return id ? f.field_id == FieldId{*id} : f.name == field.name;
      });
      partition_slots_.push_back(at == fields.end() ? -1 : static_cast<int>(at - fields.begin()));
    }
    return {};
  }

  static std::optional<SequenceNumber> ReadSequenceNumber(Decoder& decoder, const avro::Schema& type) {
    auto number = ReadOptionalLong(decoder, type);
    if (!number) return std::nullopt;
    if (*number < 0) decoder.Fail("a sequence number is negative");
    return SequenceNumber{*number};
  }

  void ReadPartition(Decoder& decoder, const avro::Schema& schema, PartitionTuple& tuple) {
    tuple.resize(out_.spec.fields.size());
    const avro::Schema* record = EnterValue(decoder, schema);
    if (record == nullptr) return;
    if (record->fields.size() != partition_slots_.size()) return decoder.Fail("partition has an unexpected type");
    for (size_t i = 0; i < record->fields.size(); i++) {
      const avro::Schema& type = *record->fields[i].type;
      int slot = partition_slots_[i];
      if (slot < 0) {
        decoder.Skip(type);
        continue;
      }
      auto value = ReadLiteral(decoder, type);
      if (!value) continue;
      tuple[slot] = CoerceLiteral(*value, types_[slot]);
      if (!tuple[slot]) decoder.Fail("a partition value has an unexpected type");
    }
  }

  void ReadFile(Decoder& decoder, const avro::Schema& schema, DataFile& file) {
    const avro::Schema* record = EnterValue(decoder, schema);
    if (record == nullptr || record->fields.size() != file_ids_.size()) return decoder.Fail("data_file is unexpected");
    file.spec_id = out_.spec.spec_id;
    for (size_t i = 0; i < record->fields.size() && !decoder.failed(); i++) {
      ReadFileField(decoder, file_ids_[i], *record->fields[i].type, file);
    }
  }

  void ReadFileField(Decoder& decoder, int id, const avro::Schema& type, DataFile& file) {
    switch (id) {
      case 134: {
        auto content = ReadOptionalLong(decoder, type).value_or(0);
        if (content < 0 || content > 2) return decoder.Fail("a file has an unknown content");
        file.content = static_cast<FileContent>(content);
        return;
      }
      case 100: file.file_path = Location(ReadBytes(decoder, type)); return;
      case 101: {
        auto format = ParseFileFormat(ReadBytes(decoder, type));
        if (format.ok()) {
          file.file_format = *format;
        } else if (!decoder.failed()) {
          problem_ = std::move(format).error();
        }
        return;
      }
      case 102: return ReadPartition(decoder, type, file.partition);
      case 103: file.record_count = ReadLong(decoder, type); return;
      case 104: file.file_size_in_bytes = ReadLong(decoder, type); return;
      case 108: file.column_sizes = ReadLongMap(decoder, type); return;
      case 109: file.value_counts = ReadLongMap(decoder, type); return;
      case 110: file.null_value_counts = ReadLongMap(decoder, type); return;
      case 137: file.nan_value_counts = ReadLongMap(decoder, type); return;
      case 125: file.lower_bounds = ReadBytesMap(decoder, type); return;
      case 128: file.upper_bounds = ReadBytesMap(decoder, type); return;
      case 131: file.key_metadata = ReadOptionalBytes(decoder, type); return;
      case 132: file.split_offsets = ReadLongList(decoder, type); return;
      case 135:
        for (int64_t field : ReadLongList(decoder, type)) {
          if (static_cast<int32_t>(field) != field) return decoder.Fail("an equality id is longer than 32 bits");
          file.equality_ids.emplace_back(static_cast<int32_t>(field));
        }
        return;
      case 140:
        if (auto order = ReadOptionalLong(decoder, type)) {
          if (static_cast<int32_t>(*order) != *order) return decoder.Fail("a sort order id is longer than 32 bits");
          file.sort_order_id = SortOrderId{static_cast<int32_t>(*order)};
        }
        return;
      case 142: file.first_row_id = ReadOptionalLong(decoder, type); return;
      case 143:
        if (auto path = ReadOptionalBytes(decoder, type)) file.referenced_data_file = Location(*std::move(path));
        return;
      case 144: file.content_offset = ReadOptionalLong(decoder, type); return;
      case 145: file.content_size_in_bytes = ReadOptionalLong(decoder, type); return;
      default: decoder.Skip(type);
    }
  }

  Status CheckFile(const DataFile& file) {
    if (problem_) return *std::exchange(problem_, std::nullopt);
    if (auto status = CheckLocation(file.file_path.str()); !status.ok()) return Broken(status.error().message());
    if (file.record_count < 0 || file.record_count > kMaxFileCount || file.file_size_in_bytes < 0 ||
        file.file_size_in_bytes > kMaxFileCount) {
      return Broken(fmt::format("file \"{}\" cannot have {} rows in {} bytes", file.file_path, file.record_count,
                                file.file_size_in_bytes));
    }
    if (file.referenced_data_file) {
      if (auto status = CheckLocation(file.referenced_data_file->str()); !status.ok()) {
        return Broken(status.error().message());
      }
    }
    bool is_delete = file.content != FileContent::kData;
    if (is_delete != (out_.content == ManifestContent::kDeletes)) {
      return Broken(fmt::format("file \"{}\" does not belong into a manifest of {} files", file.file_path,
                                is_delete ? "data" : "delete"));
    }
    if (file.is_deletion_vector() && (!file.content_offset || !file.content_size_in_bytes || *file.content_offset < 0 ||
                                      *file.content_size_in_bytes < 0 || *file.content_size_in_bytes > kMaxFileCount ||
                                      !file.referenced_data_file)) {
      return Broken(fmt::format("deletion vector in \"{}\" has no valid position or data file", file.file_path));
    }
    return {};
  }

  const ManifestFile& manifest_;
  const bool has_spec_;
  Manifest& out_;
  const avro::Schema* root_ = nullptr;
  std::vector<int> entry_ids_;
  std::vector<int> file_ids_;
  std::vector<int> partition_slots_;  // by field of the Avro record: index in the spec, -1: skip
  std::vector<Type> types_;           // by spec field
  std::optional<Error> problem_;
};

/// The schema and spec of the header. Returns whether the spec was there.
Result<bool> ReadHeader(const avro::FileReader& reader, const ManifestFile& file, Manifest& manifest) {
  auto number = [&](const char* key, int fallback) {
    const std::string* text = reader.FindMetadata(key);
    return text == nullptr || text->empty() || text->size() > 9 ||
                   text->find_first_not_of("0123456789") != std::string::npos
               ? fallback
               : std::stoi(*text);
  };
  manifest.format_version = number("format-version", 1);
  manifest.content = file.content;
  if (const std::string* content = reader.FindMetadata("content"); content != nullptr) {
    if (*content != "data" && *content != "deletes") return Corrupt("unknown content \"{}\"", *content);
    manifest.content = *content == "data" ? ManifestContent::kData : ManifestContent::kDeletes;
  }
  if (const std::string* text = reader.FindMetadata("schema"); text != nullptr) {
    LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(*text, "schema"));
    LAKE_ASSIGN_OR_RETURN(manifest.schema, ParseSchema(json));
  }
  manifest.spec.spec_id = SpecId{number("partition-spec-id", file.partition_spec_id.value)};
  const std::string* text = reader.FindMetadata("partition-spec");
  if (text == nullptr) return false;
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(*text, "partition-spec"));
  // Rule 34: the fields alone. Some writers store the whole spec.
  if (json.is_object() && json.contains("fields")) json = Json(json["fields"]);
  LAKE_ASSIGN_OR_RETURN(manifest.spec.fields, ParsePartitionFields(json));
  return true;
}

}  // namespace

Result<Manifest> ReadManifest(std::string_view bytes, const ManifestFile& file) {
  LAKE_ASSIGN_OR_RETURN(auto reader, avro::FileReader::Open(bytes, file.manifest_path.str()));
  Manifest manifest;
  auto has_spec = ReadHeader(reader, file, manifest);
  if (!has_spec.ok()) {
    return std::move(has_spec).error().WithContext(fmt::format("invalid manifest \"{}\"", file.manifest_path));
  }
  EntryReader entries(file, *has_spec, manifest);
  LAKE_RETURN_IF_ERROR(entries.Prepare(reader.schema()));
  LAKE_RETURN_IF_ERROR(reader.ForEach([&](Decoder& decoder) { return entries.ReadEntry(decoder); }));
  return manifest;
}

}  // namespace lake::iceberg
