#include <nlohmann/json.hpp>

#include "app/api/error.h"
#include "app/api/gb/platform_call.h"
#include "format/manscdp/ptz.h"

// What devices of GB/T 28181 are told to do: POST /gb/v1/devices/ID/...
namespace weir::api::gb {

using base::Result;
using session::gb28181::Purpose;

http::Reply refusal(const Call& call, base::ErrorCode why) {
  int number = 503;
  if (why == SignalErrc::no_such_device || why == SignalErrc::no_such_channel || why == SignalErrc::no_such_call) {
    number = 404;
  } else if (why == SignalErrc::bad_request || why == SignalErrc::not_playback) {
    number = code::bad_request;
  } else if (why == SignalErrc::talking) {
    number = 409;
  } else if (why == SignalErrc::no_sip) {
    number = code::not_available;
  }
  return json(call, nlohmann::ordered_json{{"code", number}, {"message", why.message()}},
              why == SignalErrc::no_sip ? code::not_available : 200);
}

namespace {

Answer invite(Call& call, const std::string& id) {
  const Said said(call.request);
  Platform::Ask ask{.device = id, .channel = said.text("channel")};
  const std::string type = said.text("type");
  const auto start = said.number("start", 0, 1ULL << 40), end = said.number("end", 0, 1ULL << 40);
  const auto speed = said.number("speed", 1, 64);
  if (!start || !end || !speed) co_return refusal(call, SignalErrc::bad_request);
  if (type == "playback") {
    ask.purpose = Purpose::playback;
  } else if (type == "download") {
    ask.purpose = Purpose::download;
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

Answer control(Call& call, const std::string&) {
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

Answer ptz(Call& call, const std::string& id) {
  co_return co_await command(call, id, "PTZCmd", ptz_of(Said(call.request)));
}
Answer preset(Call& call, const std::string& id) {
  co_return co_await command(call, id, "PTZCmd", preset_of(Said(call.request)));
}
Answer key_frame(Call& call, const std::string& id) { co_return co_await command(call, id, "IFameCmd", "Send"); }
Answer refresh(Call& call, const std::string& id) {
  co_return co_await done(call, [id](Platform& platform) { return platform.refresh(id); });
}
Answer bye(Call& call, const std::string&) {
  co_return co_await done(call, [key = key_of(Said(call.request))](Platform& platform) { return platform.bye(key); });
}

}  // namespace

Command command_of(std::string_view name) {
  constexpr std::pair<std::string_view, Command> commands[] = {
      {"invite", invite},       {"bye", bye},        {"control", control}, {"ptz", ptz}, {"preset", preset},
      {"key_frame", key_frame}, {"refresh", refresh}};
  for (const auto& [known, command] : commands) {
    if (known == name) return command;
  }
  return nullptr;
}

}  // namespace weir::api::gb
