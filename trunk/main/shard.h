#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "app/auth/connection_gate.h"
#include "app/exec/exec.h"
#include "app/ffmpeg/service.h"
#include "app/record/recorder.h"
#include "app/snapshot/routes.h"
#include "base/log_limit.h"
#include "hub/hub.h"
#include "main/service.h"
#include "net/blocking_pool.h"
#include "net/http/router.h"
#include "net/http/server.h"
#include "net/http/static_files.h"
#include "net/listener.h"
#include "net/proxy/figures.h"
#include "net/tls_context.h"
#include "session/common/file_standing.h"
#include "session/forward/service.h"
#include "session/gb28181/media_service.h"
#include "session/gb28181/publish_door.h"
#include "session/hls/service.h"
#include "session/pull/service.h"
#include "session/rtmp/session.h"
#include "session/webrtc/service.h"

namespace weir::server {

// Everything of one worker: its hub, its routes, its certificates. Built on the main thread before the worker starts,
// then used on the worker alone.
class Shard {
 public:
  struct Parts {
    net::Worker& worker;
    hub::Directory& directory;
    const hub::Formats& formats;
    const hub::Hub::Peers& peers;
    auth::ConnectionGate& connections;
    net::BlockingPool& files;
    net::BlockingPool& segment_writers;
    proxy::Figures& proxy_figures;
    http2::Figures& http2_figures;
    session::hls::Shared& segments;
    session::webrtc::Shared& rtc;
    session::gb28181::MediaShared& gb28181;
    session::forward::Shared& forwards;
    net::RistLibrary& rist;
    ffmpeg::Outputs& transcoded;
    std::size_t workers;
    snapshot::Shared& snapshots;
    record::DiskFile::Pools recordings;
    std::shared_ptr<const config::Config> config;
  };
  explicit Shard(const Parts& parts);

  hub::Hub& hub() { return hub_; }
  record::Recorder& recorder() { return recorder_; }
  snapshot::Service& snapshots() { return snapshots_; }
  session::hls::Service& segments() { return segments_; }
  session::webrtc::Service& rtc() { return rtc_; }
  session::upstream::SrtLine& srt_line() { return srt_line_; }
  session::forward::Service& forwards() { return forwards_; }
  session::pull::Service& pulls() { return pulls_; }
  session::gb28181::MediaService& gb_media() { return gb_media_; }
  session::gb28181::PublishDoor& gb_door() { return gb_door_; }
  ffmpeg::Service& programs() { return programs_; }
  void judge_connects_by(decltype(session::rtmp::Shared::judge_connect) judge) {
    rtmp_.judge_connect = std::move(judge);
  }
  net::Worker& worker() { return worker_; }
  http::Router& http_router() { return http_router_; }
  bool api_shares_http() const { return api_shares_http_; }
  http::Router& exporter_router() { return exporter_router_; }
  http::Router& api_router() { return api_shares_http_ ? http_router_ : api_router_; }

  // Reads the certificates of a TLS service, or others after a change of the configuration, which the hub has by then.
  // The sentence says which file is at fault; what was in use stays then.
  base::Result<void> load_certificate(const Offer& offer, std::string& reason);
  bool serves_tls(Service service) const { return tls_[static_cast<std::size_t>(service)] != nullptr; }
  // Accepts on this worker until it is stopped. On the worker.
  void listen(Service service, const net::ListenAddress& address, net::ListenSocket socket);

 private:
  struct Arrival;
  void accept(Service service, std::unique_ptr<net::ByteStream> stream);
  bool seat(const std::string& address, const config::Limits& limits, std::shared_ptr<const void>& seat);
  net::Task<void> receive(net::Life& life, Arrival& arrival);
  net::Task<bool> begins_with_packet(net::Life& life, net::ByteStream& stream) const;
  net::Task<bool> read_proxy_header(net::Life& life, Arrival& arrival);
  net::Task<void> serve(net::Life& life, Service service, net::ByteStream& stream);
  bool offers_http2(Service service) const;
  net::Task<bool> speaks_http2(net::Life& life, Service service, net::ByteStream& stream) const;
  net::Task<void> serve_http(net::Life& life, Service service, net::ByteStream& stream, const http::Router& router,
                             const http::ServerOptions& options);
  void mount_static(const http::Router::Matcher& films);
  const http::StaticFiles* place_of(const http::Request& request, const std::string& path) const;
  net::Task<bool> serve_file(http::Exchange& exchange) const;
  net::Task<session::FileStanding> find_recording(http::Exchange& exchange, std::string path);
  std::unique_ptr<net::TlsContext>& tls(Service service) { return tls_[static_cast<std::size_t>(service)]; }
  http::ServerOptions options_of(const config::HttpLimits& limits, bool cross_domain);
  void log_http_fault(std::string_view line);

  // given
  net::Worker& worker_;
  auth::ConnectionGate& connections_;
  net::BlockingPool& files_;
  proxy::Figures& proxy_figures_;
  bool api_shares_http_;
  bool ice_shares_http_;

  // owned
  hub::Hub hub_;
  record::Recorder recorder_;
  snapshot::Service snapshots_;
  exec::Exec exec_;
  ffmpeg::Service programs_;
  session::rtmp::Shared rtmp_;
  session::hls::Service segments_;
  session::webrtc::Service rtc_;
  session::upstream::SrtLine srt_line_;
  net::Names rist_names_;
  session::upstream::RistLine rist_line_;
  session::forward::Service forwards_;
  session::pull::Service pulls_;
  session::gb28181::MediaService gb_media_;
  session::gb28181::PublishDoor gb_door_;
  http::Router http_router_, api_router_, exporter_router_;
  http::ServerOptions http_options_, api_options_;
  struct Place {
    std::string host;  // empty: any
    std::unique_ptr<http::StaticFiles> files;
  };
  std::vector<Place> places_;                                        // of static files
  std::array<std::unique_ptr<net::TlsContext>, service_count> tls_;  // by service; null for those without
  log::Context log_;

  // state
  std::chrono::steady_clock::time_point last_limit_log_{};
  log::Limit http_faults_, header_faults_;
};

}  // namespace weir::server
