#include "main/shard.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <chrono>

#include "app/record/door.h"
#include "base/version.h"
#include "main/page.h"
#include "main/schemes.h"
#include "net/http2/serve.h"
#include "net/proxy/read.h"
#include "net/tls_stream.h"
#include "session/hls/handler.h"
#include "session/hls/vod.h"
#include "session/live/routes.h"
#include "session/live/vod.h"
#include "session/webrtc/doors.h"
#include "session/webrtc/routes.h"
#include "session/webrtc/tcp_door.h"

namespace weir::server {

using namespace std::chrono_literals;

namespace {

constexpr auto tls_handshake_limit = 10s;
constexpr std::uint32_t reserved_for_api = 16;  // connections
constexpr auto proxy_header_limit = 5s;         // proxy-protocol.txt 2: 3 s at least

}  // namespace

Shard::Shard(const Parts& parts)
    : worker_(parts.worker),
      connections_(parts.connections),
      files_(parts.files),
      proxy_figures_(parts.proxy_figures),
      api_shares_http_(parts.config->api_shares_http()),
      ice_shares_http_(!ice_tcp_endpoints(*parts.config).empty() && ice_tcp_shares_http(*parts.config)),
      hub_(parts.worker, parts.directory, parts.formats, parts.peers, parts.config),
      recorder_(hub_, parts.recordings),
      snapshots_(hub_, parts.snapshots.figures),
      exec_(hub_),
      programs_(hub_, parts.transcoded, parts.workers),
      rtmp_{hub_},
      segments_(hub_, parts.segment_writers, parts.files, parts.segments),
      rtc_(hub_, parts.rtc, session::webrtc::make_doors(hub_)),
      rist_names_(parts.worker),
      rist_line_{parts.rist, rist_names_},
      forwards_(hub_, parts.forwards, srt_line_, rist_line_, parts.files),
      pulls_(hub_, parts.workers, make_schemes(hub_, parts.files, srt_line_, rist_line_), parts.forwards.server,
             parts.forwards.health),
      gb_media_(hub_, parts.gb28181,
                [this](const std::string& address, std::shared_ptr<const void>& place) {
                  return seat(address, hub_.config()->limits, place);
                }),
      gb_door_(hub_, gb_media_),
      log_{parts.worker.logger(), {}, {}} {
  const config::Config& config = *parts.config;
  http_options_ = options_of(config.http_server.limits, config.http_server.crossdomain);
  http_options_.leaving = [this] { return hub_.draining(); };
  // SRS's quirk, on which clients depend: crossdomain of http_server rules the API too.
  api_options_ = options_of(config.http_api.limits, config.http_server.crossdomain);
  http_options_.http2 = api_options_.http2 = &parts.http2_figures;
  // On the API's port as SRS has it, and beside the streams.
  session::webrtc::add_routes(http_router_, rtc_);
  if (!api_shares_http_) session::webrtc::add_routes(api_router_, rtc_);
  const auto films = session::hls::vod_matcher(segments_, [this](http::Exchange& exchange, std::string path) {
    return find_recording(exchange, std::move(path));
  });
  http_router_.add_matcher(films);
  session::hls::add_routes(http_router_, segments_);  // before the live streams: "a-1.ts" is a segment first
  snapshot::add_routes(http_router_, hub_, parts.snapshots,
                       [this](http::Exchange& exchange) { return serve_file(exchange); });
  session::live::add_routes(http_router_, hub_, [this](http::Exchange& exchange) { return serve_file(exchange); });
  add_page_routes(http_router_, hub_, [this](http::Exchange& exchange) { return serve_file(exchange); });
  mount_static(films);
}

http::ServerOptions Shard::options_of(const config::HttpLimits& limits, bool cross_domain) {
  http::ServerOptions options;
  options.server_name = std::string(base::server_name) + "/" + std::string(base::version);
  options.cors = cross_domain;
  options.max_head_bytes = limits.max_header_bytes;
  options.head_limit = limits.header_timeout;
  options.idle_limit = limits.idle_timeout;
  options.write_limit = limits.send_timeout;
  options.on_fault = [this](std::string_view line) { log_http_fault(line); };
  options.trusts_proxy = [this](std::string_view address) { return hub_.config()->trusts_proxy(address); };
  options.proxy_header = [this] {
    static_assert(static_cast<int>(config::RealIpHeader::x_real_ip) == static_cast<int>(http::ForwardedBy::x_real_ip));
    return static_cast<http::ForwardedBy>(hub_.config()->real_ip_header);
  };
  return options;
}

// A port that is scanned brings thousands of these.
void Shard::log_http_fault(std::string_view line) {
  if (const auto times = http_faults_.hit(std::chrono::steady_clock::now())) {
    log::warn(log_, "{}{}", line, times > 1 ? fmt::format(" (the last of {} faults)", times) : std::string());
  }
}

// The static root, and the directories of virtual hosts by host name.
void Shard::mount_static(const http::Router::Matcher& films) {
  const config::Config& config = *hub_.config();
  const auto mount = [this, &films](std::string pattern, std::string prefix, std::string root) {
    places_.push_back(
        {pattern.substr(0, pattern.find('/')),
         std::make_unique<http::StaticFiles>(http::StaticFiles::Options{.root = std::move(root),
                                                                        .prefix = std::move(prefix),
                                                                        .flv_lead = session::live::vod_lead,
                                                                        .squeezes = true,
                                                                        .judge = record::make_judge(hub_, files_)},
                                             files_)});
    const http::StaticFiles* files = places_.back().files.get();
    http_router_.add(pattern, http::Access::page, [files](http::Exchange& exchange) { return files->serve(exchange); });
    if (pattern.find('/') + 1 < pattern.size()) http_router_.add_within(pattern, films);
  };
  bool root_taken = false;
  for (const auto& vhost : config.vhosts) {
    if (!vhost->enabled || !vhost->http_static.enabled) continue;
    std::string pattern = vhost->http_static.mount;
    if (const auto at = pattern.find("[vhost]"); at != std::string::npos) pattern.replace(at, 7, vhost->name);
    if (pattern.starts_with(config::default_vhost_name))
      pattern.erase(0, std::string_view(config::default_vhost_name).size());
    if (!pattern.ends_with('/')) pattern += '/';
    root_taken = root_taken || pattern == "/";
    mount(pattern, pattern.substr(pattern.find('/')), vhost->http_static.dir);
  }
  if (!root_taken) mount("/", "/", config.http_server.dir);
}

// The file that a live path names too: of the host's own place before those of all hosts, the longest mount first.
const http::StaticFiles* Shard::place_of(const http::Request& request, const std::string& path) const {
  const std::string host = request.virtual_host();
  const http::StaticFiles* best = nullptr;
  std::pair<bool, std::size_t> best_rank;
  for (const Place& place : places_) {
    const std::size_t covered = place.files->covers(path);
    if (covered == 0 || (!place.host.empty() && place.host != host)) continue;
    const std::pair rank(!place.host.empty(), covered);
    if (best && rank <= best_rank) continue;
    best = place.files.get();
    best_rank = rank;
  }
  return best;
}

net::Task<bool> Shard::serve_file(http::Exchange& exchange) const {
  const http::StaticFiles* const place = place_of(exchange.request(), exchange.request().path);
  co_return place&& co_await place->serve_if_found(exchange);
}

net::Task<session::FileStanding> Shard::find_recording(http::Exchange& exchange, std::string path) {
  const http::StaticFiles* const place = place_of(exchange.request(), path);
  if (!place) co_return session::FileStanding{};
  const std::string relative = path.substr(place->prefix().size());
  auto open = [root = place->root(), relative] { return http::File::open_beneath(root, relative, true); };
  auto opened = co_await files_.run(std::move(open));
  if (!opened) co_return session::FileStanding{.status = http::File::Status::busy, .file = nullptr};
  co_return co_await record::standing_of(hub_, files_, place->root() + "/" + relative, *std::move(opened));
}

base::Result<void> Shard::load_certificate(const Offer& offer, std::string& reason) {
  const config::Tls& given = hub_.config()->tls;
  net::TlsContext::Rules rules{static_cast<net::TlsContext::Version>(given.min_version),
                               static_cast<net::TlsContext::Version>(given.max_version), given.curves};
  if (net::TlsContext* const running = tls(offer.service).get()) {
    return running->use({offer.certificate, offer.key}, std::move(rules), reason);
  }
  auto made = net::TlsContext::make_server({offer.certificate, offer.key}, std::move(rules), reason);
  if (!made) return made.error();
  (*made)->on_fault([this](std::string_view line) { log::error(log_, "{}", line); });
  tls(offer.service) = std::move(*made);
  return {};
}

void Shard::listen(Service service, const net::ListenAddress& address, net::ListenSocket socket) {
  auto held = std::make_shared<net::ListenSocket>(std::move(socket));
  worker_.spawn(listener_name(service, address), [this, service, held](net::Life& life) -> net::Task<void> {
    co_await net::accept_loop(life, std::move(*held), [this, service](std::unique_ptr<net::ByteStream> stream) {
      accept(service, std::move(stream));
    });
  });
}

struct Shard::Arrival {
  Service service;
  std::unique_ptr<net::ByteStream> stream;
  std::shared_ptr<const void> seat;  // among the connections that are allowed
  bool header_follows;               // a load balancer's, on whom the connection is for
};

namespace {

config::Limits limits_of(const config::Config& config, Service service, const std::string& address) {
  config::Limits limits = config.limits;
  // All of a proxy's clients come from its one address.
  if (config.trusts_proxy(address)) limits.max_connections_per_address = 0;
  // Who looks after the server gets in though it is full of others.
  if (service == Service::api || service == Service::api_tls) limits.max_connections += reserved_for_api;
  return limits;
}

}  // namespace

bool Shard::seat(const std::string& address, const config::Limits& limits, std::shared_ptr<const void>& seat) {
  const auto now = std::chrono::steady_clock::now();
  const auto limit = connections_.enter(address, limits, now, seat);
  if (limit == auth::ConnectionGate::Limit::none) return true;
  if (now - last_limit_log_ > 1s) {
    last_limit_log_ = now;
    log::warn(log_, "connection of {} refused: {} is reached ({} refused so far)", address, auth::name_of(limit),
              connections_.refused());
  }
  return false;
}

void Shard::accept(Service service, std::unique_ptr<net::ByteStream> stream) {
  const std::shared_ptr<const config::Config> config = hub_.config();
  const std::string& address = stream->peer().address;
  std::shared_ptr<const void> place;
  if (!seat(address, limits_of(*config, service, address), place)) return;
  const bool header_follows = config->trusts_proxy(address) && expects_proxy_header(service, *config);
  // Held by the session's function, and so by its frame.
  const std::shared_ptr<Arrival> arrival(new Arrival{service, std::move(stream), std::move(place), header_follows});
  worker_.spawn(std::string(name_of(service)), [this, arrival](net::Life& life) { return receive(life, *arrival); });
}

net::Task<void> Shard::receive(net::Life& life, Arrival& arrival) {
  life.comes_from(arrival.stream->peer().address);
  if (arrival.header_follows && !co_await read_proxy_header(life, arrival)) co_return;
  const Service service = arrival.service;
  if (net::TlsContext* const context = tls(service).get()) {
    auto secure = net::TlsStream::make_server(std::move(arrival.stream), *context, offers_http2(service));
    net::TlsStream& stream = *secure;
    arrival.stream = std::move(secure);
    life.watchdog.arm(tls_handshake_limit);
    if (const auto shaken = co_await stream.handshake(); !shaken) {
      log::info(life.log(), "{} client {}: TLS handshake failed: {}", name_of(service), stream.peer().address,
                stream.failure().empty() ? net::why_ended(life, shaken.error()).message() : stream.failure());
      co_return;
    }
  }
  const bool may_be_ice = service == Service::http && ice_shares_http_;
  if (service == Service::ice_tcp || (may_be_ice && co_await begins_with_packet(life, *arrival.stream))) {
    co_return co_await session::webrtc::serve_tcp(life, rtc_, std::move(arrival.stream), std::move(arrival.seat));
  }
  co_await serve(life, service, *arrival.stream);
}

// RFC 4571: the upper byte of the length of a check, which is a small number; no HTTP begins so.
net::Task<bool> Shard::begins_with_packet(net::Life& life, net::ByteStream& stream) const {
  life.watchdog.arm(http_options_.idle_limit);
  if (!co_await stream.readable()) co_return false;
  life.watchdog.disarm();
  std::uint8_t first = 0;
  co_return ::recv(stream.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && first < 16;
}

// The client's address from the load balancer which relays it; then it is counted against the limits in its own name.
net::Task<bool> Shard::read_proxy_header(net::Life& life, Arrival& arrival) {
  net::ByteStream& stream = *arrival.stream;
  life.watchdog.arm(proxy_header_limit);
  std::string complaint;
  const auto header = co_await proxy::read_header(stream, complaint);
  if (!header) {
    // Load balancers look whether a port is open by connecting to it.
    if (header.error() == net::Errc::end_of_stream && stream.received_bytes() == 0) co_return false;
    if (life.stopping() && life.stop_reason() != net::Errc::timed_out) co_return false;
    ++proxy_figures_.refused;
    if (complaint.empty()) complaint = net::why_ended(life, header.error()).message();
    if (const auto times = header_faults_.hit(std::chrono::steady_clock::now())) {
      log::warn(life.log(), "{}: PROXY header of {}: {}{}", name_of(arrival.service), stream.peer().address, complaint,
                times > 1 ? fmt::format(" (the last of {} faults)", times) : std::string());
    }
    co_return false;
  }
  if (!header->relayed) {
    ++proxy_figures_.own;
    co_return true;
  }
  ++proxy_figures_.relayed;
  log::debug(life.log(), "{}: {} relays {}:{}", name_of(arrival.service), stream.peer().address, header->source.address,
             header->source.port);
  stream.relayed_for(header->source, header->destination);
  life.comes_from(header->source.address);
  const std::shared_ptr<const config::Config> config = hub_.config();
  config::Limits limits = limits_of(*config, arrival.service, stream.peer().address);
  limits.max_new_connections_per_second = 0;  // counted when it came
  arrival.seat.reset();
  co_return seat(stream.peer().address, limits, arrival.seat);
}

bool Shard::offers_http2(Service service) const {
  const std::shared_ptr<const config::Config> config = hub_.config();
  switch (service) {
    case Service::http:
    case Service::https:
      return http2::is_built() && config->http_server.http2;
    case Service::api:
    case Service::api_tls:
      return http2::is_built() && config->http_api.http2;
    default:
      return false;
  }
}

// Over TLS both sides chose; without, the first bytes tell (RFC 9113 3.3).
net::Task<bool> Shard::speaks_http2(net::Life& life, Service service, net::ByteStream& stream) const {
  if (stream.encrypted()) co_return stream.protocol() == "h2";
  if (!offers_http2(service)) co_return false;
  life.watchdog.arm(http_options_.head_limit);
  if (!co_await stream.readable()) co_return false;
  std::array<char, http2::preface_begin.size()> first{};
  const ssize_t count = ::recv(stream.native_handle(), first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
  co_return count == static_cast<ssize_t>(first.size()) &&
      std::string_view(first.data(), first.size()) == http2::preface_begin;
}

net::Task<void> Shard::serve_http(net::Life& life, Service service, net::ByteStream& stream, const http::Router& router,
                                  const http::ServerOptions& options) {
  if (co_await speaks_http2(life, service, stream)) {
    co_return co_await http2::serve_connection(stream, router, options, life);
  }
  co_await http::serve_connection(stream, router, options, life.watchdog, &life);
}

net::Task<void> Shard::serve(net::Life& life, Service service, net::ByteStream& stream) {
  switch (service) {
    case Service::rtmp:
    case Service::rtmps:
      return session::rtmp::serve(life, rtmp_, stream);
    case Service::http:
    case Service::https:
      return serve_http(life, service, stream, http_router_, http_options_);
    case Service::exporter:
      return http::serve_connection(stream, exporter_router_, api_options_, life.watchdog, &life);
    case Service::api:
    case Service::api_tls:
    case Service::ice_tcp:  // receive() has it
      break;
  }
  return serve_http(life, service, stream, api_router(), api_options_);
}

}  // namespace weir::server
