// Whole Parquet files as DuckDB's reader gets them from us: opened, their columns matched as a scan and lake.add_files
// match them, and read as they are stored, as lake_scan reads them. DuckDB itself is not instrumented, so this finds
// what ends the process: an exception is the right answer, a signal, an exception that nobody catches, or memory
// without end are not. What read_parquet makes of variants is DuckDB's own, and no part of this: it ends the process
// where parts of a variant are not what they should be (DuckDB 1.5.6).
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "duckdb.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "parquet_bytes.h"
#include "parquet_reader.hpp"
#include "server/lake/column_mapping.h"
#include "server/lake/nanoseconds.h"
#include "server/lake/stored_types.h"
#include "server/lake/variant_column.h"

// A footer may ask for more memory than there is. That is std::bad_alloc in the server; the sanitizer would end here.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=1024:alloc_dealloc_mismatch=0:detect_leaks=0";
}
void* operator new(size_t size) {
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace lake::server {
namespace {

constexpr int kMostChunks = 50;  // a few bytes can stand for as many rows as they like

/// What lake_scan does to the reader of a file (scan_reader.h), for files that no table has.
class StoredReader : public duckdb::MultiFileReader {
 public:
  StoredReader() { function_name = "stored_scan"; }

  using duckdb::MultiFileReader::CreateReader;
  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(duckdb::ClientContext& context,
                                                          const duckdb::OpenFileInfo& file,
                                                          duckdb::BaseFileReaderOptions& options,
                                                          const duckdb::MultiFileOptions& file_options,
                                                          duckdb::MultiFileReaderInterface& interface) override {
    auto reader = duckdb::MultiFileReader::CreateReader(context, file, options, file_options, interface);
    ReadAsStored(*reader);
    return reader;
  }

  using duckdb::MultiFileReader::CreateMapping;
  duckdb::ReaderInitializeType CreateMapping(duckdb::ClientContext& context, duckdb::MultiFileReaderData& reader_data,
                                             const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                                             const duckdb::vector<duckdb::ColumnIndex>& column_ids,
                                             duckdb::optional_ptr<duckdb::TableFilterSet> filters,
                                             duckdb::MultiFileList& files,
                                             const duckdb::MultiFileReaderBindData& bind_data,
                                             const duckdb::virtual_column_map_t& virtual_columns) override {
    auto result = duckdb::MultiFileReader::CreateMapping(context, reader_data, columns, column_ids, filters, files,
                                                         bind_data, virtual_columns);
    ReadVariantsInside(context, *reader_data.reader);
    return result;
  }
};

duckdb::unique_ptr<duckdb::MultiFileReader> MakeStoredReader(const duckdb::TableFunction&) {
  return duckdb::make_uniq<StoredReader>();
}

void RegisterStoredScan(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "pg_lake");
  RegisterNanosecondCasts(loader);
  RegisterVariantCasts(loader);
  for (duckdb::TableFunction function : loader.GetTableFunction("parquet_scan").functions.functions) {
    if (function.arguments[0].id() != duckdb::LogicalTypeId::VARCHAR) continue;
    function.name = "stored_scan";
    function.get_multi_file_reader = MakeStoredReader;
    function.statistics = nullptr;  // lake_scan has statistics of its own
    function.get_partition_stats = nullptr;
    loader.RegisterFunction(function);
  }
}

class Engine {
 public:
  Engine() : file_(memfd_create("fuzz.parquet", 0)), path_(fmt::format("/proc/self/fd/{}", file_)) { Start(); }

  void Run(std::string_view bytes) {
    if (ftruncate(file_, 0) != 0 || pwrite(file_, bytes.data(), bytes.size(), 0) < 0) std::abort();
    connection_->BeginTransaction();
    try {
      Open();
    } catch (const std::exception&) {  // Guarded and alike make errors of these
    }
    connection_->Rollback();
    Read(fmt::format("SELECT COLUMNS(*)::VARCHAR FROM stored_scan('{}')", path_));
    if (duckdb::ValidChecker::IsInvalidated(*database_->instance)) Start();
  }

 private:
  void Start() {
    connection_.reset();
    duckdb::DBConfig config;
    config.options.maximum_threads = 1;
    config.SetOptionByName("memory_limit", "512MB");
    database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    RegisterStoredScan(*database_->instance);
    connection_ = std::make_unique<duckdb::Connection>(*database_);
    connection_->Query("SET enable_external_file_cache = false");
  }

  void Open() {
    static const iceberg::Schema schema(iceberg::SchemaId{0},
                                        {{iceberg::FieldId{1}, "a", false, iceberg::TypeId::kLong, std::nullopt},
                                         {iceberg::FieldId{2}, "b", false, iceberg::TypeId::kString, std::nullopt}});
    duckdb::ClientContext& context = *connection_->context;
    duckdb::ParquetReader reader(context, duckdb::OpenFileInfo(path_), duckdb::ParquetOptions(context));
    duckdb::vector<duckdb::MultiFileColumnDefinition> columns = reader.columns;
    HideUnknown(schema, columns);
    if (HasFieldIds(columns)) FillMissingIds(columns);
    static_cast<void>(CheckFileColumns(schema, columns, path_).ok());
    for (const auto& column : reader.columns) {
      // Those of nested columns are not asked for by our scans. Of a variant whose typed_value has no fields they end
      // the process (DuckDB 1.5.6).
      if (!column.type.IsNested()) static_cast<void>(reader.GetStatistics(context, column.name));
    }
  }

  void Read(const std::string& query) {
    auto result = connection_->SendQuery(query);
    if (result->HasError()) return;
    for (int i = 0; i < kMostChunks; ++i) {
      auto chunk = result->Fetch();
      if (!chunk || chunk->size() == 0) return;
    }
  }

  int file_;
  std::string path_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> connection_;
};

}  // namespace
}  // namespace lake::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& engine = *new lake::server::Engine();  // DuckDB's threads outlive the end of main
  engine.Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return lake::fuzz::MutateParquet(data, size, max_size, seed);
}
