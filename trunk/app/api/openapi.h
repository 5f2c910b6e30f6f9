#pragma once

#include <string>
#include <string_view>

namespace weir::api {

// The OpenAPI 3.1 description of this API, as /api/v1/openapi.json serves it.
std::string openapi_document();

// What it is put together from: a whole document, and paths for it, each with a comma behind it.
std::string_view openapi_core();
std::string_view openapi_cluster_paths();
std::string_view openapi_gb28181_paths();

}  // namespace weir::api
