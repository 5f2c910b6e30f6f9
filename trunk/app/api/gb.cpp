#include "app/api/gb.h"

#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/services.h"
#include "session/gb28181/media_service.h"

namespace weir::api {

using nlohmann::ordered_json;
using session::gb28181::MediaErrc;
using session::gb28181::MediaService;
using session::gb28181::PublishDoor;

namespace {

constexpr std::size_t most_body = 4 * 1024;

// As SRS says it: a number, and its name for people; ours in words.
http::Reply failure(const Call& call, int code, const std::string& words) {
  return json(call, ordered_json{{"code", code}, {"desc", "GbConfig"}, {"message", words}});
}

int code_of(const base::ErrorCode& why) {
  if (why == MediaErrc::ssrc_taken || why == MediaErrc::stream_taken) return code::stream_busy;
  if (why == MediaErrc::bad_id || why == MediaErrc::bad_ssrc) return code::bad_data;
  if (why == MediaErrc::no_caster) return code::not_available;
  return code::no_port;
}

net::Task<http::Reply> publish(const Call& call, PublishDoor& door, http::Exchange& exchange) {
  const auto bytes = co_await exchange.read_body(most_body);
  if (!bytes) co_return failure(call, code::bad_data, bytes.error().message());
  const auto body = ordered_json::parse(base::as_text(*bytes), nullptr, false);
  const auto text = [&body](const char* name) -> std::optional<std::string> {
    if (!body.is_object()) return std::nullopt;
    const auto found = body.find(name);
    if (found == body.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
  };
  const auto id = text("id"), ssrc = text("ssrc");
  if (!id || !ssrc) {
    co_return failure(call, code::bad_data,
                      std::string("the body has no '") + (id ? "ssrc" : "id") + "', which is a text");
  }
  const auto opened = door.open(*id, *ssrc);
  if (!opened) co_return failure(call, code_of(opened.error()), opened.error().message());
  co_return json(call, ordered_json{{"code", 0}, {"port", opened->port}, {"is_tcp", opened->is_tcp}});
}

net::Task<http::Reply> media(Call& call) {
  using Rows = std::vector<MediaService::Row>;
  std::function<Rows(const MediaService&)> say = [](const MediaService& service) { return service.rows(); };
  const auto all = co_await of_services<Rows>(call, call.context.media, std::move(say));
  if (!all) co_return error(call, code::not_available);
  ordered_json list = ordered_json::array();
  const auto now = std::chrono::steady_clock::now();
  for (const Rows& rows : *all) {
    for (const MediaService::Row& row : rows) {
      if (is_pause(list.size())) co_await pause();
      const auto& f = row.figures;
      ordered_json one{{"vhost", row.vhost},
                       {"app", row.app},
                       {"stream", row.stream},
                       {"port", row.port},
                       {"publishing", f.publishing},
                       {"source", f.source},
                       {"transport", f.source.empty() ? ""
                                     : f.tcp          ? "tcp"
                                                      : "udp"},
                       {"ssrc", f.ssrc},
                       {"packets", f.packets},
                       {"bytes", f.bytes},
                       {"lost", f.lost},
                       {"late", f.late},
                       {"duplicates", f.duplicates},
                       {"strangers", f.strangers},
                       {"frames", f.frames},
                       {"key_frames", f.key_frames},
                       {"damaged", f.damaged},
                       {"why", f.why}};
      if (f.packets > 0) {
        one["last_packet_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(now - f.last_packet).count();
      }
      list.push_back(std::move(one));
    }
  }
  co_return ok(call, ordered_json{{"media", std::move(list)}});
}

}  // namespace

void add_gb_routes(http::Router& router, const Context& context, hub::Hub& hub, PublishDoor& door) {
  const auto add = [&](const std::string& path, http::Handler handler) {
    router.add(path, http::Access::api, handler);
    router.add(path + "/", http::Access::api, std::move(handler));
  };
  add("/gb/v1/publish", [&context, &hub, &door](http::Exchange& exchange) -> net::Task<void> {
    const http::Request& request = exchange.request();
    const Call call{request, context, hub, {.callback = {}, .method = request.method}};
    http::Reply reply = method_not_allowed("POST");
    if (request.method == "POST") reply = co_await publish(call, door, exchange);
    (void)co_await exchange.reply(std::move(reply));
  });
  add("/gb/v1/media", [&context, &hub](http::Exchange& exchange) -> net::Task<void> {
    const http::Request& request = exchange.request();
    Call call{request, context, hub, {.callback = {}, .method = request.method}};
    http::Reply reply = method_not_allowed("GET");
    if (call.reads()) reply = co_await media(call);
    (void)co_await exchange.reply(std::move(reply));
  });
}

}  // namespace weir::api
