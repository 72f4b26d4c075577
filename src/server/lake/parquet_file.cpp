// See the header.
//
// DuckDB's ParquetWriter writes through a FileSystem: a private one that knows a single file and hands its bytes on.
// Errors of the store travel beside DuckDB's exception, so that their kind is not lost.
#include "server/lake/parquet_file.h"

#include <cmath>
#include <functional>
#include <mutex>
#include <optional>
#include <set>

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "parquet_statistics.hpp"
#include "parquet_writer.hpp"
#include "server/lake/duck_types.h"
#include "server/lake/fault_point.h"
#include "server/lake/fixed_column.h"
#include "server/lake/stored_types.h"

namespace lake::server {

namespace {

constexpr size_t kBufferBytes = 256 << 10;
constexpr duckdb::idx_t kStringDictionaryPageBytes = 1 << 20;  // DuckDB's own default
constexpr double kBloomFilterFalsePositives = 0.01;            // of DuckDB's own, which it does not write here
constexpr int64_t kZstdLevel = 3;                              // DuckDB's own default

/// The file system of one file. Only what ParquetWriter's BufferedFileWriter calls exists.
class SinkFileSystem : public duckdb::FileSystem {
 public:
  explicit SinkFileSystem(storage::ObjectWriter& writer) : writer_(writer) {}

