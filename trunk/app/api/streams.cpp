#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/transport_stream.h"
#include "base/wall_time.h"

namespace weir::api {

namespace {

std::string_view known(const std::string& text) { return text.empty() ? "Other" : std::string_view(text); }

void write_video(JsonWriter& out, const stats::PublishRow& row) {
  if (!row.video) {
    out.null("video");
    return;
  }
  out.begin_object("video")
      .field("codec", row.video->codec)
      .field("profile", known(row.video->profile))
      .field("level", known(row.video->level))
      .field("width", row.video->width)
      .field("height", row.video->height)
      .end_object();
}

void write_audio(JsonWriter& out, const stats::PublishRow& row) {
  if (!row.audio) {
    out.null("audio");
    return;
  }
  out.begin_object("audio")
      .field("codec", row.audio->codec)
      .field("sample_rate", row.audio->sample_rate)
      .field("channel", row.audio->channels)
      .field("profile", known(row.audio->profile))
      .end_object();
}

// APP/STREAM.jpg.
bool has_pictures(const config::Config& config, const std::string& name) {
  const auto vhost = config.match_vhost(name);
  return vhost && vhost->snapshot.enabled;
}

void write_stream(const Call& call, JsonWriter& out, VhostIds& vhosts, const stats::StreamRow& row) {
  const stats::PublishRow none;
  // Keys of publishers stand behind the '?', and may be the names themselves.
  const bool hidden = !call.trusted && call.config().http_api.hide_stream_names;
  const std::string tc_url = hidden         ? std::string()
                             : call.trusted ? row.tc_url
                                            : row.tc_url.substr(0, row.tc_url.find('?'));
  const stats::PublishRow& publish = row.publish ? *row.publish : none;
  out.field("id", row.id)
      .field("name", hidden ? row.id : row.name)
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("tcUrl", tc_url)
      .field("url", hidden ? "/" + row.app + "/" + row.id : row.url)
      .field("live_ms", base::wall_time_ms())
      .field("clients", row.clients)
      .field("frames", publish.video_frames);
  write_traffic(out, row.traffic);
  out.begin_object("publish").field("active", row.publish.has_value());
  if (row.publish) out.field("cid", publish.client_id);
  out.end_object();
  write_video(out, publish);
  write_audio(out, publish);
  // beyond SRS
  if (publish.video && has_pictures(call.config(), row.vhost)) out.field("poster", true);
  out.begin_object("players");
  for (std::size_t i = 0; i < row.players.size(); ++i) {
    if (row.players[i] > 0) out.field(stats::protocol_names[i], row.players[i]);
  }
  out.end_object().field("skips", row.skips).field("errors", row.errors);
  if (row.home) {
    out.begin_object("source")
        .field("state", std::string_view(row.home->interrupted ? row.home->slate ? "slate" : "interrupted" : "live"))
        .field("active", row.home->active)
        .field("inputs", row.home->inputs)
        .field("switches", row.home->switches)
        .end_object();
  }
  if (row.home && row.home->derived) {
    const stats::DerivedRow& derived = *row.home->derived;
    out.begin_object("derived_audio")
        .field("from", derived.from)
        .field("to", derived.to)
        .field("state", derived.state)
        .field("why", derived.why)
        .field("frames", derived.frames)
        .field("dropped", derived.dropped)
        .end_object();
  }
  if (!row.publish) return;
  out.field("type", publish.type)
      .field("fps", publish.frames_per_second)
      .field("video_kbps", publish.video_kbps)
      .field("audio_kbps", publish.audio_kbps)
      .field("audio_frames", publish.audio_frames)
      .field("gop_ms", publish.gop_ms)
      .field("key_age_ms", publish.key_age_ms);
  if (publish.transport_stream) {
    const media::TransportStream& comes = *publish.transport_stream;
    out.field("ts_pass_through", comes.passes)
        .field("ts_packets_through", comes.passed_packets)
        .field("ts_timed_by_clock", comes.timed_by_clock)
        .field("ts_without_time", comes.without_time);
    if (comes.analysed) write_transport_stream(out, comes);
  }
  out.begin_array("left_out");
  for (const stats::LeftOutRow& one : publish.left_out) {
    out.begin_object().field("track", one.track).field("codec", one.codec).begin_array("outputs");
    for (const std::string& output : one.outputs) out.field({}, output);
    out.end_array().end_object();
  }
  out.end_array();
}

Answer kick(Call& call) {
  CO_TRY(const auto count, co_await call.context.statistics.kick_stream(call.home(), call.rest, Errc::kicked));
  if (!count) co_return error(call, code::no_stream);
  JsonWriter out;
  co_return ok(call, out.field("kicked", *count));
}

}  // namespace

Answer streams(Call& call) {
  stats::Statistics& statistics = call.context.statistics;
  if (call.jsonp.method == "DELETE" && !call.rest.empty()) co_return co_await kick(call);  // beyond SRS
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, DELETE");
  JsonWriter out;
  VhostIds vhosts(call);
  if (!call.rest.empty()) {
    CO_TRY(const auto row, co_await statistics.stream(call.home(), call.rest));
    if (!row) co_return error(call, code::no_stream);
    out.begin_object("stream");
    write_stream(call, out, vhosts, *row);
    co_return ok(call, out.end_object());
  }
  const Paging paging = paging_of(call.request);
  stats::Filter filter = filter_of(call.request);
  // Names that are hidden are not to be guessed letter by letter.
  if (!call.trusted && call.config().http_api.hide_stream_names) filter.contains.clear();
  CO_TRY(const auto page, co_await statistics.streams(call.home(), std::move(filter), paging.start, paging.count));
  out.begin_array("streams");
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    out.begin_object();
    write_stream(call, out, vhosts, page.rows[i]);
    out.end_object();
    if (is_pause(i)) co_await pause();
  }
  co_return ok(call, out.end_array().field("total", page.total));
}

Answer page_streams(Call& call) {
  if (!call.config().http_api.enabled) co_return error(call, code::not_available, 404);
  co_return co_await streams(call);
}

}  // namespace weir::api
