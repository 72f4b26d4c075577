# Where `cmake --install` puts things: the directories of the PostgreSQL that ${PG_CONFIG} speaks for.
# They are absolute, so `./lake` installs the same rules below a DESTDIR of its own (the private PostgreSQL tree), and a
# production install needs no prefix. Use these variables in install(); never a path of one's own.

foreach(pair "BINDIR;--bindir" "PKGLIBDIR;--pkglibdir" "SHAREDIR;--sharedir")
  list(GET pair 0 name)
  list(GET pair 1 flag)
  execute_process(COMMAND ${PG_CONFIG} ${flag} OUTPUT_VARIABLE LAKE_PG_${name} OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
set(LAKE_PG_EXTENSIONDIR "${LAKE_PG_SHAREDIR}/extension")

# pgduck_server lies in bin/ and finds libduckdb.so in lib/ beside it, in the build tree where CMake linked it.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")
set(CMAKE_SKIP_INSTALL_RPATH OFF)
install(FILES "${DUCKDB_ROOT}/lib/libduckdb.so" DESTINATION "${LAKE_PG_PKGLIBDIR}")

# The extension's SQL: control files and scripts, all of sql/.
file(GLOB LAKE_SQL_FILES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/sql/*.control" "${PROJECT_SOURCE_DIR}/sql/*--*.sql")
install(FILES ${LAKE_SQL_FILES} DESTINATION "${LAKE_PG_EXTENSIONDIR}")
