# One declaration per module: it drives the build, the tests and tools/check_modules.py.
#   musubi_module(services/notices NEEDS base lib/db lib/http PUBLIC routes.h)
# Each module's include path holds a link to its own folder and nothing else, so "services/notices/routes.h" is found
# only by modules that need services/notices: an unlawful include does not compile.
# Sources named *_test.cpp make a test program; migrations/*.sql are compiled in (see musubi_migrations).
function(musubi_module name)
  cmake_parse_arguments(MODULE "" "" "NEEDS;PUBLIC" ${ARGN})
  string(REPLACE "/" "_" target "musubi_${name}")
  set(include_root ${PROJECT_BINARY_DIR}/include/${target})
  cmake_path(GET name PARENT_PATH layer)
  file(MAKE_DIRECTORY ${include_root}/${layer})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_root}/${name} SYMBOLIC)

  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  musubi_migrations(${name} migrations_source)
  list(APPEND sources ${migrations_source})
  if(NOT sources) # headers only so far
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp CONTENT "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(${target} STATIC ${sources})
  target_link_libraries(${target} PRIVATE musubi_flags)
  target_include_directories(${target} PUBLIC ${include_root})
  musubi_messages(${name} ${target} PUBLIC)
  foreach(need IN LISTS MODULE_NEEDS)
    string(REPLACE "/" "_" dependency "musubi_${need}")
    target_link_libraries(${target} PUBLIC ${dependency})
  endforeach()
  if(tests AND MUSUBI_TESTS)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} musubi_flags musubi_testing)
    if(name STREQUAL "lib/db" OR "lib/db" IN_LIST MODULE_NEEDS)
      target_link_libraries(${target}_test PRIVATE musubi_testing_databases)
    endif()
    add_test(NAME ${name} COMMAND ${target}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
endfunction()

# A program: musubi_program(musubi-server apps/server) builds main.cpp of the module named second.
function(musubi_program program module)
  string(REPLACE "/" "_" target "musubi_${module}")
  add_executable(${program} main.cpp)
  target_link_libraries(${program} PRIVATE ${target} musubi_flags)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  install(TARGETS ${program} RUNTIME DESTINATION bin COMPONENT ${program})
endfunction()

# migrations/0001_name.sql runs on both engines; 0001_name.sqlite.sql and 0001_name.postgres.sql where they must differ.
# Generates `db::Migrations migrations()` in the module's namespace (the last part of its path); the module declares
# that function in its public header.
function(musubi_migrations name out)
  set(${out} "" PARENT_SCOPE)
  file(GLOB files CONFIGURE_DEPENDS migrations/*.sql)
  if(NOT files)
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  cmake_path(GET name FILENAME namespace)
  set(rows "")
  foreach(file IN LISTS files)
    cmake_path(GET file FILENAME file_name)
    file(READ ${file} text)
    string(APPEND rows "        {\"${file_name}\", R\"sql(${text})sql\"},\n")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/migrations.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"// Generated from migrations/*.sql by musubi_migrations.
#include \"lib/db/migration.h\"
namespace musubi::@namespace@ {
db::Migrations migrations() {
    return {\"@name@\", {
@rows@    }};
}
} // namespace musubi::@namespace@
")
  set(${out} ${generated} PARENT_SCOPE)
endfunction()

# messages/{ja,ja-easy,en}.toml become "MODULE/messages.h", a header of constants (see src/base/i18n.h).
function(musubi_messages name target scope)
  file(GLOB files CONFIGURE_DEPENDS messages/*.toml)
  if(NOT files)
    return()
  endif()
  cmake_path(GET name FILENAME namespace)
  set(folder ${PROJECT_BINARY_DIR}/include/${target}_messages)
  set(header ${folder}/${name}/messages.h)
  set(compiler ${PROJECT_SOURCE_DIR}/tools/compile_messages.py)
  add_custom_command(OUTPUT ${header} DEPENDS ${files} ${compiler}
    COMMAND python3 ${compiler} musubi::${namespace} ${CMAKE_CURRENT_SOURCE_DIR}/messages ${header}
    COMMENT "Messages of ${name}" VERBATIM)
  add_custom_target(${target}_messages DEPENDS ${header})
  add_dependencies(${target} ${target}_messages)
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} ${scope} ${folder})
endfunction()
