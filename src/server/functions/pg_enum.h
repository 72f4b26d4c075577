// pg_enum_rank(label VARCHAR, labels VARCHAR) -> INTEGER: the place of an enum's label in its order. labels is what
// lake_engine.enum_labels() gives: the type's name and the labels, each behind its length in bytes and a colon. A label
// that is none of them is an error (22P02).
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterPgEnum(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
