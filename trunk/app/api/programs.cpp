#include "app/api/services.h"

namespace weir::api {

namespace {

void write(JsonWriter& out, VhostIds& vhosts, const ffmpeg::Row& row) {
  out.begin_object()
      .field("name", row.name)
      .field("vhost", vhosts.of(row.vhost))
      .field("running", row.running)
      .field("starts", row.starts)
      .field("error", row.fault)
      .end_object();
}

}  // namespace

// beyond SRS
Answer programs(Call& call) { co_return co_await list_rows(call, call.context.programs, "programs", write); }

}  // namespace weir::api
