#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir::api {

// The OpenAPI 3.1 description of this API, as /api/v1/openapi.json serves it.
std::string openapi_document();

// What it is put together from: the files of app/api/openapi, which CMake compiles in.
std::string_view openapi_base();                    // a document without paths and schemas
std::string_view openapi_schemas();                 // an object
std::span<const std::string_view> openapi_paths();  // objects, one for each subject

}  // namespace weir::api
