#include <nlohmann/json.hpp>

#include <optional>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/stats/ask.h"
#include "base/text.h"
#include "format/manscdp/ptz.h"
#include "session/gb28181/sip_service.h"

// Devices of GB/T 28181 and what they are told to do: /gb/v1/devices, beyond SRS.
namespace weir::api {

namespace {

namespace gb = session::gb28181;
using base::ErrorCode;
using base::Result;
using gb::Platform;
using gb::SignalErrc;

// What a request says, by name.
class Said {
 public:
  explicit Said(const http::Request& request) : request_(request) {}
  std::string text(std::string_view name) const { return request_.query_value(name).value_or(""); }
  // None if it is there and no number up to `most`.
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t usual, std::uint64_t most) const {
    const auto said = request_.query_value(name);
    if (!said) return usual;
    const auto number = base::parse_number(*said);
    return number && *number <= most ? number : std::nullopt;
  }

 private:
  const http::Request& request_;
};

http::Reply refusal(const Call& call, ErrorCode why) {
  int number = 503;
  if (why == SignalErrc::no_such_device || why == SignalErrc::no_such_channel || why == SignalErrc::no_such_call) {
    number = 404;
  } else if (why == SignalErrc::bad_request || why == SignalErrc::not_playback) {
    number = code::bad_request;
  } else if (why == SignalErrc::no_sip) {
    number = code::not_available;
  }
  return json(call, nlohmann::ordered_json{{"code", number}, {"message", why.message()}});
}

// An answer that may be an error of its own, which no Result of a Result can hold beside the end of the connection.
template <class T>
struct Told {
  std::shared_ptr<const T> value;
};

// On the worker of the devices.
template <class T>
net::Task<Result<Told<T>>> on_platform(Call& call, std::function<T(Platform&)> work) {
  gb::SipService& sip = *call.context.gb28181;
  std::function<Told<T>()> there = [&sip, work = std::move(work)] {
    return Told<T>{std::make_shared<const T>(work(sip.platform()))};
  };
  co_return co_await stats::ask<Told<T>>(call.home(), sip.worker(), std::move(there));
}

void write_device(JsonWriter& out, const gb::DeviceRow& row) {
  const gb::Device& device = row.device;
  out.begin_object()
      .field("id", device.id)
      .field("name", device.name)
      .field("manufacturer", device.manufacturer)
      .field("model", device.model)
      .field("firmware", device.firmware)
      .field("version", device.version)
      .field("online", device.online)
      .field("why", row.why)
      .field("transport", device.way.reliable() ? "tcp" : "udp")
      .field("address", device.way.address)
      .field("port", device.way.port)
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
      .field("longitude", device.position.longitude)
      .field("latitude", device.position.latitude)
      .end_object();
}

void write_channel(JsonWriter& out, const gb::ChannelRow& row) {
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

void write_call(JsonWriter& out, VhostIds& vhosts, const gb::CallRow& row) {
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
      .field("packets", row.media.packets)
      .field("bytes", row.media.bytes)
      .field("lost", row.media.lost)
      .field("strangers", row.media.strangers)
      .field("key_frames", row.media.key_frames)
      .field("source", row.media.source)
      .field("why", row.why)
      .end_object();
}

Answer list(Call& call) {
  struct Page {
    std::vector<gb::DeviceRow> rows;
    gb::Totals totals;
  };
  const Paging paging = paging_of(call.request);
  std::function<Page(Platform&)> work = [paging](Platform& platform) {
    return Page{platform.devices(paging.start, paging.count), platform.totals()};
  };
  CO_TRY(const auto told, co_await on_platform<Page>(call, std::move(work)));
  const Page& page = *told.value;
  JsonWriter out;
  out.begin_array("devices");
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    write_device(out, page.rows[i]);
    if (is_pause(i)) co_await pause();
  }
  out.end_array()
      .begin_object("totals")
      .field("devices", page.totals.devices)
      .field("online", page.totals.online)
      .field("channels", page.totals.channels)
      .field("calls", page.totals.calls)
      .field("playing", page.totals.playing)
      .end_object();
  co_return ok(call, out);
}

Answer one(Call& call, const std::string& id) {
  std::function<Result<gb::DeviceRow>(Platform&)> work = [id](Platform& platform) { return platform.device(id); };
  CO_TRY(const auto told, co_await on_platform<Result<gb::DeviceRow>>(call, std::move(work)));
  const Result<gb::DeviceRow>& row = *told.value;
  if (!row) co_return refusal(call, row.error());
  JsonWriter out;
  out.begin_array("devices");
  write_device(out, *row);
  out.end_array();
  co_return ok(call, out);
}

Answer channels(Call& call, const std::string& id) {
  using Rows = Result<std::vector<gb::ChannelRow>>;
  std::function<Rows(Platform&)> work = [id](Platform& platform) { return platform.channels(id); };
  CO_TRY(const auto told, co_await on_platform<Rows>(call, std::move(work)));
  const Rows& rows = *told.value;
  if (!rows) co_return refusal(call, rows.error());
  JsonWriter out;
  out.begin_array("channels");
  for (std::size_t i = 0; i < rows->size(); ++i) {
    write_channel(out, (*rows)[i]);
    if (is_pause(i)) co_await pause();
  }
  out.end_array();
  co_return ok(call, out);
}

Answer calls(Call& call, const std::string& id) {
  using Rows = std::vector<gb::CallRow>;
  std::function<Rows(Platform&)> work = [id](Platform& platform) { return platform.calls(id); };
  CO_TRY(const auto told, co_await on_platform<Rows>(call, std::move(work)));
  const Rows& rows = *told.value;
  JsonWriter out;
  VhostIds vhosts(call);
  out.begin_array("calls");
  for (const gb::CallRow& row : rows) write_call(out, vhosts, row);
  out.end_array();
  co_return ok(call, out);
}

Answer invite(Call& call, const std::string& id) {
  const Said said(call.request);
  Platform::Ask ask{.device = id, .channel = said.text("channel")};
  const std::string type = said.text("type");
  const auto start = said.number("start", 0, 1ULL << 40), end = said.number("end", 0, 1ULL << 40);
  const auto speed = said.number("speed", 1, 64);
  if (!start || !end || !speed) co_return refusal(call, SignalErrc::bad_request);
  if (type == "playback") {
    ask.purpose = gb::Purpose::playback;
  } else if (type == "download") {
    ask.purpose = gb::Purpose::download;
  } else if (!type.empty() && type != "live") {
    co_return refusal(call, SignalErrc::bad_request);
  }
  ask.span = {static_cast<std::int64_t>(*start), static_cast<std::int64_t>(*end)};
  ask.speed = static_cast<unsigned>(*speed);
  using Key = Result<base::StreamKey>;
  std::function<Key(Platform&)> work = [ask](Platform& platform) { return platform.invite(ask); };
  CO_TRY(const auto told, co_await on_platform<Key>(call, std::move(work)));
  const Key& key = *told.value;
  if (!key) co_return refusal(call, key.error());
  JsonWriter out;
  VhostIds vhosts(call);
  out.field("vhost", vhosts.of(key->vhost)).field("app", key->app).field("stream", key->stream);
  co_return ok(call, out);
}

// What is done and answered with a code alone.
Answer done(Call& call, std::function<Result<void>(Platform&)> work) {
  CO_TRY(const auto told, co_await on_platform<Result<void>>(call, std::move(work)));
  if (!*told.value) co_return refusal(call, told.value->error());
  co_return ok(call, JsonWriter());
}

std::optional<std::string> ptz_of(const Said& said) {
  const auto speed = said.number("speed", 128, 255), zoom_speed = said.number("zoom_speed", 0x80, 255);
  if (!speed || !zoom_speed) return std::nullopt;
  const auto one_of = [&](std::string_view name, std::string_view first,
                          std::string_view second) -> std::optional<int> {
    const std::string text = said.text(name);
    if (text.empty()) return 0;
    if (text == first) return 1;
    if (text == second) return 2;
    return std::nullopt;
  };
  const auto focus = one_of("focus", "near", "far"), iris = one_of("iris", "open", "close");
  const auto pan = one_of("pan", "left", "right"), tilt = one_of("tilt", "up", "down");
  const auto zoom = one_of("zoom", "in", "out");
  if (!focus || !iris || !pan || !tilt || !zoom) return std::nullopt;
  const auto value = static_cast<std::uint8_t>(*speed);
  if (*focus != 0) return manscdp::ptz_lens(*focus == 1 ? manscdp::Lens::focus_near : manscdp::Lens::focus_far, value);
  if (*iris != 0) return manscdp::ptz_lens(*iris == 1 ? manscdp::Lens::iris_open : manscdp::Lens::iris_close, value);
  using Move = manscdp::PtzMove;
  return manscdp::ptz_move({.pan = static_cast<Move::Pan>(*pan),
                            .tilt = static_cast<Move::Tilt>(*tilt),
                            .zoom = static_cast<Move::Zoom>(*zoom),
                            .pan_speed = value,
                            .tilt_speed = value,
                            .zoom_speed = static_cast<std::uint8_t>(*zoom_speed)});
}

std::optional<std::string> preset_of(const Said& said) {
  const auto number = said.number("number", 0, 255);
  if (!number || *number == 0) return std::nullopt;
  const std::string what = said.text("do");
  const auto value = static_cast<std::uint8_t>(*number);
  if (what == "call" || what.empty()) return manscdp::ptz_preset(manscdp::Preset::call, value);
  if (what == "set") return manscdp::ptz_preset(manscdp::Preset::set, value);
  if (what == "remove") return manscdp::ptz_preset(manscdp::Preset::remove, value);
  return std::nullopt;
}

Answer command(Call& call, const std::string& id, std::string name, std::optional<std::string> value) {
  if (!value) co_return refusal(call, SignalErrc::bad_request);
  const std::string channel = Said(call.request).text("channel");
  co_return co_await done(call, [id, channel, name = std::move(name), value = *std::move(value)](Platform& platform) {
    return platform.command(id, channel, name, value);
  });
}

base::StreamKey key_of(const Said& said) {
  const std::string vhost = said.text("vhost");
  return {vhost.empty() ? std::string(config::default_vhost_name) : vhost, said.text("app"), said.text("stream")};
}

Answer control(Call& call) {
  const Said said(call.request);
  using Action = manscdp::Playback::Action;
  const std::string what = said.text("do");
  const auto seconds = said.number("seconds", 0, 1ULL << 32);
  manscdp::Playback playback;
  if (!seconds) co_return refusal(call, SignalErrc::bad_request);
  if (what == "pause") {
    playback.action = Action::pause;
  } else if (what == "seek") {
    playback = {.action = Action::seek, .seconds = static_cast<double>(*seconds)};
  } else if (what == "scale") {
    // "0.25", "4", "-1": what a device can do is its matter.
    const std::string text = said.text("scale");
    char* end = nullptr;
    const double factor = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(factor >= -64 && factor <= 64) || factor == 0) {
      co_return refusal(call, SignalErrc::bad_request);
    }
    playback = {.action = Action::scale, .factor = factor};
  } else if (what != "play") {
    co_return refusal(call, SignalErrc::bad_request);
  }
  co_return co_await done(
      call, [key = key_of(said), playback](Platform& platform) { return platform.control(key, playback); });
}

