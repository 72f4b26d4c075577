#include "server/engine/column_encoder.h"

#include <bit>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/types/bit.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/main/client_context.hpp"
#include "wire/binary_value.h"
#include "wire/numeric.h"
#include "wire/out_buffer.h"
#include "wire/value_text.h"

namespace lake::server {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;
using wire::OutBuffer;

constexpr uint32_t kNull = 0xffffffff;

/// What every encoder needs: the vector's values by row, whatever its physical layout.
template <typename Source>
class TypedEncoder : public ColumnEncoder {
 protected:
  void Open(Vector& column, size_t count) {
    column.ToUnifiedFormat(count, data_);
    values_ = UnifiedVectorFormat::GetData<Source>(data_);
    all_valid_ = data_.validity.AllValid();
  }
  size_t Index(size_t row) const { return data_.sel->get_index(row); }
  bool IsNull(size_t index) const { return !all_valid_ && !data_.validity.RowIsValidUnsafe(index); }

  UnifiedVectorFormat data_;
  const Source* values_ = nullptr;
  bool all_valid_ = true;
};

/// Values of one size. Codec::kSize bytes are written by Codec::Write(char*, Source).
template <typename Source, typename Codec>
class FixedEncoder final : public TypedEncoder<Source> {
 public:
  void Measure(Vector& column, size_t count, size_t* sizes) override {
    this->Open(column, count);
    if (this->all_valid_) {
      for (size_t row = 0; row < count; ++row) sizes[row] += 4 + Codec::kSize;
      return;
    }
    for (size_t row = 0; row < count; ++row) sizes[row] += this->IsNull(this->Index(row)) ? 4 : 4 + Codec::kSize;
  }
  void Write(size_t begin, size_t end, char** cursors) override {
    for (size_t row = begin; row < end; ++row) {
      char*& at = cursors[row - begin];
      size_t index = this->Index(row);
      if (this->IsNull(index)) {
        wire::StoreBig32(at, kNull);
        at += 4;
        continue;
      }
      wire::StoreBig32(at, Codec::kSize);
      Codec::Write(at + 4, this->values_[index]);
      at += 4 + Codec::kSize;
    }
  }
  std::string_view Text(size_t, bool&) override { return {}; }  // binary only
};

/// Strings and blobs: the bytes are the value.
class BytesEncoder : public TypedEncoder<duckdb::string_t> {
 public:
  void Measure(Vector& column, size_t count, size_t* sizes) override {
    Open(column, count);
    for (size_t row = 0; row < count; ++row) {
      size_t index = Index(row);
      sizes[row] += IsNull(index) ? 4 : 4 + size_t{values_[index].GetSize()};
    }
  }
  void Write(size_t begin, size_t end, char** cursors) override {
    for (size_t row = begin; row < end; ++row) {
      char*& at = cursors[row - begin];
      size_t index = Index(row);
      if (IsNull(index)) {
        wire::StoreBig32(at, kNull);
        at += 4;
        continue;
      }
      uint32_t size = values_[index].GetSize();
      wire::StoreBig32(at, size);
      std::memcpy(at + 4, values_[index].GetData(), size);
      at += 4 + size_t{size};
    }
  }
  std::string_view Text(size_t row, bool& is_null) override {
    size_t index = Index(row);
    is_null = IsNull(index);
    return is_null ? std::string_view() : std::string_view(values_[index].GetData(), values_[index].GetSize());
  }
};

/// Everything whose text DuckDB itself makes: nested values, enums, and timestamps in the session's time zone.
class CastEncoder final : public BytesEncoder {
 public:
  explicit CastEncoder(duckdb::ClientContext& context) : context_(context) {}
  void Measure(Vector& column, size_t count, size_t* sizes) override {
    text_ = std::make_unique<Vector>(LogicalType::VARCHAR, count);
    duckdb::VectorOperations::Cast(context_, column, *text_, count);
    BytesEncoder::Measure(*text_, count, sizes);
  }

 private:
  duckdb::ClientContext& context_;
  std::unique_ptr<Vector> text_;
};

/// Values whose length is only known once they are written: a scratch buffer holds them until Write().
template <typename Source, typename Codec>
class ScratchEncoder final : public TypedEncoder<Source> {
 public:
  explicit ScratchEncoder(Codec codec = Codec()) : codec_(codec) {}

