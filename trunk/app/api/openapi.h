#pragma once

#include <string_view>

namespace weir::api {

// The OpenAPI 3.1 description of this API, as /api/v1/openapi.json serves it.
std::string_view openapi_document();

}  // namespace weir::api
