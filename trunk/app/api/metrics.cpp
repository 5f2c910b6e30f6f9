#include <sys/utsname.h>

#include <algorithm>

#include "app/api/build_time.h"
#include "app/api/call.h"
#include "app/api/cluster_metrics.h"
#include "app/api/error.h"
#include "app/api/exposition.h"
#include "app/api/gb/metrics.h"
#include "app/api/http_metrics.h"
#include "app/api/process_metrics.h"
#include "app/api/rtc_metrics.h"
#include "app/api/services.h"
#include "app/api/srt_metrics.h"
#include "app/api/stream_metrics.h"
#include "app/api/trace_metrics.h"
#include "app/api/variable_metrics.h"
#include "app/registry/registry.h"
#include "base/version.h"
#include "net/http/gzip.h"
#include "session/gb28181/sip_service.h"

namespace weir::api {

namespace {

struct Figures {
  stats::SystemSample system;
  std::vector<stats::WorkerRow> workers;
  std::size_t streams = 0;
  std::vector<stats::StreamRow> each_stream;
};

// Names, types and units that dashboards made for SRS read.
void write_srs(Exposition& out, const Call& call, const Figures& figures) {
  utsname machine{};
  uname(&machine);
  out.metric("srs_node_uname_info", "gauge", "Labeled system information as provided by the uname system call.");
  out.sample(std::uint64_t{1}, {{"sysname", machine.sysname},
                                {"nodename", machine.nodename},
                                {"release", machine.release},
                                {"version", machine.version},
                                {"machine", machine.machine}});
  const config::Exporter& exporter = call.config().exporter;
  const std::string pid = std::to_string(call.context.pid), major = std::to_string(base::version_major);
  out.metric("srs_build_info", "gauge", "Which server this is; the value is always 1.");
  out.sample(std::uint64_t{1}, {{"server", call.context.server_id},
                                {"service", call.context.service_id},
                                {"pid", pid},
                                {"build_date", built_at()},
                                {"major", major},
                                {"version", base::version},
                                {"code", base::server_name},
                                {"label", exporter.label},
                                {"tag", exporter.tag}});
  out.metric("srs_cpu_percent", "gauge", "CPU of this process in percent of one core.");
  out.sample(figures.system.self_cpu_part * 100);
  out.metric("srs_memory", "gauge", "Resident memory of this process in kB.");
  out.sample(static_cast<std::uint64_t>(figures.system.self.resident_pages()) * 4);

  stats::WorkerRow sum;
  for (const auto& worker : figures.workers) {
    sum.traffic += worker.traffic;
    sum.clients += worker.clients;
    sum.clients_total += worker.clients_total;
    sum.clients_errors += worker.clients_errors;
  }
  out.metric("srs_send_bytes_total", "counter", "Bytes sent to clients.");
  out.sample(sum.traffic.sent_bytes);
  out.metric("srs_receive_bytes_total", "counter", "Bytes received from clients.");
  out.sample(sum.traffic.received_bytes);
  out.metric("srs_streams", "gauge", "Streams that are published or waited for.");
  out.sample(std::uint64_t{figures.streams});
  out.metric("srs_clients", "gauge", "Clients that publish or play now.");
  out.sample(std::uint64_t{sum.clients});
  out.metric("srs_clients_total", "counter", "Clients since the start.");
  out.sample(sum.clients_total);
  out.metric("srs_clients_errs_total", "counter", "Clients that were ended by a limit, a kick or a fault.");
  out.sample(sum.clients_errors);
}

void write_workers(Exposition& out, const std::vector<stats::WorkerRow>& workers) {
  std::vector<std::string> names;
  names.reserve(workers.size());
  for (std::size_t i = 0; i < workers.size(); ++i) names.push_back(std::to_string(i));
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.metric(name, type, help);
    for (std::size_t i = 0; i < workers.size(); ++i) out.sample(value(workers[i]), {{"worker", names[i]}});
  };
  using Row = stats::WorkerRow;
  each("weir_worker_busy_ratio", "gauge", "Share of time that the thread computed, 0 to 1.",
       [](const Row& row) { return row.busy; });
  each("weir_worker_lag_seconds", "gauge", "How late the last tick of the loop came.",
       [](const Row& row) { return static_cast<double>(row.lag_us) / 1e6; });
  each("weir_worker_cut_turns_total", "counter",
       "Turns of sessions that were cut short, since they sent or took faster than others may wait.",
       [](const Row& row) { return row.cut_turns; });
  each("weir_worker_batches_total", "counter", "Rounds of writing: in each, players of a feed get what is new.",
       [](const Row& row) { return row.batches; });
  each("weir_worker_merge_seconds", "gauge", "How long new frames wait for more at present, as the load asks.",
       [](const Row& row) { return static_cast<double>(row.merge_us) / 1e6; });
  each("weir_worker_clients", "gauge", "Clients of the worker.",
       [](const Row& row) { return std::uint64_t{row.clients}; });
  each("weir_worker_send_bytes_total", "counter", "Bytes sent by the worker.",
       [](const Row& row) { return row.traffic.sent_bytes; });
  each("weir_worker_receive_bytes_total", "counter", "Bytes received by the worker.",
       [](const Row& row) { return row.traffic.received_bytes; });
  each("weir_player_skips_total", "counter", "Players that fell behind and were moved to the newest key frame.",
       [](const Row& row) { return row.skips; });
  each("weir_stream_interruptions_total", "counter", "Streams whose last publisher was cut off and is waited for.",
       [](const Row& row) { return row.interruptions; });
  each("weir_stream_resumptions_total", "counter", "Of those, streams that another publisher went on with in time.",
       [](const Row& row) { return row.resumptions; });
  each("weir_stream_slates_total", "counter", "Of the interruptions, those in which the last picture stood.",
       [](const Row& row) { return row.slates; });
  each("weir_stream_switches_total", "counter", "Streams that went on with a publisher which stood by.",
       [](const Row& row) { return row.switches; });
  each("weir_awaited_streams", "gauge", "Names that players wait for and nobody publishes, by format.",
       [](const Row& row) { return row.awaited; });
  each("weir_awaited_refused_total", "counter", "Players refused since too many of such names are waited for.",
       [](const Row& row) { return row.refused_awaited; });
}

void write_durations(Exposition& out, const Call& call, const std::vector<stats::WorkerRow>& workers) {
  base::Durations deliveries, writing;
  for (const stats::WorkerRow& worker : workers) {
    deliveries += worker.deliveries;
    writing += worker.writing;
  }
  out.metric("weir_delivery_seconds", "histogram",
             "From when media came to the players of a worker to when all of them that keep up were handed it.");
  out.sample(deliveries);
  out.metric("weir_write_batch_seconds", "histogram",
             "What of that was the writing, with what the worker did between.");
  out.sample(writing);
  out.metric("weir_api_request_seconds", "histogram", "How long answers of the HTTP API took to make.");
  out.sample(call.context.requests->read());
}

void write_memory(Exposition& out, const hub::MemoryBudget& memory, const std::vector<stats::WorkerRow>& workers) {
  const auto tell = [&out](std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
    out.metric(name, type, help);
    out.sample(value);
  };
  tell("weir_memory_budget_bytes", "gauge", "What all caches together may hold; 0: no limit.", memory.limit());
  out.metric("weir_memory_cache_bytes", "gauge", "What they hold.");
  for (std::size_t i = 0; i < hub::cache_names.size(); ++i) {
    out.sample(memory.used(static_cast<hub::Cache>(i)), {{"cache", std::string(hub::cache_names[i])}});
  }
  tell("weir_memory_resident_bytes", "gauge", "Memory of the process.", memory.resident());
  tell("weir_memory_pressure", "gauge", "0: none; 1: caches shrink; 2: publishers are refused; 3: caches are emptied.",
       static_cast<std::uint64_t>(memory.pressure()));
  tell("weir_memory_refused_total", "counter", "Publishers refused for want of memory.", memory.refused());
  tell("weir_memory_emptied_total", "counter", "Caches emptied for want of memory.", memory.emptied());
  std::uint64_t ended = 0;
  for (const stats::WorkerRow& worker : workers) ended += worker.out_of_memory;
  tell("weir_memory_ended_total", "counter", "Sessions ended for want of memory.", ended);
}

void write_sound(Exposition& out, const hub::AudioBridge& bridge) {
  const auto& figures = bridge.figures();
  const auto tell = [&out](std::string_view name, std::string_view type, std::string_view help, auto value) {
    out.metric(name, type, help);
    out.sample(value);
  };
  tell("weir_audio_streams", "gauge", "Streams whose sound is being made in another codec.",
       std::uint64_t{figures.streams.load()});
  tell("weir_audio_started_total", "counter", "How often that began.", figures.started.load());
  tell("weir_audio_failed_total", "counter", "How often the codecs refused.", figures.failed.load());
  tell("weir_audio_frames_total", "counter", "Frames made.", figures.frames_out.load());
  tell("weir_audio_bad_packets_total", "counter", "Frames that could not be decoded.", figures.bad_packets.load());
  tell("weir_audio_dropped_total", "counter", "Frames dropped since too many waited.", figures.dropped.load());
  tell("weir_audio_cpu_seconds_total", "counter", "Processor time it took.",
       static_cast<double>(figures.cpu_us.load()) / 1e6);
  tell("weir_audio_plugin", "gauge", "1: the audio plug-in is loaded.",
       std::uint64_t{bridge.plugin_state() == hub::AudioBridge::PluginState::loaded});
}

void write_dvr(Exposition& out, const record::Totals& totals) {
  out.metric("weir_dvr_recordings", "gauge", "Recordings that are written now.");
  out.sample(totals.recordings);
  out.metric("weir_dvr_files_total", "counter", "Recordings that were completed.");
  out.sample(totals.files);
  out.metric("weir_dvr_bytes_total", "counter", "Bytes of these.");
  out.sample(totals.bytes);
  out.metric("weir_dvr_failures_total", "counter", "Recordings that ended early: full, slow or vanished disks.");
  out.sample(totals.failures);
  out.metric("weir_dvr_retries_total", "counter", "Recordings that began again after the disk had failed them.");
  out.sample(totals.retries);
  out.metric("weir_dvr_completed_total", "counter",
             "Recordings that a crash had cut off, completed at the next start.");
  out.sample(totals.completed);
}

void write_segments(Exposition& out, const session::hls::Shared& segments) {
  const auto tell = [&out](std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
    out.metric(name, type, help);
    out.sample(value);
  };
  const session::hls::Totals& totals = segments.totals;
  tell("weir_hls_streams", "gauge", "Streams that are packaged as HLS or DASH now.", totals.streams.load());
  tell("weir_hls_memory_bytes", "gauge", "Memory of all segments.", segments.budget.used());
  tell("weir_hls_segments_total", "counter", "Segments that were completed.", totals.segments.load());
  tell("weir_hls_segments_left_out_total", "counter",
       "Segments that were not begun: a publisher's clock made too many.", totals.left_out.load());
  tell("weir_hls_playlists_total", "counter", "Playlists and manifests answered.", totals.pages.load());
  tell("weir_hls_waits_total", "counter", "Of these, those that waited for a part.", totals.waits.load());
  tell("weir_hls_files_total", "counter", "Segments and parts answered.", totals.items.load());
  tell("weir_hls_sessions_refused_total", "counter", "Sessions of HLS and DASH that a limit kept out.",
       segments.gate.refused());
  tell("weir_hls_sessions_displaced_total", "counter", "Sessions that were sent no segment and went for others.",
       segments.gate.displaced());
  tell("weir_hls_send_bytes_total", "counter", "Bytes of these and of playlists.", totals.sent_bytes.load());
  const auto& relay = segments.relay.totals;
  tell("weir_hls_relay_requests_total", "counter", "Requests to origins for their HLS (hls_relay).",
       relay.asked.load());
  tell("weir_hls_relay_failures_total", "counter", "Of these, those without an answer and those with 5xx.",
       relay.failed.load());
  out.metric("weir_hls_relay_answers_total", "counter",
             "What players got without a request of their own, by from where.");
  out.sample(relay.told_again.load(), {{"from", "memory"}});
  out.sample(relay.told_with.load(), {{"from", "another"}});
  tell("weir_hls_relay_receive_bytes_total", "counter", "Bytes that origins sent for it.", relay.received_bytes.load());
  tell("weir_hls_relay_loops_total", "counter", "Requests for it that had come through this server before.",
       relay.loops.load());
}

void write_hooks(Exposition& out, const hooks::Figures& figures) {
  using Calls = hooks::Figures::Calls;
  const auto each = [&](const auto& sample) {
    for (std::size_t i = 0; i < figures.calls.size(); ++i) sample(hooks::hook_names[i], figures.calls[i]);
  };
  out.metric("weir_hook_calls_total", "counter", "Calls of hook servers by what came of them.");
  each([&](std::string_view hook, const Calls& calls) {
    out.sample(calls.good.load(), {{"hook", hook}, {"result", "good"}});
    out.sample(calls.denied.load(), {{"hook", hook}, {"result", "denied"}});
    out.sample(calls.failed.load(), {{"hook", hook}, {"result", "failed"}});
    out.sample(calls.dropped.load(), {{"hook", hook}, {"result", "dropped"}});
  });
  out.metric("weir_hook_seconds_total", "counter", "Time that calls took, from the call to the end of the answer.");
  each([&](std::string_view hook, const Calls& calls) {
    out.sample(static_cast<double>(calls.took.read().sum_us) / 1e6, {{"hook", hook}});
  });
  out.metric("weir_hook_duration_seconds", "histogram", "The same by how long each call took; unused hooks left out.");
  each([&](std::string_view hook, const Calls& calls) {
    const base::Durations took = calls.took.read();
    if (took.total() > 0) out.sample(took, {{"hook", hook}});
  });
  out.metric("weir_hook_retries_total", "counter", "Calls that were made again after a failure.");
  out.sample(figures.retried.load());
  out.metric("weir_hook_connections_total", "counter", "Connections made to hook servers; other calls used one kept.");
  out.sample(figures.opened.load());
  out.metric("weir_hook_queue", "gauge", "Calls that wait to be told.");
  out.sample(static_cast<double>(figures.queued.load()));
  out.metric("weir_hook_waiting_clients", "gauge", "Clients that wait for a hook server's answer.");
  out.sample(static_cast<double>(figures.asking.load()));
}

void write_access(Exposition& out, const auth::Figures& figures) {
  out.metric("weir_refused_total", "counter", "Publishers and players turned away, by the rule that did.");
  out.sample(figures.by_limit.load(), {{"rule", "limit"}});
  out.sample(figures.by_address.load(), {{"rule", "address"}});
  out.sample(figures.by_refer.load(), {{"rule", "refer"}});
  out.sample(figures.by_token.load(), {{"rule", "token"}});
  out.metric("weir_publishers_ended_total", "counter", "Publishers ended by a rule.");
  out.sample(figures.kicked_idle.load(), {{"rule", "idle"}});
  out.sample(figures.kicked_bitrate.load(), {{"rule", "bitrate"}});
}

void write_key_sets(Exposition& out, const auth::Figures& figures) {
  out.metric("weir_key_sets_fetched_total", "counter",
             "Sets of keys for tokens that were fetched, by what came of it.");
  out.sample(figures.key_sets_fetched.load(), {{"result", "good"}});
  out.sample(figures.key_sets_failed.load(), {{"result", "failed"}});
}

void write_connections(Exposition& out, const auth::ConnectionGate& connections) {
  out.metric("weir_connections", "gauge", "Connections of all services, by TCP and SRT.");
  out.sample(std::uint64_t{connections.value()});
  out.metric("weir_connections_refused_total", "counter", "Connections closed at once, since a limit was reached.");
  out.sample(connections.refused());
}

void write_passwords(Exposition& out, const auth::Lockout& lockout) {
  out.metric("weir_api_passwords_total", "counter", "Passwords of the API that admitted nobody.");
  out.sample(lockout.wrong_count(), {{"result", "wrong"}});
  out.sample(lockout.locked_count(), {{"result", "locked"}});
}

void write_events(Exposition& out, const events::Figures& figures) {
  out.metric("weir_event_listeners", "gauge", "Who listens at /api/v1/events.");
  out.sample(std::uint64_t{figures.listeners.load()});
  out.metric("weir_event_listeners_total", "counter", "Who did since the start.");
  out.sample(figures.accepted.load());
  out.metric("weir_event_listeners_refused_total", "counter", "Turned away, since too many were there.");
  out.sample(figures.refused.load());
  out.metric("weir_event_listeners_displaced_total", "counter", "Ended to make room for one of another address.");
  out.sample(figures.displaced.load());
  out.metric("weir_event_listeners_slow_total", "counter", "Cut off, since they did not read what was sent.");
  out.sample(figures.slow.load());
}

void write_forwards(Exposition& out, const session::forward::Totals& totals) {
  using session::forward::State;
  out.metric("weir_forward_targets", "gauge", "Streams on their way to other servers, by state.");
  for (std::size_t i = 0; i < session::forward::state_count; ++i) {
    out.sample(totals.in_state[i], {{"state", name_of(static_cast<State>(i))}});
  }
  out.metric("weir_forward_sent_bytes_total", "counter", "Bytes sent to other servers.");
  out.sample(totals.work.bytes);
  out.metric("weir_forward_attempts_total", "counter", "Connections to other servers that were begun.");
  out.sample(totals.work.attempts);
  out.metric("weir_forward_failures_total", "counter", "Those that failed, or broke while the stream went on.");
  out.sample(totals.work.failures);
  out.metric("weir_forward_skips_total", "counter", "Moves to a newer key frame, as another server took too little.");
  out.sample(totals.work.skips);
  out.metric("weir_forward_dropped_packets_total", "counter",
             "Datagrams and SRT packets that could not be sent to other servers, or came too late for it.");
  out.sample(totals.work.drops);
}

void write_sources(Exposition& out, const session::pull::Totals& totals) {
  using session::pull::State;
  out.metric("weir_sources", "gauge", "Sources of streams that are fetched, by state.");
  for (std::size_t i = 0; i < session::pull::state_count; ++i) {
    out.sample(totals.in_state[i], {{"state", name_of(static_cast<State>(i))}});
  }
  out.metric("weir_source_received_bytes_total", "counter", "Bytes fetched from other servers.");
  out.sample(totals.work.bytes);
  out.metric("weir_source_attempts_total", "counter", "Connections for that which were begun.");
  out.sample(totals.work.attempts);
  out.metric("weir_source_failures_total", "counter", "Those that failed or broke.");
  out.sample(totals.work.failures);
  out.metric("weir_source_strangers_total", "counter",
             "Datagrams that came to a UDP source from others than whose stream it is, and were dropped.");
  out.sample(totals.work.strangers);
  out.metric("weir_source_failed_starts_total", "counter", "Streams that players wanted and that could not be had.");
  out.sample(totals.failed_starts);
}

void write_snapshots(Exposition& out, const snapshot::Figures& figures) {
  out.metric("weir_snapshots_made_total", "counter", "Pictures of streams that were made.");
  out.sample(figures.made.load());
  out.metric("weir_snapshots_failed_total", "counter", "Those that the program did not make.");
  out.sample(figures.failed.load());
  out.metric("weir_snapshots_refused_total", "counter", "Requests for one that came while too many waited.");
  out.sample(figures.refused.load());
  out.metric("weir_snapshots_cached_total", "counter", "Requests that were answered with a picture that was there.");
  out.sample(figures.from_cache.load());
}

void write_programs(Exposition& out, const ffmpeg::Totals& totals) {
  out.metric("weir_programs", "gauge", "Programs of transcode, process and ingest, by state.");
  out.sample(totals.running, {{"state", "running"}});
  out.sample(totals.waiting, {{"state", "waiting"}});
  out.metric("weir_program_starts_total", "counter", "How often one was started.");
  out.sample(totals.starts);
  out.metric("weir_programs_refused_total", "counter", "Those that were not: a fault of the configuration, too many.");
  out.sample(totals.refused);
  out.metric("weir_program_pipe_bytes_total", "counter", "What programs between two streams read and wrote.");
  out.sample(totals.read_bytes, {{"direction", "read"}});
  out.sample(totals.written_bytes, {{"direction", "written"}});
  out.metric("weir_program_skips_total", "counter",
             "How often one went on at the newest key frame, as it read too little.");
  out.sample(totals.skips);
}

void write_gb28181(Exposition& out, const session::gb28181::MediaTotals& totals) {
  out.metric("weir_gb28181_places", "gauge", "Streams whose media is expected from a device, by whether it comes.");
  const std::uint64_t publishing = totals.publishing, places = std::max<std::uint64_t>(totals.places, publishing);
  out.sample(publishing, {{"state", "publishing"}});
  out.sample(places - publishing, {{"state", "waiting"}});
  out.metric("weir_gb28181_packets_total", "counter", "RTP packets of devices, by what became of them.");
  out.sample(totals.packets.load(), {{"result", "taken"}});
  out.sample(totals.lost.load(), {{"result", "lost"}});
  out.sample(totals.strangers.load(), {{"result", "stranger"}});
  out.metric("weir_gb28181_received_bytes_total", "counter", "Bytes of these.");
  out.sample(totals.bytes.load());
  out.metric("weir_gb28181_silent_total", "counter", "Streams that ended since no media came for too long.");
  out.sample(totals.silent_ends.load());
}

void write_heartbeat(Exposition& out, const heartbeat::Figures& figures) {
  out.metric("weir_heartbeats_total", "counter", "Reports to heartbeat.url by what came of them.");
  out.sample(figures.good.load(), {{"result", "good"}});
  out.sample(figures.refused.load(), {{"result", "refused"}});
  out.sample(figures.failed.load(), {{"result", "failed"}});
}

void write_log(Exposition& out, const log::Logger& logger) {
  out.metric("weir_log_lines_lost_total", "counter", "Log lines that were not written, by why.");
  out.sample(logger.dropped_lines(), {{"why", "queue"}});
  out.sample(logger.left_out_lines(), {{"why", "address"}});
}

}  // namespace

