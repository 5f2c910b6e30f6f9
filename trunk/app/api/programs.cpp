#include "app/api/services.h"

namespace weir::api {

namespace {

void write(JsonWriter& out, VhostIds& vhosts, const ffmpeg::Row& row) {
  out.begin_object()
      .field("name", row.name)
      .field("vhost", vhosts.of(row.vhost))
      .field("running", row.running)
      .field("starts", row.starts)
      .field("error", row.fault);
  if (row.pipe) {
    out.begin_object("pipe")
        .field("makes", row.pipe->makes)
        .field("format", row.pipe->format)
        .field("read_bytes", row.pipe->read_bytes)
        .field("written_bytes", row.pipe->written_bytes)
        .field("frames", row.pipe->frames)
        .field("skips", row.pipe->skips)
        .field("behind_seconds", row.pipe->behind_seconds)
        .end_object();
  }
  out.end_object();
}

}  // namespace

// beyond SRS
Answer programs(Call& call) { co_return co_await list_rows(call, call.context.programs, "programs", write); }

}  // namespace weir::api
