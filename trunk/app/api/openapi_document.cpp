#include "app/api/openapi.h"

namespace weir::api {

std::string openapi_document() {
  constexpr std::string_view paths = "\"paths\": {";
  std::string out(openapi_core());
  for (const std::string_view more : {openapi_cluster_paths(), openapi_gb28181_paths()}) {
    out.insert(out.find(paths) + paths.size(), more);
  }
  return out;
}

}  // namespace weir::api
