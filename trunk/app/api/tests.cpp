#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"
#include "base/version.h"

// For whoever writes a client: answers of a known kind.
namespace weir::api {

using nlohmann::ordered_json;

Answer test_requests(Call& call) {
  const http::Request& request = call.request;
  const std::string product = std::string(base::server_name) + "/" + std::string(base::version);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  // SRS writes the server's own figures under "headers", and its spelling of the first.
  const ordered_json headers{{"sigature", base::server_name},
                             {"version", base::version},
                             {"link", product},
                             {"time", std::chrono::duration_cast<std::chrono::milliseconds>(now).count()}};
  const ordered_json data{
      {"uri", request.target}, {"path", request.path}, {"METHOD", call.jsonp.method}, {"headers", headers}};
  co_return ok(call, ordered_json{{"data", data}});
}

Answer test_errors(Call& call) { co_return error(call, code::test); }

Answer test_redirects(Call&) { co_return http::Reply::redirect(301, "/api/v1/tests/errors"); }

}  // namespace weir::api
