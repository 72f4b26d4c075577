// Iceberg values in Avro: how manifests and lists store numbers, strings, maps by field id and partition values.
// Internal to the library.
//
// Reading goes by the writer's schema and takes what fits: int for long, a union in either order, bytes for string.
// What does not fit fails the decoder.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "avro/decoder.h"
#include "avro/schema.h"
#include "iceberg/manifest.h"

namespace lake::iceberg {

/// A field of a record that the specification defines.
struct KnownField {
  int id;
  std::string_view name;
};

/// The known id of every field of a record, in the record's order; -1 for fields to skip. Matched by field id, by name
/// only where the writer left ids out.
std::vector<int> MatchFields(const avro::Schema& record, const KnownField* known, size_t count);
template <size_t N>
std::vector<int> MatchFields(const avro::Schema& record, const std::array<KnownField, N>& known) {
  return MatchFields(record, known.data(), N);
}

/// A field of a record to write; optional means a union with null first and null as the default.
Json AvroField(int id, const std::string& name, Json type, bool required = true);

/// The branch of a union that follows (or the schema itself); null when the value is null.
const avro::Schema* EnterValue(avro::Decoder& decoder, const avro::Schema& schema);

std::optional<int64_t> ReadOptionalLong(avro::Decoder& decoder, const avro::Schema& schema);
std::optional<std::string> ReadOptionalBytes(avro::Decoder& decoder, const avro::Schema& schema);
/// Like the optional ones, but null fails the decoder.
int64_t ReadLong(avro::Decoder& decoder, const avro::Schema& schema);
int32_t ReadInt(avro::Decoder& decoder, const avro::Schema& schema);
std::string ReadBytes(avro::Decoder& decoder, const avro::Schema& schema);
bool ReadBool(avro::Decoder& decoder, const avro::Schema& schema);

std::vector<int64_t> ReadLongList(avro::Decoder& decoder, const avro::Schema& schema);
FieldMap<int64_t> ReadLongMap(avro::Decoder& decoder, const avro::Schema& schema);
FieldMap<std::string> ReadBytesMap(avro::Decoder& decoder, const avro::Schema& schema);

/// A partition value, typed by its Avro type and logical type (rule 21).
std::optional<Literal> ReadLiteral(avro::Decoder& decoder, const avro::Schema& schema);
/// The value as `type`; what writers are known to store instead is accepted (int for date, the other timestamp).
/// nullopt when it cannot be one. Unknown types take anything.
std::optional<Literal> CoerceLiteral(const Literal& value, const Type& type);

/// The Avro schema of a primitive type. Fixed types are defined on first use and named after (rule 37); `defined` keeps
/// track within one file.
Json TypeToAvro(const Type& type, std::set<std::string>& defined);
void WriteLiteral(avro::Encoder& encoder, const Literal& value);
void WriteOptionalLong(avro::Encoder& encoder, std::optional<int64_t> value);
void WriteOptionalBytes(avro::Encoder& encoder, const std::optional<std::string>& value);

/// Avro's names are letters, digits and underscore: others are escaped as _x2F (rule 36).
std::string AvroName(std::string_view name);

}  // namespace lake::iceberg
