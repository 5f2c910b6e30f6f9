#include "app/api/openapi.h"

namespace weir::api {

std::string openapi_document() {
  constexpr std::string_view paths = "\"paths\": {";
  std::string out(openapi_core());
  out.insert(out.find(paths) + paths.size(), openapi_gb28181_paths());
  return out;
}

}  // namespace weir::api
