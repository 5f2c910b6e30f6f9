#include "app/api/error.h"
#include "app/api/gb/platform_call.h"
#include "app/api/list.h"

// Platforms of GB/T 28181 above this server, and what they are sent: GET /gb/v1/uppers/, beyond SRS.
namespace weir::api {

namespace {

using session::gb28181::SendRow;
using session::gb28181::UpperRow;

void write_sending(JsonWriter& out, VhostIds& vhosts, const SendRow& row) {
  out.begin_object()
      .field("channel", row.channel)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("state", row.state)
      .field("to", row.to)
      .field("transport", name_of(row.transport))
      .field("ssrc", row.ssrc)
      .field("packets", row.figures.packets)
      .field("bytes", row.figures.bytes)
      .field("skips", row.figures.skips)
      .end_object();
}

void write_upper(JsonWriter& out, VhostIds& vhosts, const UpperRow& row) {
  out.begin_object()
      .field("name", row.name)
      .field("server", row.server)
      .field("id", row.id)
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("next_try_seconds", row.next_try_seconds)
      .field("why", row.why)
      .field("channels", row.channels)
      .field("registrations", row.registrations)
      .field("failures", row.failures)
      .field("keepalives", row.keepalives)
      .field("invites", row.invites)
      .field("refused", row.refused)
      .field("subscriptions", row.watched)
      .field("told", row.told)
      .begin_array("calls");
  for (const SendRow& call : row.calls) write_sending(out, vhosts, call);
  out.end_array().end_object();
}

}  // namespace

Answer gb_uppers(Call& call) {
  if (!call.context.gb28181) co_return gb::refusal(call, session::gb28181::SignalErrc::no_sip);
  if (!call.rest.empty()) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  using Rows = std::vector<UpperRow>;
  std::function<Rows(gb::Platform&)> work = [](gb::Platform& platform) { return platform.uppers(); };
  CO_TRY(const auto told, co_await gb::on_platform<Rows>(call, std::move(work)));
  JsonWriter out;
  VhostIds vhosts(call);
  co_await write_list(out, "uppers", *told.value,
                      [&vhosts](JsonWriter& to, const UpperRow& row) { write_upper(to, vhosts, row); });
  co_return ok(call, out);
}

}  // namespace weir::api