  void Measure(Vector& column, size_t count, size_t* sizes) override {
    this->Open(column, count);
    scratch_.Release(kKeepBytes);
    ends_.resize(count);
    for (size_t row = 0; row < count; ++row) {
      size_t index = this->Index(row);
      size_t before = scratch_.size();
      if (this->IsNull(index)) {
        scratch_.Append32(kNull);
      } else {
        scratch_.Append32(0);
        codec_.Append(scratch_, this->values_[index]);
        wire::StoreBig32(scratch_.data() + before, static_cast<uint32_t>(scratch_.size() - before - 4));
      }
      ends_[row] = scratch_.size();
      sizes[row] += scratch_.size() - before;
    }
  }
  void Write(size_t begin, size_t end, char** cursors) override {
    size_t from = begin == 0 ? 0 : ends_[begin - 1];
    for (size_t row = begin; row < end; ++row) {
      char*& at = cursors[row - begin];
      std::memcpy(at, scratch_.data() + from, ends_[row] - from);
      at += ends_[row] - from;
      from = ends_[row];
    }
  }
  std::string_view Text(size_t row, bool& is_null) override {
    size_t from = row == 0 ? 0 : ends_[row - 1];
    is_null = this->IsNull(this->Index(row));
    return {scratch_.data() + from + 4, ends_[row] - from - 4};
  }

 private:
  static constexpr size_t kKeepBytes = 1024 * 1024;
  Codec codec_;
  OutBuffer scratch_;
  std::vector<size_t> ends_;  // of each row's field in scratch_
};

// ---- conversions from DuckDB's values

int32_t WireDays(duckdb::date_t date) {
  if (date == duckdb::date_t::infinity()) return wire::kInfinityDays;
  if (date == duckdb::date_t::ninfinity()) return wire::kNegativeInfinityDays;
  return date.days;
}

/// Microseconds of a timestamp with `unit` micros per count; nanoseconds when unit is 0.
template <int64_t kUnit>
int64_t WireMicros(int64_t value) {
  if (value == duckdb::timestamp_t::infinity().value) return wire::kInfinityMicros;
  if (value == duckdb::timestamp_t::ninfinity().value) return wire::kNegativeInfinityMicros;
  if constexpr (kUnit == 1) return value;
  if constexpr (kUnit == 0) return value / 1000 - (value % 1000 < 0 ? 1 : 0);
  int64_t micros;
  if (__builtin_mul_overflow(value, kUnit, &micros)) throw duckdb::OutOfRangeException("timestamp out of range");
  return micros;
}

wire::TimeTz WireTimeTz(duckdb::dtime_tz_t time) { return {time.time().micros, time.offset()}; }

// ---- codecs: binary, fixed size

struct BoolCodec {
  static constexpr uint32_t kSize = 1;
  static void Write(char* out, bool value) { *out = value ? 1 : 0; }
};
template <typename Wide>
struct IntegerCodec {
  static constexpr uint32_t kSize = sizeof(Wide);
  static void Write(char* out, Wide value) {
    if constexpr (sizeof(Wide) == 2) wire::StoreBig16(out, static_cast<uint16_t>(value));
    if constexpr (sizeof(Wide) == 4) wire::StoreBig32(out, static_cast<uint32_t>(value));
    if constexpr (sizeof(Wide) == 8) wire::StoreBig64(out, static_cast<uint64_t>(value));
  }
};
int64_t NarrowUBigint(uint64_t value) {
  if (value > static_cast<uint64_t>(INT64_MAX)) {
    throw duckdb::OutOfRangeException("UBIGINT value %llu does not fit into int8", value);
  }
  return static_cast<int64_t>(value);
}
struct UBigintCodec {
  static constexpr uint32_t kSize = 8;
  static void Write(char* out, uint64_t value) { wire::StoreBig64(out, static_cast<uint64_t>(NarrowUBigint(value))); }
};
struct FloatCodec {
  static constexpr uint32_t kSize = 4;
  static void Write(char* out, float value) { wire::StoreBig32(out, std::bit_cast<uint32_t>(value)); }
};
struct DoubleCodec {
  static constexpr uint32_t kSize = 8;
  static void Write(char* out, double value) { wire::StoreBig64(out, std::bit_cast<uint64_t>(value)); }
};
struct DateCodec {
  static constexpr uint32_t kSize = 4;
  static void Write(char* out, duckdb::date_t value) {
    if (!wire::EncodeDate(out, WireDays(value))) throw duckdb::OutOfRangeException("date out of range for PostgreSQL");
  }
  static void Check(duckdb::date_t value) {
    char bytes[kSize];
    Write(bytes, value);
  }
};
template <int64_t kUnit>
struct TimestampCodec {
  static constexpr uint32_t kSize = 8;
  static void Write(char* out, int64_t value) {
    if (!wire::EncodeTimestamp(out, WireMicros<kUnit>(value))) {
      throw duckdb::OutOfRangeException("timestamp out of range for PostgreSQL");
    }
  }
  static void Check(int64_t value) {
    char bytes[kSize];
    Write(bytes, value);
  }
};
struct TimeNsCodec {
  static constexpr uint32_t kSize = 8;
  static void Write(char* out, int64_t value) { wire::StoreBig64(out, static_cast<uint64_t>(value / 1000)); }
};
struct TimeTzCodec {
  static constexpr uint32_t kSize = 12;
  static void Write(char* out, duckdb::dtime_tz_t value) { wire::EncodeTimeTz(out, WireTimeTz(value)); }
};
struct IntervalCodec {
  static constexpr uint32_t kSize = 16;
  static void Write(char* out, duckdb::interval_t value) {
    wire::EncodeInterval(out, {value.months, value.days, value.micros});
  }
};
struct UuidCodec {
  static constexpr uint32_t kSize = 16;
  static void Write(char* out, duckdb::hugeint_t value) {
    duckdb::BaseUUID::ToBlob(value, reinterpret_cast<duckdb::data_ptr_t>(out));
  }
};

// ---- codecs: binary of varying size

lake::Int128 ToInt128(duckdb::hugeint_t value) {
  return static_cast<lake::Int128>((static_cast<wire::UInt128>(static_cast<uint64_t>(value.upper)) << 64) |
                                   value.lower);
}
wire::UInt128 ToUInt128(duckdb::uhugeint_t value) {
  return (static_cast<wire::UInt128>(value.upper) << 64) | value.lower;
}

struct NumericCodec {
  int scale = 0;
  void Append(OutBuffer& out, int64_t value) const { Fit(out, wire::EncodeNumeric64(Room(out), value, scale)); }
  void Append(OutBuffer& out, duckdb::hugeint_t value) const {
    Fit(out, wire::EncodeNumeric(Room(out), ToInt128(value), scale));
  }
  void Append(OutBuffer& out, duckdb::uhugeint_t value) const {
    Fit(out, wire::EncodeNumeric(Room(out), false, ToUInt128(value), scale));
  }

