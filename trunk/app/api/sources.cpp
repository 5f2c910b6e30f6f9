#include <optional>

#include "app/api/changes.h"
#include "app/api/services.h"

namespace weir::api {

namespace {

using session::pull::Command;
using session::pull::Row;

void write(JsonWriter& out, VhostIds& vhosts, const Row& row) {
  out.begin_object()
      .field("name", row.name)
      .field("id", row.id)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("source", row.source)
      .field("on_demand", row.on_demand)
      .field("priority", row.priority)
      .field("standby", row.standby)
      .field("added", row.by_api)
      .field("active", row.active)
      .field("pinned", row.pinned)
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("next_try_seconds", row.next_try_seconds)
      .field("restart_seconds", row.restart_seconds)
      .field("attempts", row.work.attempts)
      .field("failures", row.work.failures)
      .field("recv_bytes", row.work.bytes)
      .field("strangers", row.work.strangers)
      .field("error", row.error)
      .end_object();
}

std::optional<Command> command_of(std::string_view text) {
  if (text == "start") return Command::start;
  if (text == "stop") return Command::stop;
  if (text == "pin") return Command::pin;
  if (text == "unpin") return Command::unpin;
  return std::nullopt;
}

}  // namespace

// beyond SRS
Answer sources(Call& call) {
  if (call.jsonp.method == "DELETE") co_return co_await remove_entry(call, "source");
  if (call.jsonp.method == "POST" && call.rest.empty()) co_return co_await add_entry(call, "source");
  if (!call.rest.empty()) {
    const auto what = command_of(call.rest);
    if (!what) co_return error(call, 404, 404);
    if (call.jsonp.method != "POST") co_return method_not_allowed("POST");
    if (*what == Command::pin && call.request.query_value("name").value_or("").empty())
      co_return error(call, code::bad_request, 400);
    co_return co_await command_services(call, call.context.pulls, *what, "all sources");
  }
  co_return co_await list_rows(call, call.context.pulls, "sources", write);
}

}  // namespace weir::api
