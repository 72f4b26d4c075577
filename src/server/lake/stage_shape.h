// lake_stage_shape('<json>', rows): a table function that looks like a stage (stage_writer.h) to the planner, columns
// and number of rows, and has no rows. EXPLAIN plans with it what would be staged if the query were run.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterStageShape(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
