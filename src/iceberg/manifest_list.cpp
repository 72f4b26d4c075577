// Reads and writes manifest lists: an Avro file of manifest_file records.
#include <array>
#include <limits>

#include "avro/file.h"
#include "iceberg/avro_values.h"
#include "iceberg/location.h"

namespace lake::iceberg {

namespace {

using avro::Decoder;

/// Of what Java names added_data_files_count in old files the id is the same.
constexpr std::array kFields = {KnownField{500, "manifest_path"},
                                KnownField{501, "manifest_length"},
                                KnownField{502, "partition_spec_id"},
                                KnownField{517, "content"},
                                KnownField{515, "sequence_number"},
                                KnownField{516, "min_sequence_number"},
                                KnownField{503, "added_snapshot_id"},
                                KnownField{504, "added_files_count"},
                                KnownField{505, "existing_files_count"},
                                KnownField{506, "deleted_files_count"},
                                KnownField{504, "added_data_files_count"},
                                KnownField{505, "existing_data_files_count"},
                                KnownField{506, "deleted_data_files_count"},
                                KnownField{512, "added_rows_count"},
                                KnownField{513, "existing_rows_count"},
                                KnownField{514, "deleted_rows_count"},
                                KnownField{507, "partitions"},
                                KnownField{519, "key_metadata"},
                                KnownField{520, "first_row_id"}};
constexpr std::array kSummaryFields = {KnownField{509, "contains_null"}, KnownField{518, "contains_nan"},
                                       KnownField{510, "lower_bound"}, KnownField{511, "upper_bound"}};

/// `ids` are the fields of the summary record.
std::vector<FieldSummary> ReadSummaries(Decoder& decoder, const avro::Schema& schema, const std::vector<int>& ids) {
  std::vector<FieldSummary> summaries;
  const avro::Schema* list = EnterValue(decoder, schema);
  if (list == nullptr) return summaries;
  if (list->kind != avro::Schema::Kind::kArray || list->items().fields.size() != ids.size()) {
    return decoder.Fail("partitions are not an array of records"), summaries;
  }
  const avro::Schema& record = list->items();
  decoder.Items(record.always_empty, [&] {
    FieldSummary& summary = summaries.emplace_back();
    for (size_t i = 0; i < ids.size(); i++) {
      const avro::Schema& type = *record.fields[i].type;
      switch (ids[i]) {
        case 509: summary.contains_null = ReadBool(decoder, type); break;
        case 518:
          if (const avro::Schema* value = EnterValue(decoder, type)) summary.contains_nan = ReadBool(decoder, *value);
          break;
        case 510: summary.lower_bound = ReadOptionalBytes(decoder, type); break;
        case 511: summary.upper_bound = ReadOptionalBytes(decoder, type); break;
        default: decoder.Skip(type);
      }
    }
  });
  return summaries;
}

std::optional<int32_t> ReadCount(Decoder& decoder, const avro::Schema& type) {
  auto count = ReadOptionalLong(decoder, type);
  if (!count) return std::nullopt;
  if (*count < 0 || *count > std::numeric_limits<int32_t>::max()) decoder.Fail("a file count is out of range");
  return static_cast<int32_t>(*count);
}

constexpr int64_t kMaxManifestRows = kMaxFileCount << 10;  // more than that is no count of rows

std::optional<int64_t> ReadRows(Decoder& decoder, const avro::Schema& type) {
  auto count = ReadOptionalLong(decoder, type);
  if (count && (*count < 0 || *count > kMaxManifestRows)) decoder.Fail("a row count is out of range");
  return count;
}

SequenceNumber ReadSequenceNumber(Decoder& decoder, const avro::Schema& type) {
  int64_t number = ReadOptionalLong(decoder, type).value_or(0);
  if (number < 0) decoder.Fail("a sequence number is negative");
  return SequenceNumber{number};
}

/// The summary record's fields, wherever it stands in the schema.
std::vector<int> SummaryFieldsOf(const avro::Schema& root, const std::vector<int>& ids) {
  auto at = std::find(ids.begin(), ids.end(), 507);
  if (at == ids.end()) return {};
  const avro::Schema& list = root.fields[static_cast<size_t>(at - ids.begin())].type->WithoutNull();
  return list.kind == avro::Schema::Kind::kArray ? MatchFields(list.items(), kSummaryFields) : std::vector<int>();
}

void ReadField(Decoder& decoder, int id, const avro::Schema& type, const std::vector<int>& summary_ids,
               ManifestFile& file) {
  switch (id) {
    case 500: file.manifest_path = Location(ReadBytes(decoder, type)); return;
    case 501: file.manifest_length = ReadLong(decoder, type); return;
    case 502: file.partition_spec_id = SpecId{ReadInt(decoder, type)}; return;
    case 517: {
      int64_t content = ReadOptionalLong(decoder, type).value_or(0);
      if (content < 0 || content > 1) return decoder.Fail("a manifest has an unknown content");
      file.content = static_cast<ManifestContent>(content);
      return;
    }
    case 515: file.sequence_number = ReadSequenceNumber(decoder, type); return;
    case 516: file.min_sequence_number = ReadSequenceNumber(decoder, type); return;
    case 503: file.added_snapshot_id = SnapshotId{ReadOptionalLong(decoder, type).value_or(0)}; return;
    case 504: file.added_files_count = ReadCount(decoder, type); return;
    case 505: file.existing_files_count = ReadCount(decoder, type); return;
    case 506: file.deleted_files_count = ReadCount(decoder, type); return;
    case 512: file.added_rows_count = ReadRows(decoder, type); return;
    case 513: file.existing_rows_count = ReadRows(decoder, type); return;
    case 514: file.deleted_rows_count = ReadRows(decoder, type); return;
    case 507: file.partitions = ReadSummaries(decoder, type, summary_ids); return;
    case 519: file.key_metadata = ReadOptionalBytes(decoder, type); return;
    case 520: file.first_row_id = ReadOptionalLong(decoder, type); return;
    default: decoder.Skip(type);
  }
}

Json ListSchema(int format_version) {
  Json summary = {{"type", "record"},
                  {"name", "r508"},
                  {"fields",
                   {AvroField(509, "contains_null", "boolean"), AvroField(518, "contains_nan", "boolean", false),
                    AvroField(510, "lower_bound", "bytes", false), AvroField(511, "upper_bound", "bytes", false)}}};
  Json partitions = {{"type", "array"}, {"element-id", 508}, {"items", std::move(summary)}};
  Json fields = {
      AvroField(500, "manifest_path", "string"),     AvroField(501, "manifest_length", "long"),
      AvroField(502, "partition_spec_id", "int"),    AvroField(517, "content", "int"),
      AvroField(515, "sequence_number", "long"),     AvroField(516, "min_sequence_number", "long"),
      AvroField(503, "added_snapshot_id", "long"),   AvroField(504, "added_files_count", "int"),
      AvroField(505, "existing_files_count", "int"), AvroField(506, "deleted_files_count", "int"),
      AvroField(512, "added_rows_count", "long"),    AvroField(513, "existing_rows_count", "long"),
      AvroField(514, "deleted_rows_count", "long"),  AvroField(507, "partitions", std::move(partitions), false),
      AvroField(519, "key_metadata", "bytes", false)};
  if (format_version >= 3) fields.push_back(AvroField(520, "first_row_id", "long", false));
  return {{"type", "record"}, {"name", "manifest_file"}, {"fields", std::move(fields)}};
}

Status WriteLine(avro::Encoder& encoder, const ManifestFile& file, int format_version) {
  if (!file.added_files_count || !file.existing_files_count || !file.deleted_files_count || !file.added_rows_count ||
      !file.existing_rows_count || !file.deleted_rows_count) {
    return Internal("manifest \"{}\" lacks a count that a list needs", file.manifest_path);
  }
  encoder.Bytes(file.manifest_path.str());
  encoder.Long(file.manifest_length);
  encoder.Int(file.partition_spec_id.value);
  encoder.Int(static_cast<int>(file.content));
  encoder.Long(file.sequence_number.value);
  encoder.Long(file.min_sequence_number.value);
  encoder.Long(file.added_snapshot_id.value);
  encoder.Int(*file.added_files_count);
  encoder.Int(*file.existing_files_count);
  encoder.Int(*file.deleted_files_count);
  encoder.Long(*file.added_rows_count);
  encoder.Long(*file.existing_rows_count);
  encoder.Long(*file.deleted_rows_count);
  encoder.Branch(1);
  if (!file.partitions.empty()) {
    encoder.Long(static_cast<int64_t>(file.partitions.size()));
    for (const FieldSummary& summary : file.partitions) {
      encoder.Boolean(summary.contains_null);
      encoder.Branch(summary.contains_nan ? 1 : 0);
      if (summary.contains_nan) encoder.Boolean(*summary.contains_nan);
      WriteOptionalBytes(encoder, summary.lower_bound);
      WriteOptionalBytes(encoder, summary.upper_bound);
    }
  }
  encoder.Long(0);
  WriteOptionalBytes(encoder, file.key_metadata);
  if (format_version >= 3) WriteOptionalLong(encoder, file.first_row_id);
  return {};
}

}  // namespace

Result<std::vector<ManifestFile>> ReadManifestList(std::string_view bytes, std::string_view name) {
  LAKE_ASSIGN_OR_RETURN(auto reader, avro::FileReader::Open(bytes, name));
  auto broken = [&](std::string_view what) { return Corrupt("invalid manifest list \"{}\": {}", name, what); };
  const avro::Schema& root = reader.schema();
  if (root.kind != avro::Schema::Kind::kRecord) return broken("its entries are not records");
  std::vector<int> ids = MatchFields(root, kFields);
  for (int needed : {500, 501, 502}) {
    if (std::find(ids.begin(), ids.end(), needed) == ids.end())
      return broken(fmt::format("it has no field {}", needed));
  }
  std::vector<int> summary_ids = SummaryFieldsOf(root, ids);
  std::vector<ManifestFile> manifests;
  LAKE_RETURN_IF_ERROR(reader.ForEach([&](Decoder& decoder) -> Status {
    ManifestFile& file = manifests.emplace_back();
    for (size_t i = 0; i < ids.size() && !decoder.failed(); i++) {
      ReadField(decoder, ids[i], *root.fields[i].type, summary_ids, file);
    }
    if (decoder.failed()) return {};  // the file reader reports it with its position
    if (auto status = CheckLocation(file.manifest_path.str()); !status.ok()) return broken(status.error().message());
    if (file.manifest_length < 0 || file.manifest_length > kMaxFileCount) {
      return broken(fmt::format("manifest \"{}\" cannot have {} bytes", file.manifest_path, file.manifest_length));
    }
    return {};
  }));
  return manifests;
}

Result<std::string> WriteManifestList(const ManifestListHeader& header, const std::vector<ManifestFile>& manifests) {
  LAKE_RETURN_IF_ERROR(CheckWritable(header.format_version));
  avro::FileMetadata metadata;
  metadata["snapshot-id"] = fmt::format("{}", header.snapshot_id);
  metadata["parent-snapshot-id"] =
      header.parent_snapshot_id ? fmt::format("{}", *header.parent_snapshot_id) : std::string("null");
  metadata["sequence-number"] = fmt::format("{}", header.sequence_number);
  metadata["format-version"] = fmt::format("{}", header.format_version);
  if (header.format_version >= 3) metadata["first-row-id"] = fmt::format("{}", header.first_row_id);
  LAKE_ASSIGN_OR_RETURN(std::string schema, DumpJson(ListSchema(header.format_version)));
  avro::FileWriter writer(schema, std::move(metadata), header.compress ? avro::Codec::kDeflate : avro::Codec::kNull);
  for (const ManifestFile& file : manifests) {
    LAKE_RETURN_IF_ERROR(WriteLine(writer.encoder(), file, header.format_version));
    LAKE_RETURN_IF_ERROR(writer.EndObject());
  }
  return std::move(writer).Finish();
}

}  // namespace lake::iceberg
