// The DuckDB headers that nearly every file of the server needs, compiled once.
#pragma once

#include "duckdb.hpp"
