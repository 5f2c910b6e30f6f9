#include "app/api/stream_metrics.h"

#include "app/api/call.h"

namespace weir::api {

namespace {

struct Metric {
  std::string_view name, type, help;
  std::uint64_t (*value)(const stats::StreamRow&);
};

constexpr Metric of_streams[] = {
    {"weir_stream_clients", "gauge", "Publisher and players.",
     [](const stats::StreamRow& row) { return std::uint64_t{row.clients}; }},
    {"weir_stream_published", "gauge", "1 while somebody publishes.",
     [](const stats::StreamRow& row) { return std::uint64_t{row.publish.has_value()}; }},
    {"weir_stream_receive_bytes_total", "counter", "Bytes received from its clients.",
     [](const stats::StreamRow& row) { return row.traffic.received_bytes; }},
    {"weir_stream_send_bytes_total", "counter", "Bytes sent to its clients.",
     [](const stats::StreamRow& row) { return row.traffic.sent_bytes; }},
    {"weir_stream_frames_total", "counter", "Video frames received.",
     [](const stats::StreamRow& row) { return row.publish ? row.publish->video_frames : std::uint64_t{0}; }},
    {"weir_stream_skips_total", "counter", "Players that fell behind and were moved to the newest key frame.",
     [](const stats::StreamRow& row) { return row.skips; }},
    {"weir_stream_errors_total", "counter", "Clients that were ended by a limit, a kick or a fault.",
     [](const stats::StreamRow& row) { return row.errors; }},
};

// A breath after so many samples: about a fifth of a millisecond.
constexpr std::size_t samples_at_a_time = 512;

net::Task<void> write_bitrates(Exposition& out, const std::vector<stats::StreamRow>& streams) {
  out.metric("weir_stream_media_bytes_per_second", "gauge",
             "What the publisher brought in the last three seconds, by track.");
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const stats::StreamRow& row = streams[i];
    const auto sample = [&](std::string_view track, std::uint32_t kbps) {
      out.sample(std::uint64_t{kbps} * 125,
                 {{"vhost", row.vhost}, {"app", row.app}, {"stream", row.name}, {"track", track}});
    };
    if (row.publish && row.publish->video) sample("video", row.publish->video_kbps);
    if (row.publish && row.publish->audio) sample("audio", row.publish->audio_kbps);
    if (i % samples_at_a_time == samples_at_a_time - 1) co_await pause();
  }
}

net::Task<void> write_players(Exposition& out, const std::vector<stats::StreamRow>& streams) {
  out.metric("weir_stream_players", "gauge", "Players by protocol; those of a protocol that nobody uses are left out.");
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const stats::StreamRow& row = streams[i];
    for (std::size_t protocol = 0; protocol < row.players.size(); ++protocol) {
      if (row.players[protocol] == 0) continue;
      out.sample(std::uint64_t{row.players[protocol]}, {{"vhost", row.vhost},
                                                        {"app", row.app},
                                                        {"stream", row.name},
                                                        {"protocol", stats::protocol_names[protocol]}});
    }
    if (i % samples_at_a_time == samples_at_a_time - 1) co_await pause();
  }
}

// Of streams that come as transport streams.
net::Task<void> write_ts_faults(Exposition& out, const std::vector<stats::StreamRow>& streams) {
  struct Fault {
    std::string_view priority, kind;
    std::uint64_t media::Tr101290::* count;
  };
  using Faults = media::Tr101290;
  static constexpr Fault all[] = {{"1", "sync_loss", &Faults::sync_loss},
                                  {"1", "sync_byte", &Faults::sync_byte},
                                  {"1", "pat", &Faults::pat},
                                  {"1", "continuity", &Faults::continuity},
                                  {"1", "pmt", &Faults::pmt},
                                  {"1", "pid", &Faults::pid},
                                  {"2", "transport", &Faults::transport},
                                  {"2", "crc", &Faults::crc},
                                  {"2", "pcr_repetition", &Faults::pcr_repetition},
                                  {"2", "pcr_discontinuity", &Faults::pcr_discontinuity},
                                  {"2", "pts", &Faults::pts},
                                  {"2", "cat", &Faults::cat}};
  out.metric("weir_stream_ts_errors_total", "counter", "Errors of transport streams that come, by TR 101 290.");
  std::size_t samples = 0;
  for (const stats::StreamRow& row : streams) {
    if (!row.publish || !row.publish->transport_stream || !row.publish->transport_stream->analysed) continue;
    for (const Fault& fault : all) {
      out.sample(row.publish->transport_stream->faults.*fault.count, {{"vhost", row.vhost},
                                                                      {"app", row.app},
                                                                      {"stream", row.name},
                                                                      {"priority", fault.priority},
                                                                      {"error", fault.kind}});
    }
    samples += std::size(all);
    if (samples >= samples_at_a_time) {
      samples = 0;
      co_await pause();
    }
  }
}

