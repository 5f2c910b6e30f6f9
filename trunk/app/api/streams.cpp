#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

ordered_json video_json(const stats::PublishRow& row) {
  if (!row.video) return nullptr;
  return {{"codec", row.video->codec},
          {"profile", row.video->profile.empty() ? "Other" : row.video->profile},
          {"level", row.video->level.empty() ? "Other" : row.video->level},
          {"width", row.video->width},
          {"height", row.video->height}};
}

ordered_json audio_json(const stats::PublishRow& row) {
  if (!row.audio) return nullptr;
  return {{"codec", row.audio->codec},
          {"sample_rate", row.audio->sample_rate},
          {"channel", row.audio->channels},
          {"profile", row.audio->profile.empty() ? "Other" : row.audio->profile}};
}

ordered_json stream_json(const Call& call, const stats::StreamRow& row) {
  const stats::PublishRow none;
  const stats::PublishRow& publish = row.publish ? *row.publish : none;
  ordered_json publish_field{{"active", row.publish.has_value()}};
  if (row.publish) publish_field["cid"] = publish.client_id;
  ordered_json body{{"id", row.id},
                    {"name", row.name},
                    {"vhost", call.context.statistics.vhost_id(row.vhost)},
                    {"app", row.app},
                    {"tcUrl", row.tc_url},
                    {"url", row.url},
                    {"live_ms", now_ms()},
                    {"clients", row.clients},
                    {"frames", publish.video_frames},
                    {"send_bytes", row.traffic.sent_bytes},
                    {"recv_bytes", row.traffic.received_bytes},
                    {"kbps", kbps_of(row.traffic)},
                    {"publish", std::move(publish_field)},
                    {"video", video_json(publish)},
                    {"audio", audio_json(publish)}};
  if (row.publish) {  // beyond SRS
    body["fps"] = publish.frames_per_second;
    body["audio_frames"] = publish.audio_frames;
    body["gop_ms"] = publish.gop_ms;
    body["key_age_ms"] = publish.key_age_ms;
  }
  return body;
}

Answer kick(Call& call) {
  CO_TRY(const auto count, co_await call.context.statistics.kick_stream(call.home(), call.rest, Errc::kicked));
  if (!count) co_return error(call, code::no_stream);
  co_return ok(call, ordered_json{{"kicked", *count}});
}

}  // namespace

Answer streams(Call& call) {
  stats::Statistics& statistics = call.context.statistics;
  if (call.jsonp.method == "DELETE" && !call.rest.empty()) co_return co_await kick(call);  // beyond SRS
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, DELETE");
  if (!call.rest.empty()) {
    CO_TRY(const auto row, co_await statistics.stream(call.home(), call.rest));
    if (!row) co_return error(call, code::no_stream);
    co_return ok(call, ordered_json{{"stream", stream_json(call, *row)}});
  }
  const Paging paging = paging_of(call.request);
  CO_TRY(const auto page,
         co_await statistics.streams(call.home(), filter_of(call.request), paging.start, paging.count));
  ordered_json list = ordered_json::array();
  for (const auto& row : page.rows) list.push_back(stream_json(call, row));
  co_return ok(call, ordered_json{{"streams", std::move(list)}, {"total", page.total}});
}

}  // namespace weir::api
