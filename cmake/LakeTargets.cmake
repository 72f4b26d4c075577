# Targets mirror the folders: src/<name>/ is the static library lake_<name>, tests/unit/<name>/ its test <name>_test.

# lake_library(<name> SOURCES <files...> [LINK <targets...>] [PRIVATE_LINK <targets...>])
function(lake_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(lake_${name} STATIC ${ARG_SOURCES})
  target_include_directories(lake_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(lake_${name} PUBLIC ${ARG_LINK} PRIVATE lake_warnings ${ARG_PRIVATE_LINK})
  set_target_properties(lake_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# lake_unit_test(<name> SOURCES <files...> [LINK <targets...>]): a GoogleTest executable <name>_test, known to ctest.
function(lake_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT LAKE_TESTS)
    return()
  endif()
  add_executable(${name}_test ${ARG_SOURCES})
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests/unit)
  target_link_libraries(${name}_test PRIVATE ${ARG_LINK} lake_warnings GTest::gtest_main GTest::gmock)
  add_test(NAME unit.${name} COMMAND ${name}_test)
endfunction()