Answer metrics(Call& call) {
  const config::Config& config = call.config();
  if (!config.exporter.enabled && !config.http_api.metrics) co_return error(call, code::exporter_disabled);
  constexpr std::size_t most_streams = 10'000;
  stats::Statistics& statistics = call.context.statistics;
  Figures figures;
  CO_TRY(figures.system, co_await statistics.system(call.home()));
  CO_TRY(figures.workers, co_await statistics.workers(call.home(), stats::WorkerStats::Skips::counted));
  CO_TRY(auto page, co_await statistics.streams(call.home(), {}, 0, most_streams));
  figures.streams = page.total;
  figures.each_stream = std::move(page.rows);
  if (config.http_api.hide_stream_names) {
    for (stats::StreamRow& row : figures.each_stream) row.name = row.id;
  }
  std::optional<std::size_t> descriptors;
  if (call.context.files) {
    auto count = [] { return count_descriptors(); };
    if (const auto counted = co_await call.context.files->run(std::move(count))) descriptors = *counted;
  }
  const std::chrono::duration<double> born = call.context.born.time_since_epoch();
  Exposition out(format_wanted(call.request.headers.find("Accept")), born.count());
  write_srs(out, call, figures);
  write_process(out, figures.system, descriptors, call.context.revision);
  write_workers(out, figures.workers);
  write_protocols(out, figures.workers);
  write_durations(out, call, figures.workers);
  CO_TRY(const record::Totals recorded, co_await totals_of(call, call.context.recorders));
  write_dvr(out, recorded);
  CO_TRY(const session::forward::Totals sent_on, co_await totals_of(call, call.context.forwards));
  write_forwards(out, sent_on);
  CO_TRY(const session::pull::Totals fetched, co_await totals_of(call, call.context.pulls));
  write_sources(out, fetched);
  if (call.context.variables) write_variables(out, call.config(), *call.context.variables);
  CO_TRY(const ffmpeg::Totals programs_run, co_await totals_of(call, call.context.programs));
  write_programs(out, programs_run);
  if (call.context.snapshots) write_snapshots(out, *call.context.snapshots);
  if (call.context.memory) write_memory(out, *call.context.memory, figures.workers);
  if (call.context.bridge) write_sound(out, *call.context.bridge);
  if (call.context.hooks) write_hooks(out, *call.context.hooks);
  if (call.context.auth) write_access(out, *call.context.auth);
  if (call.context.auth) write_key_sets(out, *call.context.auth);
  write_passwords(out, *call.context.lockout);
  if (call.context.connections) write_connections(out, *call.context.connections);
  if (call.context.segments) write_segments(out, *call.context.segments);
  if (call.context.events) write_events(out, call.context.events->figures());
  if (call.context.proxies) write_proxies(out, *call.context.proxies);
  if (call.context.http2) write_http2(out, *call.context.http2);
  if (call.context.rtc) write_rtc(out, *call.context.rtc);
  if (call.context.srt) write_srt(out, *call.context.srt);
  if (call.context.media_totals) write_gb28181(out, *call.context.media_totals);
  if (session::gb28181::SipService* const sip = call.context.gb28181) {
    std::function<session::gb28181::Totals()> work = [sip] { return sip->platform().totals(); };
    CO_TRY(const auto totals,
           co_await stats::ask<session::gb28181::Totals>(call.home(), sip->worker(), std::move(work)));
    gb::write_devices(out, totals);
  }
  if (call.context.heartbeat) write_heartbeat(out, *call.context.heartbeat);
  if (call.context.traces) write_traces(out, *call.context.traces);
  if (call.context.cluster) write_cluster(out, *call.context.cluster);
  if (call.context.registry) write_registry(out, call.context.registry->figures());
  if (call.context.readiness) write_readiness(out, *call.context.readiness);
  if (const log::Logger* logger = call.home().logger()) write_log(out, *logger);
  co_await write_streams(out, figures.each_stream);
  http::Reply reply;
  reply.headers = {{"Content-Type", out.content_type()}, {"Vary", "Accept, Accept-Encoding"}};
  reply.text = out.take();
  if (!call.request.headers.accepts_coding("gzip")) co_return reply;
  if (base::SharedBytes small = http::gzip(base::as_bytes(reply.text)); !small.empty()) {
    reply.headers.add("Content-Encoding", "gzip");
    reply.shared = std::move(small);
  }
  co_return reply;
}

}  // namespace weir::api
