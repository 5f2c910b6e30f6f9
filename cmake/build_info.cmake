# Writes OUT, the source that says which commit of which day the server is built from. Run at each build; OUT is written
# only if it changes. WEIR_COMMIT and WEIR_DATE, variables of the environment, stand in where there is no repository.
set(commit "$ENV{WEIR_COMMIT}")
set(date "$ENV{WEIR_DATE}")
find_program(git git)
if(NOT commit AND git AND EXISTS "${SOURCE}/.git")
  execute_process(COMMAND ${git} -C "${SOURCE}" log -1 --format=%h|%cs --abbrev=12 OUTPUT_VARIABLE head ERROR_QUIET
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${git} -C "${SOURCE}" diff-index --quiet HEAD -- trunk cmake CMakeLists.txt RESULT_VARIABLE changed
                  ERROR_QUIET OUTPUT_QUIET)
  if(head MATCHES "^([0-9a-f]+)[|](.*)$")
    set(commit "${CMAKE_MATCH_1}")
    set(date "${CMAKE_MATCH_2}")
    if(changed EQUAL 1)
      string(APPEND commit "+")
    endif()
  endif()
endif()
set(text "")
if(commit AND date)
  set(text " (${commit}, ${date})")
elseif(commit)
  set(text " (${commit})")
endif()
file(CONFIGURE OUTPUT "${OUT}" CONTENT [[#include "main/build_info.h"

std::string_view weir::server::build_text() { return "@text@"; }
std::string_view weir::server::build_commit() { return "@commit@"; }
]] @ONLY)