 private:
  static char* Room(OutBuffer& out) {
    out.Reserve(wire::kMaxNumericBytes);
    return out.data() + out.size();
  }
  static void Fit(OutBuffer& out, size_t size) { out.Extend(size); }
};
struct BitCodec {
  void Append(OutBuffer& out, duckdb::string_t value) const {
    wire::EncodeBit(out, duckdb::Bit::ToString(duckdb::bitstring_t(value)));
  }
};

// ---- codecs: text

struct BoolText {
  void Append(OutBuffer& out, bool value) const { wire::AppendBoolText(out, value); }
};
struct IntegerText {
  void Append(OutBuffer& out, int64_t value) const { wire::AppendInt64Text(out, value); }
};
struct UnsignedText {
  void Append(OutBuffer& out, uint64_t value) const { wire::AppendInt64Text(out, NarrowUBigint(value)); }
};
struct FloatText {
  void Append(OutBuffer& out, float value) const { wire::AppendFloat4Text(out, value); }
};
struct DoubleText {
  void Append(OutBuffer& out, double value) const { wire::AppendFloat8Text(out, value); }
};
struct DateText {
  void Append(OutBuffer& out, duckdb::date_t value) const {
    int32_t days = WireDays(value);
    if (days == wire::kInfinityDays) return out.Append("infinity");
    if (days == wire::kNegativeInfinityDays) return out.Append("-infinity");
    DateCodec::Check(value);
    wire::AppendDateText(out, days);
  }
};
template <int64_t kUnit, bool kWithZone>
struct TimestampText {
  void Append(OutBuffer& out, int64_t value) const {
    int64_t micros = WireMicros<kUnit>(value);
    if (micros == wire::kInfinityMicros) return out.Append("infinity");
    if (micros == wire::kNegativeInfinityMicros) return out.Append("-infinity");
    TimestampCodec<kUnit>::Check(value);
    if constexpr (kWithZone) {
      wire::AppendTimestampTzText(out, micros);
    } else {
      wire::AppendTimestampText(out, micros);
    }
  }
};
template <int64_t kDivisor>
struct TimeText {
  void Append(OutBuffer& out, int64_t value) const { wire::AppendTimeText(out, value / kDivisor); }
};
struct TimeTzText {
  void Append(OutBuffer& out, duckdb::dtime_tz_t value) const {
    wire::TimeTz time = WireTimeTz(value);
    wire::AppendTimeTzText(out, time.micros, time.offset);
  }
};
struct IntervalText {
  void Append(OutBuffer& out, duckdb::interval_t value) const {
    wire::AppendIntervalText(out, value.months, value.days, value.micros);
  }
};
struct UuidText {
  void Append(OutBuffer& out, duckdb::hugeint_t value) const {
    uint8_t bytes[16];
    duckdb::BaseUUID::ToBlob(value, bytes);
    wire::AppendUuidText(out, bytes);
  }
};
struct NumericText {
  int scale = 0;
  void Append(OutBuffer& out, int64_t value) const {
    Fit(out, wire::FormatNumeric(Room(out), lake::Int128{value}, scale));
  }
  void Append(OutBuffer& out, duckdb::hugeint_t value) const {
    Fit(out, wire::FormatNumeric(Room(out), ToInt128(value), scale));
  }
  void Append(OutBuffer& out, duckdb::uhugeint_t value) const {
    Fit(out, wire::FormatNumeric(Room(out), false, ToUInt128(value), scale));
  }

