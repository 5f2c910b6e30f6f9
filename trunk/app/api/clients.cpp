#include "app/api/call.h"
#include "app/api/error.h"
#include "app/api/transport.h"
#include "base/redact.h"

namespace weir::api {

namespace {

// Beside it, what only WebRTC has.
void write_webrtc(JsonWriter& out, const session::webrtc::Report& report) {
  const auto milliseconds = [](std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; };
  out.begin_object("webrtc")
      .field("state", report.state)
      .field("protocol", report.protocol)
      .field("local", report.local)
      .field("remote", report.remote)
      .field("cipher", report.cipher)
      .field("connected_ms", report.connected_after.count())
      .field("nacks", report.nacks)
      .field("key_frame_requests", report.key_frame_requests)
      .field("unrepaired", report.unrepaired)
      .field("forged", report.forged)
      .field("repeated", report.repeated)
      .field("garbled", report.garbled)
      .field("strangers", report.strangers)
      .field("moves", report.moves)
      .begin_array("tracks");
  for (const session::webrtc::Report::Track& track : report.tracks) {
    out.begin_object()
        .field("kind", track.video ? "video" : "audio")
        .field("codec", track.codec == media::Codec::none ? std::string_view() : media::name_of(track.codec))
        .field("ssrc", track.ssrc)
        .field("packets", track.packets)
        .field("kbps", track.bitrate_bps / 1000)
        .field("lost", track.lost)
        .field("fraction_lost", track.fraction_lost)
        .field("jitter_ms", milliseconds(track.jitter))
        .field("nacked", track.nacked)
        .field("resent", track.resent)
        .field("belated", track.belated)
        .field("broken_frames", track.broken_frames)
        .field("dropped_frames", track.dropped_frames)
        .end_object();
  }
  out.end_array().end_object();
}

void write_client(JsonWriter& out, VhostIds& vhosts, const stats::ClientRow& row) {
  out.field("id", row.id)
      .field("vhost", vhosts.of(row.vhost))
      .field("stream", row.stream_id)
      .field("ip", row.ip)
      .field("pageUrl", base::without_secrets(row.page_url))
      .field("swfUrl", base::without_secrets(row.swf_url))
      .field("tcUrl", row.tc_url)
      .field("url", row.url)
      .field("name", row.stream)
      .field("type", row.type)
      .field("publish", row.publishing)
      .field("alive", row.alive_seconds);
  write_traffic(out, row.traffic);
  // beyond SRS
  out.field("port", row.port).field("worker", row.worker);
  if (row.behind_ms) out.field("behind_ms", *row.behind_ms);
  if (!row.publishing) out.field("skips", row.skips);
  out.field("cut_turns", row.cut_turns);
  if (row.transport) write_transport(out, *row.transport);
  if (row.webrtc) write_webrtc(out, *row.webrtc);
  if (!row.tcp) return;
  out.begin_object("tcp")
      .field("rtt_us", row.tcp->rtt_us)
      .field("rttvar_us", row.tcp->rtt_variance_us)
      .field("cwnd", row.tcp->congestion_window)
      .field("retransmits", row.tcp->retransmits)
      .field("lost", row.tcp->lost)
      .field("unacked_bytes", row.tcp->unacknowledged_bytes)
      .end_object();
}

Answer kick(Call& call, base::SessionId id) {
  using Kick = stats::WorkerStats::Kick;
  if (!id) co_return error(call, code::no_client);
  CO_TRY(const Kick done, co_await call.context.statistics.kick(call.home(), id, Errc::kicked));
  if (done == Kick::unknown) co_return error(call, code::no_client);
  if (done == Kick::no_connection) co_return error(call, code::bad_request);
  co_return ok(call, JsonWriter());
}

}  // namespace

Answer clients(Call& call) {
  stats::Statistics& statistics = call.context.statistics;
  const base::SessionId id = base::SessionId::from(call.rest);
  if (call.jsonp.method == "DELETE") co_return co_await kick(call, id);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, DELETE");
  JsonWriter out;
  VhostIds vhosts(call);
  if (!call.rest.empty()) {
    if (!id) co_return error(call, code::no_client);
    CO_TRY(const auto row, co_await statistics.client(call.home(), id));
    if (!row) co_return error(call, code::no_client);
    out.begin_object("client");
    write_client(out, vhosts, *row);
    co_return ok(call, out.end_object());
  }
  const Paging paging = paging_of(call.request);
  CO_TRY(const auto page,
         co_await statistics.clients(call.home(), filter_of(call.request), paging.start, paging.count));
  out.begin_array("clients");
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    out.begin_object();
    write_client(out, vhosts, page.rows[i]);
    out.end_object();
    if (is_pause(i)) co_await pause();
  }
  co_return ok(call, out.end_array().field("total", page.total));
}

}  // namespace weir::api
