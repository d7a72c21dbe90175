# musubi_embed_web(<target> <folder>): compiles the pages that web/tools/build.mjs wrote to <folder> into <target>, which
# needs lib/http, and defines musubi::http::embedded_web() there. The assembler takes the bytes as they are (.incbin), so
# this costs no compile time. Before the pages are built the bundle is empty.
function(musubi_embed_web target folder)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(script ${PROJECT_SOURCE_DIR}/cmake/embed_web.py)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_web)
  file(GLOB list CONFIGURE_DEPENDS ${folder}/assets.json)
  add_custom_command(OUTPUT ${out}.S ${out}.cpp
                     COMMAND ${Python3_EXECUTABLE} ${script} ${folder} ${out}
                     DEPENDS ${script} ${list}
                     COMMENT "Listing the web pages of ${folder}" VERBATIM)
  target_sources(${target} PRIVATE ${out}.S ${out}.cpp)
endfunction()
