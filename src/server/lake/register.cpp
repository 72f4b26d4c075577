// See the header.
#include "server/lake/register.h"

#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"
#include "server/fs/lake_file_system.h"
#include "server/fs/s3_secret.h"
#include "server/functions/adoption.h"
#include "server/functions/catalog_functions.h"
#include "server/functions/datetime_functions.h"
#include "server/functions/lake_functions.h"
#include "server/functions/numeric_functions.h"
#include "server/functions/pg_bytes.h"
#include "server/functions/pg_json.h"
#include "server/functions/pg_numeric.h"
#include "server/functions/pg_text.h"
#include "server/functions/pg_text_form.h"
#include "server/functions/table_history.h"
#include "server/lake/lake_instance.h"
#include "server/lake/lake_scan.h"
#include "server/lake/nanoseconds.h"
#include "server/lake/row_lineage_function.h"
#include "server/lake/set_writer.h"
#include "server/lake/stage_shape.h"
#include "server/lake/table_statistics.h"
#include "server/lake/top_n_order.h"
#include "server/lake/variant_column.h"
#include "storage/faulty_store.h"
#include "storage/revoking_store.h"
#include "storage/store_router.h"

namespace lake::server {

namespace {

std::shared_ptr<storage::ObjectStore> MakeStore(duckdb::DatabaseInstance& db, const LakeOptions& options) {
  std::shared_ptr<storage::ObjectStore> store =
      std::make_shared<storage::StoreRouter>(storage::LocalPolicy(options.local_roots), SecretCredentials(db));
  if (options.fault_spec.empty()) return store;
  return ValueOrThrow(storage::FaultyStore::Create(std::move(store), options.fault_spec));
}

void RegisterFunctions(duckdb::DatabaseInstance& db) {
  duckdb::ExtensionLoader loader(db, "pg_lake");
  RegisterNanosecondCasts(loader);
  RegisterVariantCasts(loader);
  db.GetFileSystem().RegisterSubSystem(duckdb::make_uniq<LakeFileSystem>(LakeInstance::Of(db)->shared_store()));
  RegisterS3Secret(loader);
  RegisterLakeScan(loader);
  RegisterTopNOrder(db);
  RegisterRowLineage(loader);
  RegisterStageShape(loader);
  RegisterTableStatistics(loader);
  RegisterSetWriter(loader);
  RegisterLakeFunctions(loader);
  RegisterCatalogFunctions(loader);
  RegisterTableHistory(loader);
  RegisterAdoption(loader);
  RegisterPgNumeric(loader);
  RegisterNumericFunctions(loader);
  RegisterPgBytes(loader);
  RegisterPgJson(loader);
  RegisterPgText(loader);
  RegisterPgTextForm(loader);
  RegisterDatetimeFunctions(loader);
  RegisterDatetimeFields(loader);
  RegisterDatetimeText(loader);
  RegisterDatetimePictures(loader);
  RegisterDatetimeSeries(loader);
  RegisterIntervalFunctions(loader);
  // Footers of data files, parsed once: they are immutable, and the cache is bounded by DuckDB's memory limit.
  duckdb::DBConfig::GetConfig(db).SetOptionByName("parquet_metadata_cache", duckdb::Value::BOOLEAN(true));
}

}  // namespace

void RegisterLake(duckdb::DatabaseInstance& db, const LakeOptions& options) {
  LakeInstance::Attach(db, std::make_shared<storage::RevokingStore>(MakeStore(db, options)));
  RegisterFunctions(db);
}

void ShareLake(duckdb::DatabaseInstance& db, duckdb::DatabaseInstance& lake) {
  LakeInstance::Share(db, lake);
  RegisterFunctions(db);
}

}  // namespace lake::server
