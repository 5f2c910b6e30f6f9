#include "app/api/error.h"
#include "app/api/gb/metrics.h"
#include "app/api/gb/platform_call.h"
#include "app/api/list.h"

// Devices of GB/T 28181: /gb/v1/devices, beyond SRS.
namespace weir::api::gb {

using base::Result;
using session::gb28181::CallRow;
using session::gb28181::ChannelRow;
using session::gb28181::Device;
using session::gb28181::DeviceRow;
using session::gb28181::Totals;

namespace {

void write_device(JsonWriter& out, const DeviceRow& row) {
  const Device& device = row.device;
  out.begin_object()
      .field("id", device.id)
      .field("name", device.name)
      .field("manufacturer", device.manufacturer)
      .field("model", device.model)
      .field("firmware", device.firmware)
      .field("version", device.version)
      .field("online", device.online)
      .field("why", row.why)
      .field("transport", device.source.reliable() ? "tcp" : "udp")
      .field("address", device.source.address)
      .field("port", device.source.port)
      .field("seen_seconds", row.seen_seconds)
      .field("registered_ms",
             std::chrono::duration_cast<std::chrono::milliseconds>(device.registered_at.time_since_epoch()).count())
      .field("keepalives", device.keepalives)
      .field("alarms", device.alarms)
      .field("moves", device.moves)
      .field("channels", row.channel_count)
      .field("catalog", name_of(device.catalog))
      .field("catalog_got", device.catalog_got)
      .field("catalog_total", device.catalog_total)
      .field("subscribed", row.subscribed)
      .field("longitude", device.position.longitude)
      .field("latitude", device.position.latitude)
      .end_object();
}

void write_channel(JsonWriter& out, const ChannelRow& row) {
  out.begin_object()
      .field("id", row.item.id)
      .field("name", row.item.name)
      .field("manufacturer", row.item.manufacturer)
      .field("model", row.item.model)
      .field("parent", row.item.parent)
      .field("civil_code", row.item.civil_code)
      .field("address", row.item.address)
      .field("online", row.item.online)
      .field("ptz_type", row.item.ptz_type)
      .field("longitude", row.item.longitude)
      .field("latitude", row.item.latitude)
      .field("app", row.app)
      .field("stream", row.stream)
      .end_object();
}

void write_call(JsonWriter& out, VhostIds& vhosts, const CallRow& row) {
  out.begin_object()
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("device", row.device)
      .field("channel", row.channel)
      .field("type", name_of(row.purpose))
      .field("state", name_of(row.state))
      .field("state_seconds", row.state_seconds)
      .field("ssrc", row.ssrc)
      .field("expected_at", row.expected)
      .field("transport", name_of(row.transport))
      .field("attempts", row.attempts)
      .field("failures", row.failures)
      .field("file_bytes", row.file_bytes)
      .field("format", row.format)
      .field("packets", row.media.packets)
      .field("bytes", row.media.bytes)
      .field("lost", row.media.lost)
      .field("strangers", row.media.strangers)
      .field("key_frames", row.media.key_frames)
      .field("source", row.media.source)
      .field("why", row.why)
      .end_object();
}

void write_record(JsonWriter& out, const manscdp::RecordItem& item) {
  out.begin_object()
      .field("channel", item.id)
      .field("name", item.name)
      .field("start", item.start)
      .field("end", item.end)
      .field("type", item.type)
      .field("bytes", item.bytes)
      .end_object();
}

Answer list(Call& call) {
  struct Page {
    std::vector<DeviceRow> rows;
    Totals totals;
  };
  const Paging paging = paging_of(call.request);
  std::function<Page(Platform&)> work = [paging](Platform& platform) {
    return Page{platform.devices(paging.start, paging.count), platform.totals()};
  };
  CO_TRY(const auto told, co_await on_platform<Page>(call, std::move(work)));
  const Page& page = *told.value;
  JsonWriter out;
  co_await write_list(out, "devices", page.rows, write_device);
  out.begin_object("totals")
      .field("devices", page.totals.devices)
      .field("online", page.totals.online)
      .field("channels", page.totals.channels)
      .field("calls", page.totals.calls)
      .field("playing", page.totals.playing)
      .end_object();
  co_return ok(call, out);
}

Answer one(Call& call, const std::string& id) {
  std::function<Result<DeviceRow>(Platform&)> work = [id](Platform& platform) { return platform.device(id); };
  CO_TRY(const auto told, co_await on_platform<Result<DeviceRow>>(call, std::move(work)));
  const Result<DeviceRow>& row = *told.value;
  if (!row) co_return refusal(call, row.error());
  JsonWriter out;
  co_await write_list(out, "devices", std::span(&*row, 1), write_device);
  co_return ok(call, out);
}

Answer channels(Call& call, const std::string& id) {
  using Rows = Result<std::vector<ChannelRow>>;
  std::function<Rows(Platform&)> work = [id](Platform& platform) { return platform.channels(id); };
  CO_TRY(const auto told, co_await on_platform<Rows>(call, std::move(work)));
  const Rows& rows = *told.value;
  if (!rows) co_return refusal(call, rows.error());
  JsonWriter out;
  co_await write_list(out, "channels", *rows, write_channel);
  co_return ok(call, out);
}

Answer calls(Call& call, const std::string& id) {
  using Rows = std::vector<CallRow>;
  std::function<Rows(Platform&)> work = [id](Platform& platform) { return platform.calls(id); };
  CO_TRY(const auto told, co_await on_platform<Rows>(call, std::move(work)));
  const Rows& rows = *told.value;
  JsonWriter out;
  VhostIds vhosts(call);
  co_await write_list(out, "calls", rows,
                      [&vhosts](JsonWriter& to, const CallRow& row) { write_call(to, vhosts, row); });
  co_return ok(call, out);
}

Answer records(Call& call, const std::string& id) {
  using Records = Result<Platform::Records>;
  const Said said(call.request);
  const std::string channel = said.text("channel"), start = said.text("start"), end = said.text("end");
  if (start.size() != 19 || end.size() != 19) co_return refusal(call, SignalErrc::bad_request);
  auto pending = std::make_shared<stats::Pending<Told<Records>>>(call.home());
  session::gb28181::SipService& sip = *call.context.gb28181;
  const auto tell = [&home = call.home(), weak = std::weak_ptr(pending)](Records records) {
    home.post([weak, shared = std::make_shared<const Records>(std::move(records))] {
      const auto asker = weak.lock();
      if (!asker) return;
      asker->value = Told<Records>{shared};
      asker->ready.notify();
    });
  };
  sip.worker().post([&sip, id, channel, start, end, tell] {
    const auto asked = sip.platform().query_records(id, channel, start, end, [tell](Platform::Records found) {
      if (found.why) return tell(found.why);
      tell(std::move(found));
    });
    if (!asked) tell(asked.error());
  });
  CO_TRY(const auto told, co_await stats::await_answer(std::move(pending)));
  const Records& found = *told.value;
  if (!found) co_return refusal(call, found.error());
  JsonWriter out;
  co_await write_list(out, "records", found->items, write_record);
  out.field("total", found->total).field("complete", found->complete);
  co_return ok(call, out);
}

}  // namespace

void write_devices(Exposition& out, const Totals& totals) {
  out.metric("weir_gb28181_devices", "gauge", "Devices of GB/T 28181, by state.");
  out.sample(totals.online, {{"state", "online"}});
  out.sample(totals.devices - totals.online, {{"state", "offline"}});
  out.metric("weir_gb28181_channels", "gauge", "Their channels.");
  out.sample(totals.channels);
  out.metric("weir_gb28181_calls", "gauge", "Calls to them, and those of which media is there.");
  out.sample(totals.calls - totals.playing, {{"state", "waiting"}});
  out.sample(totals.playing, {{"state", "playing"}});
  out.metric("weir_gb28181_registrations_total", "counter", "REGISTER requests by what came of them.");
  out.sample(totals.registrations, {{"result", "good"}});
  out.sample(totals.challenges, {{"result", "challenged"}});
  out.sample(totals.bad_passwords, {{"result", "wrong_password"}});
  out.sample(totals.replays, {{"result", "replayed"}});
  out.sample(totals.refused, {{"result", "refused"}});
  out.metric("weir_gb28181_messages_total", "counter", "What devices told, by kind.");
  out.sample(totals.keepalives, {{"kind", "keepalive"}});
  out.sample(totals.alarms, {{"kind", "alarm"}});
  out.sample(totals.positions, {{"kind", "position"}});
  out.metric("weir_gb28181_dropped_total", "counter", "Requests that were not served, by why.");
  out.sample(totals.limited, {{"why", "too_many"}});
  out.sample(totals.bad_messages, {{"why", "malformed"}});
  out.sample(totals.unknown_devices, {{"why", "unknown_device"}});
  out.metric("weir_gb28181_lost_devices_total", "counter", "Devices that fell silent.");
  out.sample(totals.lost);
  out.metric("weir_gb28181_invites_total", "counter", "INVITE requests that were sent.");
  out.sample(totals.invites);
  out.metric("weir_gb28181_failed_calls_total", "counter", "Calls that failed, or lost their media.");
  out.sample(totals.failed_calls);
  out.metric("weir_gb28181_key_frames_asked_total", "counter", "Key frames that devices were asked for.");
  out.sample(totals.key_frames_asked);
  out.metric("weir_gb28181_uppers", "gauge", "Platforms above this server, by whether it is registered there.");
  out.sample(totals.uppers_registered, {{"state", "registered"}});
  out.sample(totals.uppers - totals.uppers_registered, {{"state", "waiting"}});
  out.metric("weir_gb28181_sendings", "gauge", "Streams that these asked for.");
  out.sample(totals.sendings);
  out.metric("weir_gb28181_talks", "gauge", "Sound to loudspeakers of devices, by whether it flows.");
  out.sample(totals.talking, {{"state", "talking"}});
  out.sample(totals.talks - totals.talking, {{"state", "waiting"}});
  out.metric("weir_gb28181_talks_total", "counter", "Such sound that was asked for, and that never flowed.");
  out.sample(totals.talks_begun, {{"result", "asked"}});
  out.sample(totals.talks_failed, {{"result", "failed"}});
  out.metric("weir_gb28181_sip_repeated_total", "counter", "SIP requests that were sent again, and came again.");
  out.sample(totals.repeated, {{"way", "sent"}});
  out.sample(totals.received_again, {{"way", "received"}});
}

}  // namespace weir::api::gb

namespace weir::api {

// /gb/v1/devices, /gb/v1/devices/ID and what is below.
Answer gb_devices(Call& call) {
  using session::gb28181::SignalErrc;
  if (!call.context.gb28181) co_return gb::refusal(call, SignalErrc::no_sip);
  const auto [id_text, what] = base::split_first(call.rest, '/');
  const std::string id(id_text);
  if (!id.empty() && !manscdp::is_id(id)) co_return gb::refusal(call, SignalErrc::no_such_device);
  if (const gb::Command command = gb::command_of(what); command && !id.empty()) {
    if (call.jsonp.method != "POST") co_return method_not_allowed("POST");
    co_return co_await command(call, id);
  }
  if (what == "talk" && !id.empty()) co_return co_await gb::talk(call, id);
  const bool known = what.empty() || (!id.empty() && (what == "channels" || what == "calls" || what == "records"));
  if (!known) co_return error(call, 404, 404);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  if (id.empty()) co_return co_await gb::list(call);
  if (what == "channels") co_return co_await gb::channels(call, id);
  if (what == "calls") co_return co_await gb::calls(call, id);
  if (what == "records") co_return co_await gb::records(call, id);
  co_return co_await gb::one(call, id);
}

}  // namespace weir::api
