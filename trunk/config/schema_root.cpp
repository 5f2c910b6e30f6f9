#include <array>

#include "config/schema_build.h"

namespace weir::config {
namespace {

template <auto Member>
constexpr Directive process(std::string_view name, Type type, std::string_view fallback, Effect effect,
                            std::string_view meaning) {
  return row<&Config::process, Member>(name, type, fallback, effect, meaning);
}

void set_log_level(void* object, const Value& value) {
  static_cast<Config*>(object)->log.level = LogLevel(value.integer);
}
void set_log_tank(void* object, const Value& value) { static_cast<Config*>(object)->log.to_file = value.integer == 0; }

constexpr Directive with_store(Directive directive, Directive::Store store) {
  directive.store = store;
  return directive;
}

// The second level directive stands after the first, so that it wins where both are written.
// Read by the loader, before any URL is looked at.
void leave(void*, const Node&, Problems&) {}
constexpr auto with_names(Directive directive) {
  directive.open = true;
  return directive;
}
constexpr Directive variables = with_names(
    special("variables", leave, live,
            "Texts that stand for $NAME in URLs of sources, pushes and destinations of forward; $$ is a dollar sign. "
            "env:NAME: what a variable of the environment holds; file:PATH: what a file holds; "
            "NAME { command PROGRAM ARGUMENT; every SECONDS; timeout SECONDS; }: the first line that a program says, "
            "run without a shell each 60 seconds unless told otherwise, and killed after 5.")
        .like("origin 127.0.0.1:19350"));

constexpr std::array rows{
    row<&Config::workers>("workers", integer(0, 1024), "0", restart,
                          "Threads that serve connections. 0: one per core."),
    row<&Config::memory_budget>(
        "memory_budget", bytes(0, 1ll << 44), "0", live,
        "Memory that all caches together may take: GOPs, slow players, segments. 0: 60 % of the process's limit."),
    with_store(row<&Config::log, &Log::to_file>("srs_log_tank", choice("file console"), "file", restart,
                                                "Where the log goes; inside Docker the default is console."),
               set_log_tank)
        .env("SRS_SRS_LOG_TANK SRS_LOG_TANK"),
    with_store(row<&Config::log, &Log::level>("srs_log_level", choice("verbose info trace warn error"), "trace", later,
                                              "Least level that is logged, on SRS's first scale."),
               set_log_level)
        .env("SRS_SRS_LOG_LEVEL SRS_LOG_LEVEL"),
    with_store(row<&Config::log, &Log::level>("srs_log_level_v2", choice("trace debug info warn error"), "", later,
                                              "The same on the usual scale; wins over srs_log_level."),
               set_log_level)
        .env("SRS_SRS_LOG_LEVEL_V2 SRS_LOG_LEVEL_V2")
        .like("info"),
    row<&Config::log, &Log::file>("srs_log_file", text(), "./objs/srs.log", restart,
                                  "The log file; SIGUSR1 opens it anew.")
        .env("SRS_SRS_LOG_FILE SRS_LOG_FILE"),
    row<&Config::log, &Log::json>("srs_log_json", flag(), "off", restart, "Log one JSON object a line.")
        .env("SRS_SRS_LOG_JSON SRS_LOG_JSON"),
    row<&Config::log, &Log::lines_per_address>(
        "log_lines_per_address", integer(0, 1'000'000), "20", live,
        "Lines of one kind that one address may cause in a second, and all addresses together "
        "ten times as many; five times that at once. More are counted and left out. 0: no limit."),
    row<&Config::pithy_print>("pithy_print_ms", millis(100), "10000", live,
                              "Time between two summary lines in the log."),
    row<&Config::limits, &Limits::max_connections>("max_connections", integer(1, 10'000'000), "1000", later,
                                                   "TCP clients of all kinds together; more are turned away."),
    row<&Config::limits, &Limits::max_connections_per_address>("max_connections_per_address", integer(0, 10'000'000),
                                                               "0", later,
                                                               "The same for one peer address. 0: no limit.")
        .of(Feature::connection_limits),
    row<&Config::limits, &Limits::max_new_connections_per_second>("max_new_connections_per_second",
                                                                  integer(0, 10'000'000), "0", later,
                                                                  "New connections accepted in a second. 0: no limit.")
        .of(Feature::connection_limits),
    row<&Config::limits, &Limits::max_sessions_per_address>(
        "max_sessions_per_address", integer(0, 10'000'000), "0", later,
        "Sessions of HLS and DASH from one address, not counting trusted_proxies. 0: a quarter of max_connections, 100 "
        "at least."),
    row<&Config::trusted_proxies>(
        "trusted_proxies", ranges(), "", later,
        "Peers whose PROXY header and X-Forwarded-For or Forwarded are believed, such as 127.0.0.1 10.0.0.0/8.")
        .of(Feature::proxy_protocol),
    row<&Config::real_ip_header>(
        "real_ip_header", choice("either X-Forwarded-For Forwarded X-Real-IP"), "either", later,
        "The header in which trusted_proxies name their client; either: X-Forwarded-For, without it Forwarded.")
        .of(Feature::proxy_protocol),
    Directive{.name = "allow_missing",
              .type = flag(),
              .fallback = "off",
              .effect = later,
              .meaning = "Start although the file asks for what this version is built without; else that is a mistake.",
              .store = [](void*, const Value&) {}},
    row<&Config::empty_ip_ok>("empty_ip_ok", flag_unless_off(), "on", later,
                              "Drop a peer without an address in silence, as load balancers probe that way."),
    process<&Process::daemon>("daemon", flag_unless_off(), "on", restart, "Run in the background.").of(Feature::daemon),
    process<&Process::pid>("pid", text(), "./objs/srs.pid", restart,
                           "The pid file; it is locked, so that a second process with the same file refuses to start.")
        .of(Feature::daemon),
    process<&Process::server_id>("server_id", text(), "", restart,
                                 "Id in API and hooks. Where empty: random, kept in a file beside the pid file.")
        .of(Feature::daemon),
    process<&Process::work_dir>("work_dir", text(), "./", restart, "Directory to change to at the start.")
        .of(Feature::daemon),
    process<&Process::plugin_dir>(
        "plugin_dir", text(), "", restart,
        "Where plug-ins lie (libweir_avcodec.so). Empty: beside the program, or in ../lib/weir "
        "from there.")
        .env("WEIR_PLUGIN_DIR SRS_PLUGIN_DIR"),
    process<&Process::user>("user", text(), "", restart, "User to become when the ports are bound. Empty: stay.")
        .of(Feature::change_user),
    process<&Process::asprocess>("asprocess", flag(), "off", restart,
                                 "Quit when the parent process is gone; not with daemon.")
        .of(Feature::daemon),
    process<&Process::utc_time>("utc_time", flag(), "off", restart,
                                "UTC instead of local time in logs and file names."),
    process<&Process::in_docker>("in_docker", flag(), "off", restart,
                                 "Treat this as a Docker container even if it does not look so."),
    process<&Process::disable_daemon_for_docker>("disable_daemon_for_docker", flag_unless_off(), "on", restart,
                                                 "Stay in the foreground inside Docker."),
    process<&Process::inotify_auto_reload>("inotify_auto_reload", flag(), "off", restart,
                                           "Reload when the configuration file changes."),
    process<&Process::auto_reload_for_docker>("auto_reload_for_docker", flag_unless_off(), "on", restart,
                                              "Turns inotify_auto_reload on inside Docker."),
    process<&Process::force_grace_quit>("force_grace_quit", flag(), "off", later,
                                        "Let SIGTERM mean what SIGQUIT means.")
        .of(Feature::graceful_quit),
    process<&Process::grace_start_wait>("grace_start_wait", millis(0), "2300", later,
                                        "Graceful quit: pause before the listeners are closed.")
        .of(Feature::graceful_quit),
    process<&Process::grace_final_wait>("grace_final_wait", millis(0), "3200", later,
                                        "Graceful quit: pause at the end.")
        .of(Feature::graceful_quit),
    process<&Process::ff_log_dir>("ff_log_dir", text(), "./objs", later,
                                  "Where FFmpeg children log; /dev/null: nowhere.")
        .of(Feature::transcode),
    process<&Process::ff_log_level>("ff_log_level", text(), "info", later, "Log level given to FFmpeg.")
        .of(Feature::transcode),
    process<&Process::tcmalloc_release_rate>("tcmalloc_release_rate", number(0, 10).clamped(), "0.8", restart,
                                             "Of an allocator that is not used here.")
        .of(Feature::never),
    process<&Process::query_latest_version>("query_latest_version", flag(), "off", restart,
                                            "Weir never asks anybody for newer versions.")
        .of(Feature::never),
    process<&Process::first_wait_for_qlv>("first_wait_for_qlv", whole_seconds(0), "300", restart,
                                          "Goes with query_latest_version.")
        .of(Feature::never),
    variables,
    nothing("is_full", "Marks a file as reference: with 'on' it cannot be run."),
    block<&Config::rtmp>("rtmp", rtmp_rows, "RTMP. 'listen' and 'chunk_size' may also stand at the root of the file."),
    block<&Config::rtmps>("rtmps", rtmps_rows, "RTMP over TLS."),
    block<&Config::tls>("tls", tls_rows,
                        "Rules of every TLS listener; suites with CBC or without forward secrecy are none."),
    block<&Config::http_server>("http_server", http_server_rows, "Live streams and files over HTTP."),
    block<&Config::http_api>("http_api", http_api_rows, "The HTTP API."),
    blocks<&Config::srt_servers>("srt_server", srt_server_rows,
                                 "SRT. Several such blocks stand side by side, with names or without, each with a "
                                 "'listen' of its own; variables reach the first.")
        .of(Feature::srt)
        .named([](void* object, const std::string& name) { static_cast<SrtServer*>(object)->name = name; })
        .one_of_each()
        .at_least_one([](void* object) -> void* { return &static_cast<Config*>(object)->srt_servers.front(); }),
    block<&Config::rtc_server>("rtc_server", rtc_server_rows, "WebRTC.").of(Feature::rtc),
    block<&Config::rtsp_server>("rtsp_server", rtsp_server_rows, "RTSP.").of(Feature::rtsp),
    blocks<&Config::stream_casters>("stream_caster", stream_caster_rows, "Takes streams of another protocol in."),
    block<&Config::circuit_breaker>("circuit_breaker", circuit_breaker_rows, "Sheds work when the CPU is short.")
        .of(Feature::circuit_breaker)
        .lenient(),
    block<&Config::heartbeat>("heartbeat", heartbeat_rows, "Reports to an HTTP server from time to time.")
        .of(Feature::heartbeat),
    block<&Config::otlp>("otlp", otlp_rows, "Traces of sessions, to a collector of OpenTelemetry (OTLP/HTTP, JSON)."),
    block<&Config::stats>("stats", stats_rows, "Figures of the machine.").of(Feature::system_stats),
    block<&Config::exporter>("exporter", exporter_rows, "A port for Prometheus.").of(Feature::exporter),
    block<&Config::registry>("registry", registry_rows, "Servers that find one another's streams in a database."),
    nothing("threads", "Of the thread pool of older servers."),
    nothing("tencentcloud_cls", "A vendor's log service."),
    nothing("tencentcloud_apm", "A vendor's tracing service."),
    // Read by the loader: each makes a Vhost of its own. The environment reaches all of them.
    Directive{.name = "vhost",
              .type = {.kind = Kind::block},
              .meaning = "A virtual host; __defaultVhost__ takes what no other does.",
              .children = vhost_rows,
              .repeated = true},
};

}  // namespace

Rows root_rows() { return rows; }

}  // namespace weir::config
