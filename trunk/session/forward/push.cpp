#include "session/forward/push.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scope_exit.h"
#include "net/notifier.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "session/common/protocol.h"
#include "session/common/srt_connection.h"
#include "session/common/upstream/local_error.h"
#include "session/common/upstream/reach.h"
#include "session/common/upstream/way.h"
#include "session/forward/http_sender.h"
#include "session/forward/rist_out.h"
#include "session/forward/sender.h"
#include "session/forward/srt_sender.h"
#include "session/forward/ts_sender.h"
#include "session/forward/udp_out.h"

namespace weir::session::forward {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;

namespace {

constexpr auto finish_limit = 3s;  // for what is still on its way when the stream ends
constexpr auto name_limit = 5s;    // to look one up
constexpr auto steady = 2s;        // what has lasted so long did not break for its beginning

double seconds(std::chrono::duration<double> time) { return time.count(); }

bool is_hopeless(ErrorCode why) {
  return why == upstream::Errc::loop || why == upstream::Errc::bad_address || why == upstream::Errc::leads_inside ||
         why == upstream::Errc::no_srt;
}

}  // namespace

Push::Push(Given given)
    : given_(std::move(given)),
      retry_(static_cast<std::uint32_t>(std::hash<std::string>{}(given_.destination.text + given_.request->stream) ^
                                        static_cast<std::size_t>(Clock::now().time_since_epoch().count()))),
      next_([this] { begin(); }),
      tried_(given_.destination.urls.size()) {}

Push::~Push() = default;

void Push::choose_url() {
  if (all_tried()) tried_.assign(tried_.size(), false);
  if (given_.health) {
    url_ = given_.health->choose(given_.destination.names, tried_, given_.request->key(), Clock::now()).value_or(0);
  } else {
    url_ = static_cast<std::size_t>(std::find(tried_.begin(), tried_.end(), false) - tried_.begin());
  }
}

void Push::begin() {
  if (over_ || stopped_ || begun_) return;
  if (given_.circles) return give_up(upstream::Errc::loop);
  choose_url();
  enter(State::connecting);
  ++done_.attempts;
  begun_ = true;
  given_.hub.worker().spawn("forward", [self = shared_from_this()](net::Life& life) { return self->attempt(life); });
}

void Push::give_up(ErrorCode why) {
  error_ = why.message();
  ++done_.failures;
  enter(State::given_up);
}

void Push::stop() {
  if (over_ || std::exchange(stopped_, true)) return;
  next_.disarm();
  since_ = Clock::now();
  if (life_) life_->stop(upstream::Errc::not_wanted, true);
}

// While an attempt that was told to stop is still there, its end begins the next one.
void Push::start() {
  if (!std::exchange(stopped_, false)) return;
  tried_.assign(tried_.size(), false);
  since_ = Clock::now();
  begin();
}

void Push::finish() {
  over_ = true;
  next_.disarm();
  if (other_) other_->end();
  if (!life_) return;
  if (state_ == State::sending) {
    life_->watchdog.arm(finish_limit);
  } else {
    life_->stop(hub::Errc::unpublished);
  }
}

void Push::end() {
  over_ = true;
  next_.disarm();
  if (life_) life_->stop(net::Errc::stopped, true);
}

void Push::enter(State state) {
  state_ = state;
  since_ = Clock::now();
}

// The address of a name is known only now. A stream of another name may go from this server to itself.
Result<void> Push::examine(const net::ByteStream& stream, const proto::StreamUrl& url) const {
  if (stream.peer().address != stream.local().address) return {};
  const config::Config& config = *given_.hub.config();
  const auto is_ours = [&](const std::vector<config::Endpoint>& endpoints) {
    return std::any_of(endpoints.begin(), endpoints.end(),
                       [&](const config::Endpoint& one) { return one.port == stream.peer().port; });
  };
  if (!is_ours(config.rtmp.listen) && !(config.rtmps.enabled && is_ours(config.rtmps.listen))) return {};
  const auto vhost = config.match_vhost(url.vhost);
  const hub::Request& request = *given_.request;
  const bool same = vhost && vhost->name == request.vhost->name && url.app == request.app &&
                    proto::without_extension(url.stream) == request.stream;
  if (same) return upstream::Errc::loop;
  return {};
}

// What a stream id says to ourselves is not looked at: no stream goes from this server to itself by SRT.
Result<void> Push::examine(const net::UdpAddress& address) {
  TRY_VOID(upstream::may_dial(given_.trust, net::ip_text(address), why_));
  const auto has_port = [&](const config::Endpoint& one) { return one.port == address.port; };
  const auto is_there = [&](const config::SrtServer& one) {
    return one.enabled && std::any_of(one.listen.begin(), one.listen.end(), has_port);
  };
  const auto& ours = given_.hub.config()->srt_servers;
  if (std::none_of(ours.begin(), ours.end(), is_there)) return {};
  if (net::is_own_address(address)) return upstream::Errc::loop;
  return {};
}

// A stream of another name may go from this server to itself.
Result<void> Push::examine(const net::ByteStream& stream, const upstream::HttpTarget& target) const {
  if (stream.peer().address != stream.local().address) return {};
  const auto is_ours = [&](const std::vector<config::Endpoint>& endpoints) {
    return std::any_of(endpoints.begin(), endpoints.end(),
                       [&](const config::Endpoint& one) { return one.port == stream.peer().port; });
  };
  const config::HttpServer& ours = given_.hub.config()->http_server;
  const bool here = (ours.enabled && is_ours(ours.listen)) || (ours.https.enabled && is_ours(ours.https.listen));
  const std::string_view path = std::string_view(target.url.target).substr(0, target.url.target.find('?'));
  const hub::Request& request = *given_.request;
  if (here && path == "/" + request.app + "/" + request.stream + ".flv") return upstream::Errc::loop;
  return {};
}

net::Task<void> Push::attempt(net::Life& life) {
  life_ = &life;
  life.comes_from(given_.request->peer.address);  // the publisher's
  id_ = life.id();
  why_.clear();
  ErrorCode why = net::Errc::stopped;
  {
    const base::ScopeExit left([this] {
      begun_ = false;
      life_ = nullptr;
      sending_ = nullptr;
      other_ = nullptr;
      sound_.reset();
    });
    if (!over_ && !stopped_) why = co_await send(life);
  }
  attempted(life, net::why_ended(life, why));
}

net::Task<ErrorCode> Push::send(net::Life& life) {
  CO_TRY_VOID(co_await load_sound());
  const upstream::Url& url = given_.destination.urls[url_];
  if (const auto* srt = std::get_if<config::SrtUrl>(&url)) co_return co_await send_by_srt(life, *srt);
  if (const auto* udp = std::get_if<config::UdpTarget>(&url)) co_return co_await send_by_udp(life, *udp);
  if (const auto* rist = std::get_if<config::RistUrl>(&url)) co_return co_await send_by_rist(life, *rist);
  if (const auto* target = std::get_if<upstream::HttpTarget>(&url)) co_return co_await send_by_http(life, *target);
  co_return co_await send_by_rtmp(life, std::get<proto::StreamUrl>(url));
}

// A session that we went to: nobody is asked.
hub::Request Push::subscription_request(hub::ProtocolId protocol, net::Peer peer) const {
  hub::Request request = *given_.request;
  request.origin = hub::Origin::pull;
  request.protocol = protocol;
  request.facts = {};
  request.peer = std::move(peer);
  return request;
}

net::Task<Result<void>> Push::load_sound() {
  if (given_.audio.empty()) co_return Result<void>();
  why_ = given_.audio;
  auto sound = co_await given_.files.run(
      [root = given_.hub.config()->http_server.dir, name = given_.audio] { return read_sound_file(root, name); });
  if (!sound) co_return upstream::LocalErrc::too_busy;
  if (!*sound) co_return sound->error();
  sound_ = std::make_shared<const SoundFile>(**std::move(sound));
  why_.clear();
  co_return Result<void>();
}

net::Task<Result<Reading>> Push::read(net::Life& life, hub::Request request, hub::FormatId format, hub::Link link) {
  if (!sound_) {
    auto subscription = co_await given_.hub.subscribe(life, std::move(request), format, std::move(link));
    if (!subscription) co_return subscription.error().why;
    co_return Reading(*std::move(subscription));
  }
  if (given_.hub.draining()) co_return hub::Errc::draining;
  request.role = hub::Role::play;
  hub::Record record{.id = life.id(), .request = std::move(request), .session = &life, .link = std::move(link)};
  CO_TRY(auto ticket, given_.hub.registry().enter(std::move(record)));
  auto other = std::make_unique<OtherSound>(given_.hub, *given_.request, sound_, format);
  other_ = other.get();
  co_return Reading(std::move(ticket), std::move(other));
}

void Push::begin_sending(net::Life& life, const Sending& sending, std::string_view terms) {
  sending_ = &sending;
  if (given_.health) given_.health->gave(given_.destination.names[url_], given_.request->key());
  error_.clear();
  enter(State::sending);
  log::info(life.log(), "forward of {} to {}: sending{}", given_.request->url(), given_.destination.shown, terms);
  if (over_) life.watchdog.arm(finish_limit);
}

void Push::count(const Sending& sending) {
  done_.bytes += sending.sent_bytes();
  done_.skips += sending.skips();
  done_.drops += sending.drops();
  sending_ = nullptr;
}

net::Task<ErrorCode> Push::send_by_rtmp(net::Life& life, const proto::StreamUrl& url) {
  upstream::Call call{.url = url,
                      .role = rtmp::Role::publish,
                      .trust = given_.trust,
                      .chunk_size = given_.request->vhost->chunk_size,
                      .arguments = upstream::arguments_of(given_.way)};
  call.examine = [this](const net::ByteStream& stream, const proto::StreamUrl& to) { return examine(stream, to); };
  auto link = co_await upstream::RtmpLink::open(life, given_.tls, std::move(call), why_);
  if (!link) co_return link.error();
  why_.clear();
  const net::ByteStream& stream = (*link)->stream();
  auto reading = co_await read(life, subscription_request(protocols::rtmp.id, stream.peer()), pack::pushed, &stream);
  if (!reading) co_return reading.error();
  Sender sender(life, **link, reading->seat(), given_.hub.memory());
  const base::ScopeExit counted([&] { count(sender); });
  begin_sending(life, sender, "");
  co_return co_await sender.run(why_);
}

net::Task<ErrorCode> Push::send_by_http(net::Life& life, const upstream::HttpTarget& target) {
  auto stream = co_await open_http(
      life, given_.tls, given_.trust, target, given_.way,
      [this, &target](const net::ByteStream& to) { return examine(to, target); }, why_);
  if (!stream) co_return stream.error();
  auto reading =
      co_await read(life, subscription_request(protocols::flv.id, (*stream)->peer()), pack::pushed, stream->get());
  if (!reading) co_return reading.error();
  HttpSender sender(life, **stream, reading->seat(), given_.hub.memory());
  const base::ScopeExit counted([&] { count(sender); });
  begin_sending(life, sender, "");
  co_return co_await sender.run(why_);
}

net::Task<ErrorCode> Push::send_by_srt(net::Life& life, const config::SrtUrl& url) {
  auto socket = co_await upstream::open_srt(life, given_.srt, url, why_,
                                            [this](const net::UdpAddress& address) { return examine(address); });
  if (!socket) co_return socket.error();
  why_.clear();
  auto reading = co_await read(life, subscription_request(protocols::srt.id, (*socket)->peer()), pack::ts_messages,
                               srt_link(**socket));
  if (!reading) co_return reading.error();
  SrtSender sender(life, **socket, reading->seat());
  const base::ScopeExit counted([&] { count(sender); });
  begin_sending(life, sender, " (" + srt_terms(**socket) + ")");
  look_at_latency(life.log(), **socket);
  co_return co_await sender.run();
}

net::Task<ErrorCode> Push::send_by_udp(net::Life& life, const config::UdpTarget& target) {
  why_ = "the address of the host";
  const auto addresses = co_await given_.names.find(target.host, name_limit);
  if (addresses.empty()) co_return net::Errc::timed_out;
  net::UdpAddress to = addresses.front();
  to.port = target.port;
  if (const auto may = upstream::may_dial(given_.trust, net::ip_text(to), why_); !may) co_return may.error();
  why_ = net::to_text(to);
  const auto seat = given_.places.take(net::to_text(to));
  if (!seat) co_return upstream::Errc::taken;
  auto out = UdpOut::open(life.worker(), target, to);
  if (!out) co_return out.error();
  why_.clear();
  hub::Link link;
  link.meter = &(*out)->meter();
  auto reading = co_await read(life, subscription_request(protocols::ts.id, {net::ip_text(to), to.port}),
                               pack::ts_messages, std::move(link));
  if (!reading) co_return reading.error();
  const rtp::TsDatagrams::Options form{.rtp = target.rtp,
                                       .first_sequence = 0,
                                       .ssrc = 0,
                                       .fec_columns = target.fec_columns,
                                       .fec_rows = target.fec_rows,
                                       .fec_by_rows = target.fec_by_rows};
  TsSender sender(life, **out, form, reading->seat(), given_.hub.memory(), target.muxrate);
  const base::ScopeExit counted([&] { count(sender); });
  begin_sending(life, sender, target.muxrate == 0 ? "" : fmt::format(" at {} bits a second", target.muxrate));
  co_return co_await sender.run();
}

net::Task<ErrorCode> Push::send_by_rist(net::Life& life, const config::RistUrl& target) {
  const auto settings = co_await upstream::rist_settings(given_.rist, target, given_.trust, why_);
  if (!settings) co_return settings.error();
  why_ = upstream::rist_addresses(*settings);
  std::vector<std::unique_ptr<Places::Seat>> seats;
  const auto take = [&](const net::RistSettings& one) {
    seats.push_back(given_.places.take("rist " + net::to_text(one.address)));
    return seats.back() != nullptr;
  };
  if (!take(*settings) || !std::all_of(settings->more.begin(), settings->more.end(), take)) {
    co_return upstream::Errc::taken;
  }
  net::Notifier wake(life.worker().io());
  auto link = net::RistSender::open({.worker = life.worker(),
                                     .library = given_.rist.library,
                                     .settings = *settings,
                                     .log = life.log(),
                                     .changed = [&wake] { wake.notify(); }});
  if (!link) co_return link.error();
  RistOut out(*std::move(link), config::waits(target));
  if (!config::waits(target)) life.watchdog.arm(upstream::rist_answer_limit);
  while (out.link().peers() == 0) {
    if (const auto woke = co_await wake.wait(); !woke) co_return net::why_ended(life, woke.error());
  }
  life.watchdog.disarm();
  why_.clear();
  hub::Link told;
  told.meter = &out.meter();
  told.figures = [&out]() -> const net::TransportFigures& { return out.link().figures(); };
  const net::Peer peer{net::ip_text(settings->address), settings->address.port};
  auto reading =
      co_await read(life, subscription_request(protocols::rist.id, peer), pack::ts_messages, std::move(told));
  if (!reading) co_return reading.error();
  TsSender sender(life, out, {}, reading->seat(), given_.hub.memory());
  const base::ScopeExit counted([&] { count(sender); });
  begin_sending(life, sender, settings->simple ? " (simple profile)" : " (main profile)");
  co_return co_await sender.run();
}

void Push::attempted(const net::Life& life, ErrorCode why) {
  const bool was_sending = state_ == State::sending;
  const auto lasted = was_sending ? Clock::now() - since_ : Clock::duration(0);
  if (over_ || why == hub::Errc::unpublished || given_.hub.draining()) {
    log::info(life.log(), "forward of {} to {} ended: {}", given_.request->url(), given_.destination.shown,
              why.message());
    return enter(State::waiting);
  }
  if (why == upstream::Errc::not_wanted && !stopped_) return begin();  // it was started again meanwhile
  if (stopped_) {
    log::info(life.log(), "forward of {} to {}: stopped", given_.request->url(), given_.destination.shown);
    state_ = State::waiting;
    return;
  }
  ++done_.failures;
  if (lasted >= steady) tried_.assign(tried_.size(), false);
  tried_[url_] = true;
  if (given_.health && why != upstream::Errc::refused) {
    given_.health->failed(given_.destination.names[url_], Clock::now());
  }
  std::string text = why.message();
  if (!why_.empty() && why != net::Errc::stopped) text += " (" + without_secrets_of(given_.destination, why_) + ")";
  if (is_hopeless(why)) {
    enter(State::given_up);
    error_ = std::move(text);
    log::error(life.log(), "forward of {} to {} given up: {}", given_.request->url(), given_.destination.shown, error_);
    return;
  }
  enter(State::waiting);
  if (given_.health && !all_tried()) {
    log::warn(life.log(), "forward of {} to {}: {}; the next one is asked", given_.request->url(),
              given_.destination.shown, text);
    error_ = std::move(text);
    return begin();
  }
  // It is tried again nevertheless: there may be no publisher just now, and the stream waits for him.
  if (given_.nobody_takes) given_.nobody_takes(upstream::Errc::no_origin);
  const auto pause = retry_.failed(std::chrono::duration_cast<std::chrono::milliseconds>(lasted));
  next_at_ = Clock::now() + pause;
  say(life, text, pause);
  error_ = std::move(text);
  given_.hub.worker().wheel().arm(next_, pause);
}

// A target that is down for a day is told of now and then, not each half minute.
void Push::say(const net::Life& life, const std::string& text, std::chrono::milliseconds pause) {
  const std::uint32_t failures = retry_.failures();
  if (text == error_ && (failures & (failures - 1)) != 0) return;
  log::warn(life.log(), "forward of {} to {}: {}; tried again in {:.1f} s, {} failures in a row", given_.request->url(),
            given_.destination.shown, text, seconds(pause), failures);
}

Work Push::work() const {
  Work all = done_;
  if (sending_) {
    all.bytes += sending_->sent_bytes();
    all.skips += sending_->skips();
    all.drops += sending_->drops();
  }
  return all;
}

Row Push::row() const {
  const auto now = Clock::now();
  Row row{.name = given_.name,
          .by_api = given_.by_api,
          .id = std::string(id_.view()),
          .vhost = given_.request->vhost->name,
          .app = given_.request->app,
          .stream = given_.request->stream,
          .target = given_.destination.shown,
          .audio = given_.audio,
          .state = state(),
          .state_seconds = seconds(now - since_),
          .error = error_,
          .work = work()};
  if (next_.armed()) row.next_try_seconds = std::max(0.0, seconds(next_at_ - now));
  if (sending_) {
    row.behind_seconds = seconds(sending_->behind());
    if (const net::TransportFigures* figures = sending_->transport()) row.transport = *figures;
  }
  return row;
}

}  // namespace weir::session::forward
