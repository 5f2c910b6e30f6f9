#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diff.h"
#include "config/features.h"
#include "config/tree.h"
#include "config/value.h"

// The one description of every directive. It drives parsing, checks, the environment, reload classes, the warnings
// about what is not built, and the reference file conf/full.conf.
namespace weir::config {

struct Directive;
using Rows = std::span<const Directive>;

struct Directive {
  using Store = void (*)(void* object, const Value& value);
  using Read = void (*)(void* object, const Node& node, Problems& problems);  // of a `special`
  using Enter = void* (*)(void* object);  // the object of a block; appends if repeated
  using SetName = void (*)(void* object, const std::string& name);

  std::string_view name{};
  Type type{};
  std::string_view fallback{};  // as it would be written; empty: nothing is stored
  Effect effect = Effect::restart;
  std::string_view meaning{};
  Store store = nullptr;
  Read read = nullptr;
  Enter enter = nullptr;
  Enter first = nullptr;  // of a repeated block that is always there once: the object that its first one fills
  SetName set_name = nullptr;
  Rows (*children)() = nullptr;
  std::string_view environment{};  // empty: by rule; "-": none; else the names, first wins
  Feature feature = Feature::core;
  std::string_view example{};  // for the reference, where there is no default
  bool repeated = false;
  bool unique = false;  // of a repeated block: by its name
  bool open = false;    // unknown names inside are only warned of, as SRS does not look there

  constexpr bool is_block() const { return type.kind == Kind::block; }
  constexpr Directive env(std::string_view names) const {
    Directive d = *this;
    d.environment = names;
    return d;
  }
  constexpr Directive of(Feature what) const {
    Directive d = *this;
    d.feature = what;
    return d;
  }
  constexpr Directive like(std::string_view text) const {
    Directive d = *this;
    d.example = text;
    return d;
  }
  constexpr Directive lenient() const {
    Directive d = *this;
    d.open = true;
    return d;
  }
  constexpr Directive one_of_each() const {
    Directive d = *this;
    d.unique = true;
    return d;
  }
  // The environment reaches the first.
  constexpr Directive at_least_one(Enter of_first) const {
    Directive d = *this;
    d.first = of_first;
    d.environment = {};
    return d;
  }
  constexpr Directive named(SetName set) const {
    Directive d = *this;
    d.set_name = set;
    return d;
  }
};

// The names that the environment may give it, in the order they are looked up. `path` is "vhost.play.gop_cache".
std::vector<std::string> environment_names(const Directive& directive, std::string_view path);
// Calls `visit(path, directive, readable)` for each row, blocks before their contents. `readable`: the environment can
// set it, which it cannot inside a block that may stand several times (a vhost apart).
template <class Visit>
void walk(Rows rows, const std::string& prefix, Visit& visit, bool readable = true) {
  for (const Directive& row : rows) {
    const std::string path = prefix.empty() ? std::string(row.name) : prefix + "." + std::string(row.name);
    const bool row_readable = readable && row.environment != "-";
    visit(path, row, row_readable);
    if (row.children) walk(row.children(), path, visit, row_readable);
  }
}

// The rows of each block, subject by subject.
Rows root_rows();  // schema_root.cpp
Rows rtmp_rows();  // schema_server.cpp, to heartbeat
Rows rtmps_rows();
Rows circuit_breaker_rows();
Rows heartbeat_rows();
Rows otlp_rows();
Rows tls_rows();
Rows stats_rows();
Rows exporter_rows();
Rows registry_rows();  // schema_registry.cpp
Rows http_api_rows();  // schema_http.cpp
Rows http_server_rows();
Rows http_static_rows();
Rows http_remux_rows();
Rows srt_server_rows();  // schema_realtime.cpp
Rows srt_rows();
Rows srt_stream_rows();
Rows rtsp_server_rows();
Rows rtsp_rows();
Rows rtc_server_rows();  // schema_rtc.cpp
Rows rtc_rows();
Rows stream_caster_rows();
Rows vhost_rows();  // schema_vhost.cpp
Rows play_rows();
Rows publish_rows();
Rows refer_rows();  // schema_access.cpp
Rows security_rows();
Rows auth_rows();
Rows stream_limits_rows();
Rows http_hooks_rows();
Rows exec_rows();
Rows cluster_rows();  // schema_cluster.cpp
Rows forward_rows();
Rows source_rows();
Rows push_rows();
Rows snapshot_rows();
Rows transcode_rows();
Rows process_rows();
Rows ingest_rows();
Rows hls_rows();  // schema_segments.cpp
Rows dash_rows();
Rows hds_rows();
Rows dvr_rows();

}  // namespace weir::config
