# duckdb::duckdb: the prebuilt shared library of DuckDB and the headers of the same release, below DUCKDB_ROOT.
#
# Only what lies under src/server may link it. DuckDB's own copies of fmt and httplib are left out of the include path:
# they use the include guards of the system's libraries of the same name, which the rest of the project uses.
# Headers are SYSTEM, so their warnings stay theirs.

set(_duckdb_source "${DUCKDB_ROOT}/src")
if(NOT EXISTS "${DUCKDB_ROOT}/lib/libduckdb.so" OR NOT EXISTS "${_duckdb_source}/src/include/duckdb.hpp")
  message(FATAL_ERROR "DUCKDB_ROOT=${DUCKDB_ROOT} lacks lib/libduckdb.so or src/src/include/duckdb.hpp: "
                      "./lake setup fetches both, or -DDUCKDB_ROOT= names another copy")
endif()

set(_duckdb_includes "${_duckdb_source}/src/include" "${_duckdb_source}/extension/parquet/include")
file(GLOB _duckdb_third_party LIST_DIRECTORIES true "${_duckdb_source}/third_party/*")
foreach(dir IN LISTS _duckdb_third_party)
  get_filename_component(name "${dir}" NAME)
  if(NOT IS_DIRECTORY "${dir}" OR name MATCHES "^(fmt|httplib|catch|imdb)$")
    continue()
  endif()
  list(APPEND _duckdb_includes "${dir}")
  if(IS_DIRECTORY "${dir}/include")
    list(APPEND _duckdb_includes "${dir}/include")
  endif()
endforeach()

add_library(duckdb_library SHARED IMPORTED GLOBAL)
set_target_properties(duckdb_library PROPERTIES IMPORTED_LOCATION "${DUCKDB_ROOT}/lib/libduckdb.so")
target_include_directories(duckdb_library SYSTEM INTERFACE ${_duckdb_includes})
add_library(duckdb::duckdb ALIAS duckdb_library)
