#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/services.h"

namespace weir::api {

using ffmpeg::Row;
using ffmpeg::Service;

// beyond SRS
Answer programs(Call& call) {
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  std::function<std::vector<Row>(const Service&)> say = [](const Service& service) { return service.rows(); };
  CO_TRY(const auto all, co_await of_services(call, call.context.programs, std::move(say)));
  JsonWriter out;
  VhostIds vhosts(call);
  out.begin_array("programs");
  for (const auto& rows : all) {
    for (const Row& row : rows) {
      out.begin_object()
          .field("name", row.name)
          .field("vhost", vhosts.of(row.vhost))
          .field("running", row.running)
          .field("starts", row.starts)
          .field("error", row.fault)
          .end_object();
    }
  }
  out.end_array();
  co_return ok(call, out);
}

}  // namespace weir::api