Answer records(Call& call, const std::string& id) {
  using Records = Result<Platform::Records>;
  const Said said(call.request);
  const std::string channel = said.text("channel"), start = said.text("start"), end = said.text("end");
  if (start.size() != 19 || end.size() != 19) co_return refusal(call, SignalErrc::bad_request);
  auto pending = std::make_shared<stats::Pending<Told<Records>>>(call.home());
  gb::SipService& sip = *call.context.gb28181;
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
  out.begin_array("records");
  for (const manscdp::RecordItem& item : found->items) {
    out.begin_object()
        .field("channel", item.id)
        .field("name", item.name)
        .field("start", item.start)
        .field("end", item.end)
        .field("type", item.type)
        .field("bytes", item.bytes)
        .end_object();
  }
  out.end_array().field("total", found->total).field("complete", found->complete);
  co_return ok(call, out);
}

}  // namespace

// /gb/v1/devices, /gb/v1/devices/ID and what is below.
Answer gb28181_devices(Call& call) {
  if (!call.context.gb28181)
    co_return json(call,
                   nlohmann::ordered_json{{"code", code::not_available}, {"message", describe(SignalErrc::no_sip)}},
                   code::not_available);
  const auto [id_text, what] = base::split_first(call.rest, '/');
  const std::string id(id_text);
  const bool posts = call.jsonp.method == "POST";
  if (id.empty()) {
    if (!call.reads()) co_return method_not_allowed("GET, HEAD");
    co_return co_await list(call);
  }
  if (!manscdp::is_id(id)) co_return refusal(call, SignalErrc::no_such_device);
  if (what.empty() || what == "channels" || what == "calls" || what == "records") {
    if (!call.reads()) co_return method_not_allowed("GET, HEAD");
    if (what == "channels") co_return co_await channels(call, id);
    if (what == "calls") co_return co_await calls(call, id);
    if (what == "records") co_return co_await records(call, id);
    co_return co_await one(call, id);
  }
  const Said said(call.request);
  if (what != "invite" && what != "bye" && what != "ptz" && what != "preset" && what != "key_frame" &&
      what != "refresh" && what != "control") {
    co_return error(call, 404, 404);
  }
  if (!posts) co_return method_not_allowed("POST");
  if (what == "invite") co_return co_await invite(call, id);
  if (what == "ptz") co_return co_await command(call, id, "PTZCmd", ptz_of(said));
  if (what == "preset") co_return co_await command(call, id, "PTZCmd", preset_of(said));
  if (what == "key_frame") co_return co_await command(call, id, "IFameCmd", "Send");
  if (what == "control") co_return co_await control(call);
  if (what == "refresh") co_return co_await done(call, [id](Platform& platform) { return platform.refresh(id); });
  co_return co_await done(call, [key = key_of(said)](Platform& platform) { return platform.bye(key); });
}

}  // namespace weir::api