  std::string GetName() const override { return "LakeSink"; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(const std::string& path, duckdb::FileOpenFlags flags,
                                                  duckdb::optional_ptr<duckdb::FileOpener>) override;
  int64_t Write(duckdb::FileHandle&, void* buffer, int64_t bytes) override {
    buffer_.append(static_cast<const char*>(buffer), static_cast<size_t>(bytes));
    written_ += static_cast<uint64_t>(bytes);
    if (buffer_.size() >= kBufferBytes) Flush();
    return bytes;
  }
  void Flush() {
    Status status = writer_.Append(buffer_);
    buffer_.clear();
    if (status.ok()) return;
    error_ = std::move(status).error();
    throw duckdb::IOException("the object store failed");  // never shown: error_ is
  }

  uint64_t written() const { return written_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  storage::ObjectWriter& writer_;
  std::string buffer_;
  uint64_t written_ = 0;
  std::optional<Error> error_;
};

class SinkHandle : public duckdb::FileHandle {
 public:
  using duckdb::FileHandle::FileHandle;
  void Close() override {}
};

duckdb::unique_ptr<duckdb::FileHandle> SinkFileSystem::OpenFile(const std::string& path, duckdb::FileOpenFlags flags,
                                                                duckdb::optional_ptr<duckdb::FileOpener>) {
  return duckdb::make_uniq<SinkHandle>(*this, path, flags);
}

/// Of a writer whose row groups another one writes.
class NowhereFileSystem : public duckdb::FileSystem {
 public:
  std::string GetName() const override { return "LakeNowhere"; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(const std::string& path, duckdb::FileOpenFlags flags,
                                                  duckdb::optional_ptr<duckdb::FileOpener>) override {
    return duckdb::make_uniq<SinkHandle>(*this, path, flags);
  }
  int64_t Write(duckdb::FileHandle&, void*, int64_t bytes) override { return bytes; }
};

/// Which of a float's zeros there are.
struct Zeros {
  bool positive = false;
  bool negative = false;
};

template <typename T>
void NoteZerosOf(duckdb::Vector& vector, duckdb::idx_t count, Zeros& zeros) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const T* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    duckdb::idx_t at = format.sel->get_index(i);
    if (values[at] != 0 || !format.validity.RowIsValid(at)) continue;
    (std::signbit(values[at]) ? zeros.negative : zeros.positive) = true;
  }
}

/// Those in a column, also where they lie in other values.
void NoteZeros(duckdb::Vector& vector, duckdb::idx_t count, Zeros& zeros) {
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::FLOAT: return NoteZerosOf<float>(vector, count, zeros);
    case duckdb::PhysicalType::DOUBLE: return NoteZerosOf<double>(vector, count, zeros);
    case duckdb::PhysicalType::LIST:
      return NoteZeros(duckdb::ListVector::GetEntry(vector), duckdb::ListVector::GetListSize(vector), zeros);
    case duckdb::PhysicalType::STRUCT:
      for (auto& field : duckdb::StructVector::GetEntries(vector)) NoteZeros(*field, count, zeros);
      return;
    default: return;
  }
}

bool HasFloats(const duckdb::LogicalType& type) {
  return duckdb::TypeVisitor::Contains(type, [](const duckdb::LogicalType& part) {
    return part.id() == duckdb::LogicalTypeId::FLOAT || part.id() == duckdb::LogicalTypeId::DOUBLE;
  });
}

/// Whether some column has both zeros.
bool HasBothZeros(duckdb::ColumnDataCollection& rows) {
  for (duckdb::idx_t i = 0; i < rows.ColumnCount(); ++i) {
    if (!HasFloats(rows.Types()[i])) continue;
    Zeros zeros;
    for (auto& chunk : rows.Chunks({i})) NoteZeros(chunk.data[0], chunk.size(), zeros);
    if (zeros.positive && zeros.negative) return true;
  }
  return false;
}

duckdb::FieldID FieldIdOf(const iceberg::NestedField& field) {
  duckdb::FieldID result(field.id.value);
  for (const iceberg::NestedField& child : field.type.fields()) {
    result.child_field_ids.ids->emplace(child.name, FieldIdOf(child));
  }
  return result;
}

duckdb_parquet::CompressionCodec::type CodecOf(Compression compression) {
  switch (compression) {
    case Compression::kZstd: return duckdb_parquet::CompressionCodec::ZSTD;
    case Compression::kGzip: return duckdb_parquet::CompressionCodec::GZIP;
    case Compression::kNone: return duckdb_parquet::CompressionCodec::UNCOMPRESSED;
    default: return duckdb_parquet::CompressionCodec::SNAPPY;
  }
}

ErrorKind KindOf(duckdb::ExceptionType type) {
  switch (type) {
    case duckdb::ExceptionType::OUT_OF_MEMORY: return ErrorKind::kOutOfMemory;
    case duckdb::ExceptionType::INTERRUPT: return ErrorKind::kCancelled;
    default: return ErrorKind::kInternal;
  }
}

}  // namespace

Result<Compression> ParseCompression(std::string_view name) {
  if (name == "snappy") return Compression::kSnappy;
  if (name == "zstd") return Compression::kZstd;
  if (name == "gzip") return Compression::kGzip;
  if (name == "none" || name == "uncompressed") return Compression::kNone;
  return InvalidInput("invalid compression \"{}\", it must be snappy, zstd, gzip or none", name);
}

Compression CompressionOf(const iceberg::TableMetadata& table) {
  auto codec = table.properties.find("write.parquet.compression-codec");
  if (codec == table.properties.end()) return Compression::kSnappy;
  auto parsed = ParseCompression(codec->second);
  return parsed.ok() ? *parsed : Compression::kSnappy;
}

struct ParquetFile::State {
  std::string location;
  std::unique_ptr<storage::ObjectWriter> object;
  std::unique_ptr<SinkFileSystem> sink;
  duckdb::CopyFunctionFileStatistics statistics;
  std::vector<std::pair<std::string, iceberg::FieldId>> names;  // as DuckDB writes them
  duckdb::ClientContext* context = nullptr;
  std::vector<std::string> columns;           // of the rows, as the table calls them
  duckdb::vector<duckdb::LogicalType> types;  // in the file: of each column of the rows, INVALID: it is not there
  bool converts = false;                      // some are other than those of the rows
  std::vector<iceberg::NestedField> fields;
  bool has_fixed = false;
  std::function<std::unique_ptr<duckdb::ParquetWriter>(duckdb::FileSystem&, duckdb::optional_idx)> make_writer;
  std::unique_ptr<duckdb::ParquetWriter> writer;
  // For row groups that must have no dictionaries; made when there is one.
  std::mutex mutex;
  NowhereFileSystem nowhere;
  std::unique_ptr<duckdb::ParquetWriter> without_dictionaries;
  BloomFilters filters;
  std::vector<int64_t> offsets;
};

ParquetFile::ParquetFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

ParquetFile::~ParquetFile() {
  if (state_->object) state_->object->Abort();
}

Result<std::unique_ptr<ParquetFile>> ParquetFile::Create(duckdb::ClientContext& context, storage::ObjectStore& store,
                                                         const std::string& location,
                                                         const std::vector<iceberg::NestedField>& fields,
                                                         Compression compression, BloomFilters filters,
                                                         bool name_later) {
  auto state = std::make_unique<State>();
  state->filters = std::move(filters);
  state->location = location;
  state->fields = fields;
  state->has_fixed = HasFixed(fields);
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  duckdb::ChildFieldIDs ids;
  std::set<std::string> taken;
  for (const iceberg::NestedField& field : fields) {
    state->columns.push_back(field.name);
    if (field.type.id() == iceberg::TypeId::kUnknown) {  // rule 9
      state->types.emplace_back(duckdb::LogicalTypeId::INVALID);
      state->converts = true;
      continue;
    }
    LAKE_ASSIGN_OR_RETURN(duckdb::LogicalType type, TypeInFile(field.type, field.name));
    LAKE_ASSIGN_OR_RETURN(duckdb::LogicalType in_rows, DuckType(field.type, field.name));
    state->converts |= type != in_rows;
    state->types.push_back(type);
    // DuckDB finds field ids by name regardless of case. Readers go by id, so a name that is taken may differ.
    std::string name = field.name;
    if (!taken.insert(duckdb::StringUtil::Lower(name)).second) {
      name += fmt::format("_{}", field.id);
      taken.insert(duckdb::StringUtil::Lower(name));
    }
    ids.ids->emplace(name, FieldIdOf(field));
    state->names.emplace_back(name, field.id);
    names.push_back(name);
    types.push_back(type);
  }
  if (types.empty()) return Unsupported("a table with columns of type unknown alone cannot be written");
  state->context = &context;
  LAKE_ASSIGN_OR_RETURN(state->object, store.OpenWriter(location, {.if_absent = true, .name_later = name_later}));
  state->sink = std::make_unique<SinkFileSystem>(*state->object);
  std::unique_ptr<ParquetFile> file(new ParquetFile(std::move(state)));
  State& opened = *file->state_;
  LAKE_RETURN_IF_ERROR(file->Run([&] {
    auto shared_ids = std::make_shared<duckdb::ChildFieldIDs>(std::move(ids));
    opened.make_writer = [&context, location, types, names, compression, shared_ids, fields](
                             duckdb::FileSystem& files, duckdb::optional_idx dictionary_size_limit) {
      auto writer = std::make_unique<duckdb::ParquetWriter>(
          context, files, location, types, names, CodecOf(compression), shared_ids->Copy(), duckdb::ShreddingType(),
          duckdb::vector<std::pair<std::string, std::string>>(), nullptr, dictionary_size_limit,
          kStringDictionaryPageBytes, false, kBloomFilterFalsePositives, kZstdLevel, duckdb::ParquetVersion::V1,
          duckdb::GeoParquetVersion::NONE);
      RequireVariantParts(*writer);
      WriteFixed(*writer, fields);
      return writer;
    };
    opened.writer = opened.make_writer(*opened.sink, duckdb::optional_idx());
    opened.writer->SetWrittenStatistics(opened.statistics);
  }));
  return file;
}

Status ParquetFile::Run(const std::function<void()>& work) const {
  try {
    work();
    return {};
  } catch (const std::exception& exception) {
    if (state_->sink && state_->sink->error()) return *state_->sink->error();
    duckdb::ErrorData data(exception);
    return Error(KindOf(data.Type()), fmt::format("writing \"{}\": {}", state_->location, data.RawMessage()));
  }
}

uint64_t ParquetFile::size() const { return state_->writer->GetWriter().GetTotalWritten(); }

struct ParquetFile::RowGroup {
  duckdb::PreparedRowGroup prepared;
  BloomFilters::Made filters;
};

void ParquetFile::RowGroupDeleter::operator()(RowGroup* group) const { delete group; }

Result<ParquetFile::RowGroupPtr> ParquetFile::Encode(duckdb::ColumnDataCollection& rows) const {
  if (state_->has_fixed) {
    for (auto& chunk : rows.Chunks()) LAKE_RETURN_IF_ERROR(CheckFixed(chunk, state_->fields));
  }
  RowGroupPtr group(new RowGroup());
  duckdb::unique_ptr<duckdb::ParquetWriteTransformData> transform;  // for types that we do not write
  duckdb::unique_ptr<duckdb::ColumnDataCollection> converted;
  if (state_->converts) {
    LAKE_ASSIGN_OR_RETURN(converted, Convert(rows));
  }
  LAKE_RETURN_IF_ERROR(Run([&] {
    group->filters = state_->filters.Make(rows);
    duckdb::ColumnDataCollection& written = converted ? *converted : rows;
    state_->writer->PrepareRowGroup(written, group->prepared, transform);  // which also makes the file's schema
    if (HasBothZeros(written)) {
      // A dictionary of DuckDB's has one zero for both: the other one's sign would be lost.
      group->prepared.states.clear();
      group->prepared.row_group = {};
      WriterWithoutDictionaries().PrepareRowGroup(written, group->prepared, transform);
    }
    rows.Reset();
  }));
  return group;
}

duckdb::ParquetWriter& ParquetFile::WriterWithoutDictionaries() const {
  std::lock_guard lock(state_->mutex);
  if (!state_->without_dictionaries) state_->without_dictionaries = state_->make_writer(state_->nowhere, 0);
  return *state_->without_dictionaries;
}

/// The rows as the file has them.
Result<duckdb::unique_ptr<duckdb::ColumnDataCollection>> ParquetFile::Convert(
    duckdb::ColumnDataCollection& rows) const {
  duckdb::vector<duckdb::LogicalType> types;
  for (const auto& type : state_->types) {
    if (type.id() != duckdb::LogicalTypeId::INVALID) types.push_back(type);
  }
  auto converted = duckdb::make_uniq<duckdb::ColumnDataCollection>(*state_->context, types);
  duckdb::ColumnDataAppendState append;
  converted->InitializeAppend(append);
  for (auto& chunk : rows.Chunks()) {
    duckdb::DataChunk out;
    out.Initialize(*state_->context, types);
    duckdb::idx_t at = 0;
    for (size_t i = 0; i < state_->types.size(); ++i) {
      duckdb::Vector& from = chunk.data[i];
      if (state_->types[i].id() == duckdb::LogicalTypeId::INVALID) {
        if (duckdb::VectorOperations::HasNotNull(from, chunk.size())) {
          return InvalidInput("column \"{}\" has the Iceberg type unknown, which holds nothing but NULL",
                              state_->columns[i]);
        }
        continue;
      }
      std::string error;
      if (from.GetType() == state_->types[i]) {
        out.data[at++].Reference(from);
      } else if (!duckdb::VectorOperations::TryCast(*state_->context, from, out.data[at++], chunk.size(), &error)) {
        return InvalidInput("column \"{}\": {}", state_->columns[i], error);
      }
    }
    out.SetCardinality(chunk.size());
    converted->Append(append, out);
  }
  return converted;
}

Status ParquetFile::Append(RowGroup& group) {
  state_->offsets.push_back(static_cast<int64_t>(size()));
  return Run([&] {
    for (auto& [leaf, filter] : group.filters) state_->writer->BufferBloomFilter(leaf, std::move(filter));
    state_->writer->FlushRowGroup(group.prepared);
  });
}

Status ParquetFile::Finish(iceberg::DataFile& file) {
  LAKE_RETURN_IF_ERROR(Run([&] {
    AnnotateStoredTypes(*state_->writer, state_->fields);
    state_->writer->Finalize();
    state_->sink->Flush();
  }));
  std::string point = file.content == iceberg::FileContent::kData ? "data-put" : "delete-put";
  ReachFaultPoint("before-" + point);
  LAKE_RETURN_IF_ERROR([&]() -> Status {
    auto info = state_->object->Finish();
    return info.ok() ? Status() : Status(std::move(info).error());
  }());
  ReachFaultPoint("after-" + point);
  state_->object.reset();
  file.file_path = iceberg::Location(state_->location);
  file.file_format = iceberg::FileFormat::kParquet;
  file.file_size_in_bytes = static_cast<int64_t>(state_->sink->written());
  file.split_offsets = state_->offsets;
  for (const auto& [name, id] : state_->names) {
    auto column = state_->statistics.column_statistics.find(
        duckdb::StringUtil::Format("\"%s\"", duckdb::StringUtil::Replace(name, "\"", "\"\"")));
    if (column == state_->statistics.column_statistics.end()) continue;  // nested: its leaves have other names
    auto bytes = column->second.find("column_size_bytes");
    if (bytes != column->second.end()) file.column_sizes.Set(id, bytes->second.GetValue<int64_t>());
  }
  return {};
}

}  // namespace lake::server
