#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"

// Endpoints of SRS whose features this build does not have.
namespace weir::api {

namespace {

std::string_view feature_of(std::string_view path) {
  if (path.starts_with("/rtc/")) return "WebRTC";
  if (path.starts_with("/gb/")) return "GB28181";
  if (path.ends_with("/signal")) return "signals over HTTP";
  return "profiling";
}

}  // namespace

Answer not_available(Call& call) {
  const std::string message = std::string(feature_of(call.request.path)) + " is not available yet";
  co_return json(call, nlohmann::ordered_json{{"code", code::not_available}, {"message", message}}, 501);
}

}  // namespace weir::api
