#include "app/api/changes.h"
#include "app/api/services.h"
#include "app/api/transport.h"

namespace weir::api {

namespace {

using session::forward::Command;
using session::forward::Row;

void write(JsonWriter& out, VhostIds& vhosts, const Row& row) {
  out.begin_object()
      .field("name", row.name)
      .field("added", row.by_api)
      .field("id", row.id)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("target", row.target)
      .field("audio", row.audio)
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("next_try_seconds", row.next_try_seconds)
      .field("behind_seconds", row.behind_seconds)
      .field("attempts", row.work.attempts)
      .field("failures", row.work.failures)
      .field("skips", row.work.skips)
      .field("drops", row.work.drops)
      .field("send_bytes", row.work.bytes)
      .field("error", row.error);
  if (row.transport) write_transport(out, *row.transport);
  out.end_object();
}

}  // namespace

// beyond SRS
Answer forwards(Call& call) {
  if (call.jsonp.method == "DELETE") co_return co_await remove_entry(call, "push");
  if (call.jsonp.method == "POST" && call.rest.empty()) co_return co_await add_entry(call, "push");
  if (!call.rest.empty()) {
    if (call.rest != "start" && call.rest != "stop") co_return error(call, 404, 404);
    if (call.jsonp.method != "POST") co_return method_not_allowed("POST");
    const Command what = call.rest == "start" ? Command::start : Command::stop;
    co_return co_await command_services(call, call.context.forwards, what, "all targets");
  }
  co_return co_await list_rows(call, call.context.forwards, "forwards", write);
}

}  // namespace weir::api