// Of the same streams, what is made of them.
net::Task<void> write_ts_use(Exposition& out, const std::vector<stats::StreamRow>& streams) {
  struct Figure {
    std::string_view name, type, help;
    std::uint64_t (*value)(const media::TransportStream&);
  };
  using Ts = media::TransportStream;
  static constexpr Figure all[] = {
      {"weir_stream_ts_pass_through", "gauge", "Whether packets of a transport stream go on as they came.",
       [](const Ts& ts) { return std::uint64_t{ts.passes}; }},
      {"weir_stream_ts_packets_through_total", "counter", "Packets of a transport stream that went on as they came.",
       [](const Ts& ts) { return ts.passed_packets; }},
      {"weir_stream_ts_timed_by_clock_total", "counter",
       "PES packets of a transport stream without a time, which were played by its clock.",
       [](const Ts& ts) { return ts.timed_by_clock; }},
      {"weir_stream_ts_without_time_total", "counter",
       "PES packets of a transport stream that could not be given a time.",
       [](const Ts& ts) { return ts.without_time; }}};
  std::size_t samples = 0;
  for (const Figure& figure : all) {
    out.metric(figure.name, figure.type, figure.help, Exposition::Since::unknown);
    for (const stats::StreamRow& row : streams) {
      if (!row.publish || !row.publish->transport_stream) continue;
      out.sample(figure.value(*row.publish->transport_stream),
                 {{"vhost", row.vhost}, {"app", row.app}, {"stream", row.name}});
      if (++samples % samples_at_a_time == 0) co_await pause();
    }
  }
}

}  // namespace

net::Task<void> write_streams(Exposition& out, const std::vector<stats::StreamRow>& streams) {
  for (const Metric& metric : of_streams) {
    out.metric(metric.name, metric.type, metric.help, Exposition::Since::unknown);
    for (std::size_t i = 0; i < streams.size(); ++i) {
      const stats::StreamRow& row = streams[i];
      out.sample(metric.value(row), {{"vhost", row.vhost}, {"app", row.app}, {"stream", row.name}});
      if (i % samples_at_a_time == samples_at_a_time - 1) co_await pause();
    }
    co_await pause();
  }
  co_await write_bitrates(out, streams);
  co_await write_players(out, streams);
  co_await write_ts_faults(out, streams);
  co_await write_ts_use(out, streams);
}

void write_protocols(Exposition& out, const std::vector<stats::WorkerRow>& workers) {
  stats::ByProtocol<stats::ProtocolRow> sums{};
  for (const stats::WorkerRow& worker : workers) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += worker.protocols[i];
  }
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.metric(name, type, help);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      // A protocol that nobody used yet is not told of.
      if (sums[i].sessions_total > 0) out.sample(value(sums[i]), {{"protocol", stats::protocol_names[i]}});
    }
  };
  using Sum = stats::ProtocolRow;
  each("weir_publishers", "gauge", "Publishers by protocol.",
       [](const Sum& sum) { return std::uint64_t{sum.publishers}; });
  each("weir_players", "gauge", "Players by protocol.", [](const Sum& sum) { return std::uint64_t{sum.players}; });
  each("weir_sessions_total", "counter", "Publishers and players since the start.",
       [](const Sum& sum) { return sum.sessions_total; });
  each("weir_errors_total", "counter", "Of these, ended by a limit, a kick or a fault.",
       [](const Sum& sum) { return sum.errors; });
  each("weir_skips_total", "counter", "Players that fell behind and were moved to the newest key frame, by protocol.",
       [](const Sum& sum) { return sum.skips; });
  each("weir_send_bytes_total", "counter", "Bytes sent, by protocol.", [](const Sum& sum) { return sum.sent_bytes; });
  each("weir_receive_bytes_total", "counter", "Bytes received, by protocol.",
       [](const Sum& sum) { return sum.received_bytes; });
  out.metric("weir_first_media_seconds", "histogram",
             "From the request of a player, by protocol, to the first media that was sent to it.");
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i].first_media.total() > 0) out.sample(sums[i].first_media, {{"protocol", stats::protocol_names[i]}});
  }
  const auto of_transport = [&](std::string_view name, std::string_view help, auto value) {
    out.metric(name, "counter", help);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const net::TransportFigures& figures = sums[i].transport;
      if (figures.sent_packets + figures.received_packets == 0) continue;
      out.sample(value(figures), {{"protocol", stats::protocol_names[i]}});
    }
  };
  using Link = net::TransportFigures;
  of_transport("weir_transport_sent_packets_total", "Packets of SRT and WebRTC sent, without those sent again.",
               [](const Link& link) { return link.sent_packets; });
  of_transport("weir_transport_received_packets_total",
               "Packets of SRT and WebRTC received, without those that came again.",
               [](const Link& link) { return link.received_packets; });
  of_transport("weir_transport_retransmitted_packets_total", "Packets that were sent again.",
               [](const Link& link) { return link.retransmitted; });
  of_transport("weir_transport_send_lost_packets_total", "Packets that players said are missing.",
               [](const Link& link) { return link.send_lost; });
  of_transport("weir_transport_receive_lost_packets_total", "Packets of publishers that were missing at first.",
               [](const Link& link) { return link.receive_lost; });
  of_transport("weir_transport_send_dropped_packets_total", "Packets that were too late to be sent.",
               [](const Link& link) { return link.send_dropped; });
  of_transport("weir_transport_receive_dropped_packets_total", "Packets of publishers that never came in time.",
               [](const Link& link) { return link.receive_dropped; });
  of_transport("weir_transport_belated_packets_total", "Packets that came after they were given up.",
               [](const Link& link) { return link.belated; });
  of_transport("weir_transport_undecrypted_packets_total", "Packets that could not be decrypted.",
               [](const Link& link) { return link.undecrypted; });
}

}  // namespace weir::api
