# One static library per folder of trunk/. A layer sees the headers of the layers it names and of no other: each has an
# include directory of its own that holds nothing but a link to the folder, so that a wrong #include does not compile.

set(WEIR_LAYER_INCLUDES "${CMAKE_BINARY_DIR}/layers")

add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
  # Files that are compiled together (asan) share unnamed namespaces; release and dev hold each file to the rule.
  $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-shadow>
  -Wno-missing-designated-field-initializers
  $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
target_link_libraries(weir_options INTERFACE Threads::Threads)

function(weir_layer name)
  cmake_parse_arguments(ARG "" "OURS" "DEPENDS;LIBRARIES;PCH;EXCEPT" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  foreach(file IN LISTS ARG_EXCEPT)
    list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  set(directory "${WEIR_LAYER_INCLUDES}/${name}")
  file(MAKE_DIRECTORY "${directory}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}/${name}" "${directory}/${name}" SYMBOLIC)
  if(sources)
    add_library(weir_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(weir_${name} PRIVATE weir_options)
    if(ARG_PCH)
      target_precompile_headers(weir_${name} PRIVATE ${ARG_PCH})
      if(ARG_OURS)
        target_precompile_headers(weir_${name} PRIVATE <${ARG_OURS}>)
      endif()
      set_target_properties(weir_${name} PROPERTIES WEIR_PCH "${ARG_PCH}" WEIR_PCH_OURS "${ARG_OURS}")  # for its tests
    endif()
  else()
    add_library(weir_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(weir_${name} ${scope} "${directory}")
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(weir_${name} ${scope} weir_${layer})
  endforeach()
  target_link_libraries(weir_${name} ${scope} ${ARG_LIBRARIES})
endfunction()