 private:
  static char* Room(OutBuffer& out) {
    out.Reserve(wire::kMaxNumericText);
    return out.data() + out.size();
  }
  static void Fit(OutBuffer& out, size_t size) { out.Extend(size); }
};
struct ByteaText {
  void Append(OutBuffer& out, duckdb::string_t value) const {
    wire::AppendByteaText(out, {value.GetData(), value.GetSize()});
  }
};
struct BitText {
  void Append(OutBuffer& out, duckdb::string_t value) const {
    out.Append(duckdb::Bit::ToString(duckdb::bitstring_t(value)));
  }
};

using Encoder = std::unique_ptr<ColumnEncoder>;

template <typename Source, typename Codec>
Encoder Fixed() {
  return std::make_unique<FixedEncoder<Source, Codec>>();
}
template <typename Source, typename Codec>
Encoder Scratch(Codec codec = Codec()) {
  return std::make_unique<ScratchEncoder<Source, Codec>>(codec);
}

template <typename Codec>
Encoder DecimalEncoder(const LogicalType& type) {
  Codec codec{duckdb::DecimalType::GetScale(type)};
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT16: return Scratch<int16_t, Codec>(codec);
    case duckdb::PhysicalType::INT32: return Scratch<int32_t, Codec>(codec);
    case duckdb::PhysicalType::INT64: return Scratch<int64_t, Codec>(codec);
    default: return Scratch<duckdb::hugeint_t, Codec>(codec);
  }
}

Encoder MakeBinary(duckdb::ClientContext& context, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN: return Fixed<bool, BoolCodec>();
    case LogicalTypeId::TINYINT: return Fixed<int8_t, IntegerCodec<int16_t>>();
    case LogicalTypeId::UTINYINT: return Fixed<uint8_t, IntegerCodec<int16_t>>();
    case LogicalTypeId::SMALLINT: return Fixed<int16_t, IntegerCodec<int16_t>>();
    case LogicalTypeId::USMALLINT: return Fixed<uint16_t, IntegerCodec<int32_t>>();
    case LogicalTypeId::INTEGER: return Fixed<int32_t, IntegerCodec<int32_t>>();
    case LogicalTypeId::UINTEGER: return Fixed<uint32_t, IntegerCodec<int64_t>>();
    case LogicalTypeId::BIGINT: return Fixed<int64_t, IntegerCodec<int64_t>>();
    case LogicalTypeId::UBIGINT: return Fixed<uint64_t, UBigintCodec>();
    case LogicalTypeId::HUGEINT: return Scratch<duckdb::hugeint_t, NumericCodec>();
    case LogicalTypeId::UHUGEINT: return Scratch<duckdb::uhugeint_t, NumericCodec>();
    case LogicalTypeId::DECIMAL: return DecimalEncoder<NumericCodec>(type);
    case LogicalTypeId::FLOAT: return Fixed<float, FloatCodec>();
    case LogicalTypeId::DOUBLE: return Fixed<double, DoubleCodec>();
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB: return std::make_unique<BytesEncoder>();
    case LogicalTypeId::BIT: return Scratch<duckdb::string_t, BitCodec>();
    case LogicalTypeId::DATE: return Fixed<duckdb::date_t, DateCodec>();
    case LogicalTypeId::TIME: return Fixed<int64_t, IntegerCodec<int64_t>>();
    case LogicalTypeId::TIME_NS: return Fixed<int64_t, TimeNsCodec>();
    case LogicalTypeId::TIME_TZ: return Fixed<duckdb::dtime_tz_t, TimeTzCodec>();
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::TIMESTAMP: return Fixed<int64_t, TimestampCodec<1>>();
    case LogicalTypeId::TIMESTAMP_SEC: return Fixed<int64_t, TimestampCodec<1'000'000>>();
    case LogicalTypeId::TIMESTAMP_MS: return Fixed<int64_t, TimestampCodec<1000>>();
    case LogicalTypeId::TIMESTAMP_NS: return Fixed<int64_t, TimestampCodec<0>>();
    case LogicalTypeId::INTERVAL: return Fixed<duckdb::interval_t, IntervalCodec>();
    case LogicalTypeId::UUID: return Fixed<duckdb::hugeint_t, UuidCodec>();
    default: return std::make_unique<CastEncoder>(context);
  }
}

