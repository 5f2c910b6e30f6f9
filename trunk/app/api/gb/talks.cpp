#include "app/api/gb/platform_call.h"
#include "app/api/list.h"

// Sound to loudspeakers of devices of GB/T 28181: /gb/v1/devices/ID/talk, beyond SRS.
namespace weir::api::gb {

using base::Result;
using session::gb28181::TalkRow;
using session::gb28181::TalkWay;

namespace {

void write_talk(JsonWriter& out, VhostIds& vhosts, const TalkRow& row) {
  out.begin_object()
      .field("device", row.device)
      .field("channel", row.target)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("type", name_of(row.way))
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("to", row.to)
      .field("transport", name_of(row.transport))
      .field("codec", row.codec)
      .field("program_stream", row.in_program_stream)
      .field("ssrc", row.ssrc)
      .field("packets", row.figures.packets)
      .field("bytes", row.figures.bytes)
      .field("skips", row.figures.skips)
      .field("why", row.why)
      .end_object();
}

Answer list(Call& call, const std::string& id) {
  using Rows = std::vector<TalkRow>;
  std::function<Rows(Platform&)> work = [id](Platform& platform) { return platform.talks(id); };
  CO_TRY(const auto told, co_await on_platform<Rows>(call, std::move(work)));
  JsonWriter out;
  VhostIds vhosts(call);
  co_await write_list(out, "talks", *told.value,
                      [&vhosts](JsonWriter& to, const TalkRow& row) { write_talk(to, vhosts, row); });
  co_return ok(call, out);
}

Answer begin(Call& call, const std::string& id) {
  const Said said(call.request);
  Platform::TalkAsk ask{.device = id,
                        .channel = said.text("channel"),
                        .vhost = said.text("vhost"),
                        .app = said.text("app"),
                        .stream = said.text("stream")};
  const std::string type = said.text("type");
  if (type == "talk") {
    ask.way = TalkWay::talk;
  } else if (!type.empty() && type != "broadcast") {
    co_return refusal(call, SignalErrc::bad_request);
  }
  std::function<Result<std::string>(Platform&)> work = [ask](Platform& platform) { return platform.talk(ask); };
  CO_TRY(const auto told, co_await on_platform<Result<std::string>>(call, std::move(work)));
  const Result<std::string>& channel = *told.value;
  if (!channel) co_return refusal(call, channel.error());
  JsonWriter out;
  out.field("channel", *channel);
  co_return ok(call, out);
}

Answer end(Call& call, const std::string& id) {
  const std::string channel = Said(call.request).text("channel");
  std::function<Result<void>(Platform&)> work = [id, channel](Platform& platform) {
    return platform.end_talk(id, channel);
  };
  CO_TRY(const auto told, co_await on_platform<Result<void>>(call, std::move(work)));
  if (!*told.value) co_return refusal(call, told.value->error());
  co_return ok(call, JsonWriter());
}

}  // namespace

Answer talk(Call& call, const std::string& id) {
  if (call.reads()) co_return co_await list(call, id);
  if (call.jsonp.method == "POST") co_return co_await begin(call, id);
  if (call.jsonp.method == "DELETE") co_return co_await end(call, id);
  co_return method_not_allowed("GET, HEAD, POST, DELETE");
}

}  // namespace weir::api::gb
