# What makes a fault in the code harder to use. Of the linker always: no writable tables of addresses. Of the compiler
# where it optimises, which fortified calls need, and without sanitizers, which see more. tests/checks/check_binary.py
# looks at the binary.

set(optimised OFF)
if(CMAKE_CXX_FLAGS MATCHES "-O[23s]" OR CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
  set(optimised ON)
endif()
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(optimised OFF)
endif()
option(WEIR_HARDENED "Stack protector, fortified libc calls, control-flow marks, position-independent code" ${optimised})

add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(WEIR_HARDENED)
  add_compile_options(-fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i[3-6]86)$")
    add_compile_options(-fcf-protection)
  endif()
endif()