bool IsUtc(duckdb::ClientContext& context) {
  duckdb::Value zone;
  if (!context.TryGetCurrentSetting("TimeZone", zone) || zone.IsNull()) return true;
  std::string name = zone.ToString();
  return name == "UTC" || name == "Etc/UTC" || name == "GMT";
}

Encoder MakeText(duckdb::ClientContext& context, const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN: return Scratch<bool, BoolText>();
    case LogicalTypeId::TINYINT: return Scratch<int8_t, IntegerText>();
    case LogicalTypeId::UTINYINT: return Scratch<uint8_t, IntegerText>();
    case LogicalTypeId::SMALLINT: return Scratch<int16_t, IntegerText>();
    case LogicalTypeId::USMALLINT: return Scratch<uint16_t, IntegerText>();
    case LogicalTypeId::INTEGER: return Scratch<int32_t, IntegerText>();
    case LogicalTypeId::UINTEGER: return Scratch<uint32_t, IntegerText>();
    case LogicalTypeId::BIGINT: return Scratch<int64_t, IntegerText>();
    case LogicalTypeId::UBIGINT: return Scratch<uint64_t, UnsignedText>();
    case LogicalTypeId::HUGEINT: return Scratch<duckdb::hugeint_t, NumericText>();
    case LogicalTypeId::UHUGEINT: return Scratch<duckdb::uhugeint_t, NumericText>();
    case LogicalTypeId::DECIMAL: return DecimalEncoder<NumericText>(type);
    case LogicalTypeId::FLOAT: return Scratch<float, FloatText>();
    case LogicalTypeId::DOUBLE: return Scratch<double, DoubleText>();
    case LogicalTypeId::VARCHAR: return std::make_unique<BytesEncoder>();
    case LogicalTypeId::BLOB: return Scratch<duckdb::string_t, ByteaText>();
    case LogicalTypeId::BIT: return Scratch<duckdb::string_t, BitText>();
    case LogicalTypeId::DATE: return Scratch<duckdb::date_t, DateText>();
    case LogicalTypeId::TIME: return Scratch<int64_t, TimeText<1>>();
    case LogicalTypeId::TIME_NS: return Scratch<int64_t, TimeText<1000>>();
    case LogicalTypeId::TIME_TZ: return Scratch<duckdb::dtime_tz_t, TimeTzText>();
    case LogicalTypeId::TIMESTAMP: return Scratch<int64_t, TimestampText<1, false>>();
    case LogicalTypeId::TIMESTAMP_SEC: return Scratch<int64_t, TimestampText<1'000'000, false>>();
    case LogicalTypeId::TIMESTAMP_MS: return Scratch<int64_t, TimestampText<1000, false>>();
    case LogicalTypeId::TIMESTAMP_NS: return Scratch<int64_t, TimestampText<0, false>>();
    case LogicalTypeId::TIMESTAMP_TZ:
      // Other zones need the zone database, which DuckDB has; its text has PostgreSQL's form.
      if (!IsUtc(context)) return std::make_unique<CastEncoder>(context);
      return Scratch<int64_t, TimestampText<1, true>>();
    case LogicalTypeId::INTERVAL: return Scratch<duckdb::interval_t, IntervalText>();
    case LogicalTypeId::UUID: return Scratch<duckdb::hugeint_t, UuidText>();
    default: return std::make_unique<CastEncoder>(context);
  }
}

}  // namespace

std::unique_ptr<ColumnEncoder> MakeColumnEncoder(duckdb::ClientContext& context, const LogicalType& type,
                                                 wire::Format format) {
  return format == wire::Format::kBinary ? MakeBinary(context, type) : MakeText(context, type);
}

}  // namespace lake::server
