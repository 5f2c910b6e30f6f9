#include <nlohmann/json.hpp>

#include "app/api/services.h"
#include "session/gb28181/publish_door.h"

// GB28181 for those who do the signalling themselves: SRS's POST /gb/v1/publish/, which opens a place for the media of
// a device, and ours, GET /gb/v1/media/, which tells what came to each place.
namespace weir::api {

using nlohmann::ordered_json;
using session::gb28181::MediaErrc;

namespace {

using MediaRow = session::gb28181::MediaService::Row;

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

void write(JsonWriter& out, VhostIds&, const MediaRow& row) {
  const auto& f = row.figures;
  out.begin_object()
      .field("vhost", row.vhost)
      .field("app", row.app)
      .field("stream", row.stream)
      .field("port", row.port)
      .field("publishing", f.publishing)
      .field("source", f.source)
      .field("transport", f.source.empty() ? ""
                          : f.tcp          ? "tcp"
                                           : "udp")
      .field("ssrc", f.ssrc)
      .field("packets", f.packets)
      .field("bytes", f.bytes)
      .field("lost", f.lost)
      .field("late", f.late)
      .field("duplicates", f.duplicates)
      .field("strangers", f.strangers)
      .field("frames", f.frames)
      .field("key_frames", f.key_frames)
      .field("damaged", f.damaged)
      .field("why", f.why);
  if (f.packets > 0) {
    const auto ago = std::chrono::steady_clock::now() - f.last_packet;
    out.field("last_packet_ms", std::chrono::duration_cast<std::chrono::milliseconds>(ago).count());
  }
  out.end_object();
}

}  // namespace

Answer gb_publish(Call& call) {
  if (call.context.doors.empty() || !call.exchange) {
    co_return error(call, code::not_available, code::not_available);
  }
  if (call.request.method != "POST") co_return method_not_allowed("POST");
  const auto bytes = co_await call.exchange->read_body(most_body);
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
  const auto opened = call.context.doors[static_cast<std::size_t>(call.home().index())]->open(
      *id, *ssrc, call.exchange->client_address());
  if (!opened) co_return failure(call, code_of(opened.error()), opened.error().message());
  co_return json(call, ordered_json{{"code", 0}, {"port", opened->port}, {"is_tcp", opened->is_tcp}});
}

Answer gb_media(Call& call) {
  if (call.context.media.empty()) co_return error(call, code::not_available, code::not_available);
  co_return co_await list_rows(call, call.context.media, "media", write);
}

}  // namespace weir::api
