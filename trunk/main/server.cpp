#include "main/server.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "app/api/context.h"
#include "app/api/rtc.h"
#include "app/events/variables.h"
#include "base/random.h"
#include "config/diff.h"
#include "main/check_text.h"
#include "main/console.h"
#include "main/process.h"
#include "pack/formats.h"
#include "pack/g711.h"

namespace weir::server {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto recordings_grace = 5s;
constexpr auto segments_grace = 5s;

std::size_t worker_count(const config::Config& config) {
  return config.workers > 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Server::Server(std::shared_ptr<const config::Config> config, log::Logger& logger, About about)
    : config_(std::move(config)),
      logger_(logger),
      log_{&logger, {}, {}},
      on_main_(std::move(about.on_main)),
      surroundings_(std::move(about.surroundings)),
      start_directory_(std::move(about.directory)),
      formats_(pack::all_formats()),
      pool_(worker_count(*config_), &logger),
      files_(std::make_unique<net::BlockingPool>(2, 1024)),
      segment_writers_(std::make_unique<net::BlockingPool>(2, 65'536)),
      recording_writers_(std::make_unique<net::BlockingPool>(2, 65'536)),
      recording_finishers_(std::make_unique<net::BlockingPool>(1, 65'536)),
      sound_makers_(std::make_unique<net::BlockingPool>(static_cast<unsigned>(pool_.size()), 65'536)) {
  bridge_ = std::make_unique<hub::AudioBridge>(
      *sound_makers_, process::plugin_paths(config_->process.plugin_dir, "libweir_avcodec.so"), &logger_);
  pack::add_g711(formats_, *bridge_);
  rtc_.bridge = bridge_.get();
  forwards_.server = base::random_text(8);
  segments_.relay.server = forwards_.server;
  process::set_budget(memory_, config_->memory_budget, memory_limit_);
  segments_.budget.join(memory_);
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    shards_.push_back(std::make_unique<Shard>(Shard::Parts{pool_[i],
                                                           directory_,
                                                           formats_,
                                                           peers_,
                                                           connections_,
                                                           *files_,
                                                           *segment_writers_,
                                                           proxy_figures_,
                                                           http2_figures_,
                                                           segments_,
                                                           rtc_,
                                                           gb28181_,
                                                           forwards_,
                                                           rist_,
                                                           transcoded_,
                                                           pool_.size(),
                                                           snapshots_,
                                                           {*recording_writers_, *recording_finishers_},
                                                           config_}));
  }
  for (const auto& shard : shards_) {
    peers_.push_back(&shard->hub());
    rtc_.peers.push_back(&shard->rtc());
    gb28181_.peers.push_back(&shard->gb_media());
    shard->hub().set_memory(memory_);
    shard->hub().set_bridge(*bridge_);
  }
  shards_.front()->recorder().keep_retention();
  std::vector<session::upstream::SrtLine*> lines;
  for (const auto& shard : shards_) lines.push_back(&shard->srt_line());
  srt_ =
      std::make_unique<SrtPorts>(SrtPorts::Parts{peers_, std::move(lines), directory_, connections_, logger_}, config_);
  statistics_ = std::make_unique<stats::Statistics>(pool_, peers_);
  for (const auto& shard : shards_) {
    statistics_->describe_rtc(shard->worker().index(),
                              [&rtc = shard->rtc()](const base::SessionId& id) { return rtc.report(id); });
  }
  std::error_code ignored;
  api_ = std::make_unique<api::Context>(api::Context{.statistics = *statistics_,
                                                     .workers = &pool_,
                                                     .recorders = recorders(),
                                                     .segments = &segments_,
                                                     .server_id = std::move(about.server_id),
                                                     .service_id = base::random_text(8),
                                                     .pid = ::getpid(),
                                                     .argv = std::move(about.argv),
                                                     .cwd = std::filesystem::current_path(ignored).string(),
                                                     .host_name = process::host_name(),
                                                     .revision = std::move(about.revision),
                                                     .files = files_.get(),
                                                     .read_configuration = std::move(about.read_configuration),
                                                     .request_reload = std::move(about.request_reload),
                                                     .reload_state = std::move(about.reload_state)});
  if (on_main_) {
    api_->change_overlay = [this](overlay::Change change, std::function<void(overlay::Outcome)> done) {
      on_main_([this, change = std::move(change), done = std::move(done)] { done(change_overlay(change)); });
    };
  }
  if (on_main_ && about.edit_file) {
    api_->edit_file = [this, edit = std::move(about.edit_file)](edit::Change change,
                                                                std::function<void(edit::Outcome)> done) {
      on_main_([edit, change = std::move(change), done = std::move(done)] { done(edit(change)); });
    };
  }
  surroundings_.said_by_command = [this](const config::Variable& variable) { return variables_.said(variable); };
  api_->variables = &variables_;
  guards_ = std::make_unique<Guards>(peers_, forwards_.server,
                                     hooks::Origin{api_->server_id, api_->service_id, api_->cwd}, readiness_);
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    api_->forwards.push_back(&shards_[i]->forwards());
    api_->pulls.push_back(&shards_[i]->pulls());
    api_->programs.push_back(&shards_[i]->programs());
    api_->media.push_back(&shards_[i]->gb_media());
    api_->doors.push_back(&shards_[i]->gb_door());
    shards_[i]->judge_connects_by([&hooks = guards_->hooks_of(i)](net::Life& life, const hub::Request& request) {
      return hooks.judge_connect(life, request);
    });
    snapshots_.services.push_back(&shards_[i]->snapshots());
    shards_[i]->forwards().ask_backend_with(
        [&hooks = guards_->hooks_of(i)](net::Life& life, const hub::Request& request) {
          return hooks.forward_targets(life, request);
        });
  }
  srt_->ask_keys_with([&hooks = guards_->hooks_of(0)](net::Life& life, session::srt::KeyQuestion question) {
    return hooks.srt_passphrase(life, std::move(question));
  });
  snapshots_.workers = &pool_;
  api_->snapshots = &snapshots_.figures;
  api_->memory = &memory_;
  api_->hooks = &guards_->hook_figures;
  api_->traces = &guards_->trace_figures;
  api_->check_configuration = [this](const std::string& text, std::size_t& unread) {
    CheckedText checked = check_text(text, surroundings_);
    unread = checked.unread;
    return std::move(checked.report);
  };
  api_->auth = &guards_->auth_figures;
  api_->cluster = &guards_->cluster_figures;
  api_->connections = &connections_;
  events_ = std::make_unique<events::Board>(
      events::Board::Parts{pool_, peers_, *statistics_, api_->service_id, &guards_->hook_figures});
  api_->events = events_.get();
  sip_ = std::make_unique<SipPorts>(
      SipPorts::Parts{shards_, peers_, connections_, *events_, *files_, gb28181_, logger_}, *config_);
  api_->gb28181 = sip_->service();
  if (auto* const service = sip_->service()) {
    service->observe([&hooks = guards_->hooks_of(0), vhost = service->platform().names().vhost()](
                         const session::gb28181::DeviceEvent& event) { hooks.on_device(vhost, event); });
  }
  if (config_->registry.engine != config::Registry::Engine::off) join_cluster();
  api_->proxies = &proxy_figures_;
  api_->http2 = &http2_figures_;
  api_->srt = &srt_->figures();
  api_->bridge = bridge_.get();
  api_->rtc = &rtc_.figures;
  api_->media_totals = &gb28181_.totals;
  api_->heartbeat = &heartbeat_figures_;
  api_->readiness = &readiness_;
  heartbeat_ = std::make_unique<heartbeat::Heartbeat>(
      shards_.front()->hub(), *api_, process::local_address(config_->stats.network), heartbeat_figures_);
  for (const auto& shard : shards_) {
    http::Router& router = shard->api_router();
    api::add_routes(router, *api_, shard->hub(),
                    shard->api_shares_http() ? api::Mount::shared_port : api::Mount::own_port);
    api::add_rtc_routes(router, *api_, shard->rtc());
    add_console(router, shard->hub(), *files_);
    if (!shard->api_shares_http()) add_way_to_console(shard->http_router(), shard->hub());
    api::add_page_streams(shard->http_router(), *api_, shard->hub());
    api::add_metrics(shard->exporter_router(), *api_, shard->hub());
    const http::Router::Gate gate = api::make_gate(*api_, shard->hub());
    for (http::Router* each : {&router, &shard->http_router(), &shard->exporter_router()}) each->set_gate(gate);
  }
}

Server::~Server() {
  if (running_) stop(0ms);
  pool_.stop();
  // Their threads tell the shards' streams and recorders of files: none may be left when these go.
  segment_writers_.reset();
  recording_writers_.reset();
  recording_finishers_.reset();
  sound_makers_.reset();
}

void Server::on_all(const std::function<void(Shard&)>& work) {
  std::latch done(static_cast<std::ptrdiff_t>(shards_.size()));
  for (const auto& shard : shards_) {
    shard->worker().post([&work, &done, one = shard.get()] {
      work(*one);
      done.count_down();
    });
  }
  done.wait();
}

std::vector<record::Recorder*> Server::recorders() const {
  std::vector<record::Recorder*> out;
  out.reserve(shards_.size());
  for (const auto& shard : shards_) out.push_back(&shard->recorder());
  return out;
}

bool Server::open(Service service, const std::vector<config::Endpoint>& endpoints, std::vector<Open>& out) {
  for (const config::Endpoint& endpoint : endpoints) {
    const net::ListenAddress address = address_of(endpoint);
    auto sockets = net::ListenSocket::open(address, pool_.size());
    if (!sockets) {
      log::error(log_, "cannot listen on {} for {}: {}{}", net::to_text(address), name_of(service),
                 sockets.error().message(),
                 sockets.error() == boost::system::errc::address_in_use ? "; another program has this port" : "");
      return false;
    }
    out.push_back({service, address, std::move(*sockets)});
  }
  return true;
}

bool Server::load_certificate(const Offer& offer) {
  for (const auto& shard : shards_) {
    std::string reason;
    if (shard->load_certificate(offer, reason)) continue;
    log::error(log_, "cannot serve {}: {}", name_of(offer.service), reason);
    return false;
  }
  return true;
}

bool Server::start() {
  std::vector<Open> opened;
  for (const Offer& offer : offers(*config_)) {
    if (offer.tls() && !load_certificate(offer)) return false;
    if (!open(offer.service, offer.endpoints, opened)) return false;
  }
  const auto bridges = [](const auto& vhost) { return vhost->rtc.rtmp_to_rtc || vhost->rtc.rtc_to_rtmp; };
  if (std::any_of(config_->vhosts.begin(), config_->vhosts.end(), bridges)) bridge_->load();
  if (!rtc_ports_.open(*config_, rtc_)) return false;
  if (!gb_ports_.open(*config_)) return false;
  for (const config::Endpoint& one : ice_tcp_endpoints(*config_)) {
    if (auto port = net::udp_address(one.address.empty() ? "0.0.0.0" : one.address, one.port)) {
      rtc_.tcp_ports.push_back(*port);
    }
  }
  if (!srt_->open() || !sip_->open()) return false;
  pool_.start();
  running_ = true;
  if (std::string reason; registry_ && !registry_->start(reason)) {
    log::error(log_, "registry: {}", reason);
    return false;
  }
  for (Open& one : opened) {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      auto socket = std::make_shared<net::ListenSocket>(std::move(one.sockets[i]));
      shards_[i]->worker().post([shard = shards_[i].get(), service = one.service, address = one.address, socket] {
        shard->listen(service, address, std::move(*socket));
      });
    }
    log::info(log_, "listening on {} for {}", net::to_text(one.address), name_of(one.service));
  }
  srt_->listen();
  sip_->listen();
  on_all([](Shard& shard) {
    shard.pulls().settings_changed();
    shard.programs().settings_changed();
  });
  readiness_.started();
  return true;
}

void Server::move_rtmp_listeners(const config::Config& next) {
  if (next.rtmp.listen == config_->rtmp.listen) return;
  std::vector<Open> opened;
  for (const config::Endpoint& endpoint : next.rtmp.listen) {
    if (std::find(config_->rtmp.listen.begin(), config_->rtmp.listen.end(), endpoint) != config_->rtmp.listen.end())
      continue;
    (void)open(Service::rtmp, {endpoint}, opened);  // logged; the others go on
  }
  std::vector<config::Endpoint> closed;
  for (const config::Endpoint& endpoint : config_->rtmp.listen) {
    if (std::find(next.rtmp.listen.begin(), next.rtmp.listen.end(), endpoint) == next.rtmp.listen.end())
      closed.push_back(endpoint);
  }
  for (const config::Endpoint& endpoint : closed) {
    const std::string name = listener_name(Service::rtmp, address_of(endpoint));
    on_all([&](Shard& shard) { shard.worker().stop_sessions(net::Errc::stopped, false, name); });
    log::info(log_, "no longer listening on {} for rtmp", net::to_text(address_of(endpoint)));
  }
  for (Open& one : opened) {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      auto socket = std::make_shared<net::ListenSocket>(std::move(one.sockets[i]));
      shards_[i]->worker().post([shard = shards_[i].get(), address = one.address, socket] {
        shard->listen(Service::rtmp, address, std::move(*socket));
      });
    }
    log::info(log_, "listening on {} for rtmp", net::to_text(one.address));
  }
}

void Server::reload(std::shared_ptr<const config::Config> config) {
  const auto changes = config::diff(*config_, *config);
  for (const config::Change& change : changes) {
    log::info(log_, "reload: {}: {} -> {} ({})", change.path, change.from.empty() ? "default" : change.from,
              change.to.empty() ? "default" : change.to, config::to_text(change.effect));
  }
  move_rtmp_listeners(*config);
  srt_->reload(config);
  bridge_->look_again();
  (void)rtc_ports_.open(*config, rtc_);  // logged; the others go on
  (void)gb_ports_.open(*config);         // the same
  on_all([&](Shard& shard) {
    shard.hub().set_config(config);
    shard.recorder().settings_changed();
    shard.forwards().settings_changed();
    shard.pulls().settings_changed();
    shard.programs().settings_changed();
    shard.gb_media().settings_changed();
  });
  renew_certificates(*config);
  config_ = std::move(config);
  process::set_budget(memory_, config_->memory_budget, memory_limit_);
  log::info(log_, "reload done, {} changes", changes.size());
  events::tell_variables(*events_, changes);
}

// Of the listeners that are open. Each worker has its own; the first one's complaint is everybody's.
void Server::renew_certificates(const config::Config& next) {
  for (const Offer& offer : offers(next)) {
    if (!offer.tls() || !shards_.front()->serves_tls(offer.service)) continue;
    on_all([&](Shard& shard) {
      std::string reason;
      if (shard.load_certificate(offer, reason) || &shard != shards_.front().get()) return;
      log::error(log_, "{} goes on as it was: {}", name_of(offer.service), reason);
    });
  }
}

std::size_t Server::sessions() {
  std::atomic<std::size_t> count{0};
  on_all([&](Shard& shard) { count += shard.worker().session_count(); });
  return count;
}

std::size_t Server::clients() {
  std::atomic<std::size_t> count{0};
  on_all([&](Shard& shard) {
    for (const char* service : {"rtmp", "http", "rtc", "srt", "gb28181"})  // and over TLS
      count += shard.worker().session_count(service);
  });
  return count;
}

std::size_t Server::ask_workers(const std::function<void()>& answer) {
  for (const auto& shard : shards_) shard->worker().post(answer);
  return shards_.size();
}

void Server::close_listeners(Listeners which) {
  srt_->drain();
  on_all([which](Shard& shard) {
    shard.hub().drain();
    shard.worker().drain_sessions();
    const auto close = [&](std::string_view name) { shard.worker().stop_sessions(net::Errc::stopped, false, name); };
    if (which == Listeners::all) return close("listener ");
    close("listener rtmp");
    close("listener http");
    close("listener srt");
    close("listener gb28181");
  });
}

bool Server::wait_until_idle(const std::function<bool()>& interrupted) {
  while (clients() > 0) {
    if (interrupted()) return false;
  }
  return true;
}

void Server::stop(std::chrono::milliseconds grace) {
  if (!std::exchange(running_, false)) return;
  sip_->stop();
  on_all([this](Shard& shard) {
    if (registry_ && &shard == shards_.front().get()) registry_->leave();
  });
  close_listeners();
  on_all([](Shard& shard) {
    shard.worker().stop_sessions(net::Errc::stopped, true);
    shard.segments().visitors().leave_all();
  });
  const auto wait = [this](Clock::time_point until) {
    while (sessions() > 0 && Clock::now() < until) std::this_thread::sleep_for(10ms);
    return sessions() == 0;
  };
  if (!wait(Clock::now() + grace)) {
    on_all([](Shard& shard) { shard.worker().stop_sessions(net::Errc::stopped, false); });
    if (!wait(Clock::now() + 1s)) {
      on_all([&](Shard& shard) {
        const std::string left = shard.worker().running_sessions();
        if (!left.empty()) log::warn(log_, "still running at the end: {}", left);
      });
    }
  }
  on_all([](Shard& shard) { shard.segments().visitors().leave_all(); });  // who came in while the others left
  finish_segments();
  finish_recordings();
  post_traces();
  pool_.stop();
}

// Spans of those who were there to the end. A collector that does not answer costs this much and no more.
void Server::post_traces() {
  constexpr auto limit = 2s;
  on_all([this](Shard& shard) { guards_->tracer_of(static_cast<std::size_t>(shard.worker().index())).flush(); });
  const auto posting = [this] {
    std::atomic<std::size_t> count{0};
    on_all([&](Shard& shard) { count += shard.worker().session_count("otlp"); });
    return count > 0;
  };
  const auto until = Clock::now() + limit;
  while (posting() && Clock::now() < until) std::this_thread::sleep_for(10ms);
  if (!posting()) return;
  log::warn(log_, "the collector of traces does not answer in time; what it has not taken is lost");
  on_all([](Shard& shard) { shard.worker().stop_sessions(net::Errc::stopped, false, "otlp"); });
  for (const auto last = Clock::now() + 1s; posting() && Clock::now() < last;) std::this_thread::sleep_for(10ms);
}

// Every segment that a playlist names is on the disk. By now all publishers have left, and what they left is queued.
void Server::finish_segments() {
  const auto until = Clock::now() + segments_grace;
  while (segments_.unwritten > 0 && Clock::now() < until) std::this_thread::sleep_for(5ms);
  if (const std::size_t left = segments_.unwritten; left > 0) {
    log::warn(log_, "{} files of segments and playlists are not written at the end: the disk is too slow", left);
  }
}

// What is recorded gets its end and its name. What the disk does not take in time stays as NAME.tmp, and can be played.
void Server::finish_recordings() {
  on_all([](Shard& shard) { shard.recorder().end_all(); });
  const auto unfinished = [this] {
    std::size_t count = 0;
    for (const auto& shard : shards_) count += shard->recorder().unfinished();
    return count;
  };
  const auto until = Clock::now() + recordings_grace;
  while (unfinished() > 0 && Clock::now() < until) std::this_thread::sleep_for(5ms);
  if (const std::size_t left = unfinished(); left > 0) {
    log::warn(log_, "{} recordings are not complete at the end; they are left as .tmp", left);
  }
}

void Server::look_at_memory() {
  memory_.set_resident(process::resident_bytes());
  // What goes up and down with the load: what is cached, and what connections take.
  constexpr std::uint64_t connection_bytes = 24 * 1024, rtc_session_bytes = 128 * 1024;
  const std::uint64_t load = memory_.used() + connections_.value() * connection_bytes +
                             rtc_.table.size() * rtc_session_bytes + (srt_ ? srt_->memory_bytes() : 0);
  const std::uint64_t before = memory_.resident();
  const auto began = Clock::now();
  if (trimmer_.look(load, began)) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    memory_.set_resident(process::resident_bytes());
    log::info(log_, "memory after a peak given back to the system: {} MB, from {} MB, in {} ms",
              memory_.resident() >> 20U, before >> 20U, took.count());
  }
  if (const auto pressure = memory_.pressure(); pressure != pressure_told_) {
    log::warn(log_, "memory: caches hold {} MB of a budget of {} MB, the process {} MB: {}", memory_.used() >> 20U,
              memory_.limit() >> 20U, memory_.resident() >> 20U, hub::describe(pressure));
    pressure_told_ = pressure;
  }
}

}  // namespace weir::server
