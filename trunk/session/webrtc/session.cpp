#include "session/webrtc/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "base/redact.h"
#include "net/worker.h"

namespace weir::session::webrtc {

using base::Instant;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

// RFC 8839 5.4: letters and digits.
ice::Credentials fresh_credentials() { return {base::random_text(8), base::random_text(32)}; }

std::string hex(std::size_t bytes) {
  base::Buffer random(bytes);
  base::fill_random({random.data(), random.size()});
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += fmt::format("{:02x}", random.data()[i]);
  return text;
}

template <class T>
T random_number() {
  T value{};
  base::fill_random({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
  return value;
}

// Those that the answer names.
std::string ports_text(const Service& service) {
  std::string text;
  const auto add = [&text](std::string_view protocol, const std::vector<net::UdpAddress>& ports) {
    for (const net::UdpAddress& port : ports) {
      const std::string one = fmt::format("{}/{}", protocol, port.port);
      if (text.find(one) == std::string::npos) text += (text.empty() ? "" : ", ") + one;
    }
  };
  add("udp", service.offered_udp());
  add("tcp", service.offered_tcp());
  return text.empty() ? "no port" : text;
}

std::string_view protocol_of(const Way& way) { return is_tcp(way.listener) ? "tcp" : "udp"; }

}  // namespace

Session::Session(net::Life& life, Service& service, Ask& ask)
    : life_(life),
      service_(service),
      ask_(&ask),
      request_(ask.request),
      publishes_(ask.publishes),
      timer_([this] { tick(); }),
      wake_(life.worker().io()),
      number_(service.shared().table.next_number()),
      secret_(hex(16)),
      etag_("\"" + base::random_text(12) + "\""),
      local_(ask.local.value_or(fresh_credentials())),
      ports_(ports_text(service)) {
  life_.comes_from(request_.peer.address);
}

Session::~Session() {
  if (entered_) {
    (void)figures();
    tell_figures(Clock::now());
    service_.leave(number_);
    --service_.shared().figures.sessions[static_cast<std::size_t>(seen_)];
    entered_ = false;
  }
  if (party_) party_->over(transport_ ? transport_->why_over() : base::ErrorCode());
}

net::Task<hub::Verdict<Ask::Answer>> Session::begin() {
  CO_TRY(pending_, service_.shared().table.wait(request_.peer.address));
  log::info(life_.log(), "WebRTC {} ip={}, url={}, vhost={}", publishes_ ? "publisher" : "player",
            request_.peer.address, request_.url() + base::without_secrets(request_.param), request_.vhost->name);
  hub::Link link;
  link.meter = &meter_;
  link.figures = [this]() -> const net::TransportFigures& { return figures(); };
  const Doors& doors = service_.doors();
  const Doors::Admit& admit = publishes_ ? doors.publish : doors.play;
  CO_TRY(party_, co_await admit(life_, request_, link));
  CO_TRY(const sdp::Answer answer, agree());
  CO_TRY_VOID(enter(local_.ufrag));
  build(answer);
  Ask::Answer made{answer.text, secret_, local_.ufrag + ":" + answer.remote.ufrag, etag_};
  ask_ = nullptr;
  tick();
  co_return made;
}

Result<sdp::Answer> Session::agree() {
  const config::Rtc& settings = request_.vhost->rtc;
  sdp::AnswerOptions options;
  options.sends = !publishes_;
  options.ufrag = local_.ufrag;
  options.password = local_.password;
  options.fingerprint = service_.shared().identity->fingerprint();
  options.preferred_setup =
      settings.dtls_role == config::Rtc::DtlsRole::active ? sdp::Setup::active : sdp::Setup::passive;
  options.candidates = std::move(ask_->candidates);
  options.session_id = std::to_string(random_number<std::uint64_t>() >> 1U);
  options.stream_id = base::random_text(16);
  options.cname = base::random_text(16);
  options.nack = settings.nack;
  options.transport_cc = settings.twcc;
  options.make_ssrc = [] { return random_number<std::uint32_t>() | 1U; };
  party_->describe(options);
  sdp::Fault fault;
  auto answer = sdp::answer(ask_->offer, options, fault);
  if (!answer) ask_->words = fault.text;
  if (!answer || publishes_) return answer;
  const auto lacks = [bridge = service_.shared().bridge](const sound::Recipe& recipe) {
    return bridge ? bridge->lacks(recipe) : hub::AudioBridge::Lack::codec;
  };
  ask_->words = why_unplayable(ask_->live, choose_tracks(request_.param).value_or(TrackChoice()), ask_->offer, *answer,
                               settings, lacks);
  if (!ask_->words.empty()) return sdp::Errc::no_common_codec;
  return answer;
}

Result<void> Session::enter(const std::string& ufrag) {
  TRY(auto entry, service_.shared().table.enter(ufrag, entries_.empty() ? secret_ : std::string(),
                                                {life_.worker().index(), number_}));
  if (entries_.size() == 2) entries_.erase(entries_.begin() + 1);  // the first has the secret
  entries_.push_back(std::move(entry));
  return {};
}

void Session::build(const sdp::Answer& answer) {
  Transport::Given given{.identity = service_.shared().identity,
                         .algorithms = service_.shared().algorithms,
                         .batch = service_.batch(),
                         .out = service_,
                         .meter = meter_,
                         .local = local_,
                         .remote = {answer.remote.ufrag, answer.remote.password},
                         .role = answer.setup == sdp::Setup::active ? dtls::Role::client : dtls::Role::server,
                         .keeps_association = publishes_,
                         .protection = ask_->protection,
                         .silence_limit = request_.vhost->rtc.stun_timeout};
  for (const sdp::Fingerprint& one : answer.remote.fingerprints) given.fingerprints.push_back({one.hash, one.value});
  for (const sdp::AgreedMedia& media : answer.media) {
    if (media.ssrc != 0) given.sources.push_back(media.ssrc);
  }
  transport_ = std::make_unique<Transport>(std::move(given), Clock::now());
  conversation_ = party_->begin(answer, *transport_,
                                {.wake = [this](Instant at) { wake_at(at); },
                                 .changed = [this] { wake_at(Clock::now()); },
                                 .breaker = &service_.breaker()});
  transport_->attach(*conversation_);
  service_.enter(number_, party_->record().id, *this);
  ++service_.shared().figures.sessions[static_cast<std::size_t>(seen_)];
  entered_ = true;
}

bool Session::input(base::MutableBytes datagram, const Way& way, Instant now) {
  const bool verified = transport_->input(datagram, way, now);
  transport_->flush();
  if (seen_ != Transport::State::up || transport_->over()) tick();
  return verified;
}

void Session::tick() {
  const Instant now = Clock::now();
  due_ = Instant::max();
  const Instant next = transport_->tick(now);
  transport_->flush();
  if (const auto why = party_->ended(); why && !transport_->over()) transport_->close(why);
  look();
  if (transport_->over()) return;
  if (now - told_at_ >= std::chrono::seconds(1)) tell_figures(now);
  wake_at(next);
}

// The wheel's timer is moved only if it would come too late.
void Session::wake_at(Instant at) {
  using std::chrono::milliseconds;
  if (transport_->over() || at >= due_) return;
  due_ = at;
  const auto delay = std::chrono::ceil<milliseconds>(at - Clock::now());
  life_.worker().wheel().arm(timer_, std::max(delay, milliseconds(1)));
}

// What became of the transport: those who wait hear of it.
void Session::look() {
  const auto state = transport_->state();
  if (state == seen_) return;
  auto& sessions = service_.shared().figures.sessions;
  --sessions[static_cast<std::size_t>(std::exchange(seen_, state))];
  ++sessions[static_cast<std::size_t>(state)];
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - born_).count();
  if (state != Transport::State::waiting) pending_.release();
  if (state == Transport::State::up) {
    ++service_.shared().figures.connected;
    connected_after_ = std::max(std::chrono::milliseconds(took), std::chrono::milliseconds(1));
    log::info(life_.log(), "WebRTC {} connected: {} {} to {}, {}, {} ms after its offer",
              publishes_ ? "publisher" : "player", protocol_of(*transport_->selected()),
              net::to_text(transport_->selected()->remote), net::to_text(transport_->selected()->local),
              transport_->cipher(), took);
  }
  if (state == Transport::State::over) {
    timer_.disarm();
    wake_.notify();
  }
}

net::Task<base::ErrorCode> Session::run() {
  life_.on_stop = [this] { end(net::Errc::stopped); };
  while (!transport_->over()) {
    if (!co_await wake_.wait()) break;  // told to stop
  }
  life_.on_stop = nullptr;
  const bool by_itself = transport_->over();
  const base::ErrorCode why = by_itself ? transport_->why_over() : life_.stop_reason();
  transport_->close(why);
  co_return net::why_ended(life_, why);
}

void Session::lost(const Way& way) {
  transport_->lost(way, Clock::now());
  wake_at(Clock::now());
}

void Session::end(base::ErrorCode why) {
  transport_->close(why);
  look();
}

Result<ice::Credentials> Session::restart(ice::Credentials remote) {
  ice::Credentials fresh = fresh_credentials();
  TRY_VOID(enter(fresh.ufrag));
  local_ = fresh;
  etag_ = "\"" + base::random_text(12) + "\"";
  transport_->restart(local_, std::move(remote));
  return fresh;
}

Report Session::report() const {
  Report out;
  out.state = state();
  if (const auto& way = transport_->selected()) {
    out.protocol = protocol_of(*way);
    out.local = net::to_text(way->local);
    out.remote = net::to_text(way->remote);
  }
  if (connected_after_.count() > 0) out.cipher = transport_->cipher();
  out.connected_after = connected_after_;
  const Transport::Counts& counts = transport_->counts();
  out.forged = counts.forged;
  out.repeated = counts.replays;
  out.garbled = counts.garbled;
  out.strangers = counts.strangers;
  out.moves = counts.moves;
  party_->tell(out);
  const bool any =
      std::any_of(out.tracks.begin(), out.tracks.end(), [](const auto& track) { return track.packets > 0; });
  if (transport_->state() == Transport::State::up && !any) {
    out.state += publishes_ ? ", no media arrived yet" : ", nobody publishes yet what it takes";
  }
  return out;
}

// The record asks as long as the party lives: before the answer and behind the end there is nothing new to say.
const net::TransportFigures& Session::figures() {
  if (entered_) figures_ = transport_figures(report(), publishes_);
  return figures_;
}

void Session::tell_figures(Instant now) {
  told_at_ = now;
  Report report;
  party_->tell(report);
  Figures& figures = service_.shared().figures;
  (publishes_ ? figures.nacks_sent : figures.nacks_received) += report.nacks - std::exchange(told_nacks_, report.nacks);
  figures.unrepaired += report.unrepaired - std::exchange(told_unrepaired_, report.unrepaired);
  (publishes_ ? figures.key_requests_sent : figures.key_requests_received) +=
      report.key_frame_requests - std::exchange(told_key_requests_, report.key_frame_requests);
}

std::string Session::state() const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - born_).count();
  switch (transport_->state()) {
    case Transport::State::waiting:
      return fmt::format("no check arrived at {} in {} s", ports_, seconds);
    case Transport::State::handshaking:
      return "checked, DTLS under way";
    case Transport::State::up:
      return "connected";
    case Transport::State::over:
      break;
  }
  return "over";
}

void Session::log_end(base::ErrorCode why) const {
  Figures& figures = service_.shared().figures;
  ++(why == Errc::no_check                   ? figures.no_check
     : why == Errc::gone_silent              ? figures.silent
     : why.category() == dtls::errc_category ? figures.failed
                                             : figures.closed);
  const Transport::Counts& counts = transport_->counts();
  std::string words = why == Errc::no_check ? fmt::format("no check arrived at {} in {} s", ports_,
                                                          Transport::first_check_limit.count() / 1000)
                                            : why.message();
  if (!transport_->failure().empty()) words += ": " + transport_->failure();
  const std::string media = media_words(report());
  log::info(
      life_.log(), "{} of {} by WebRTC ended: {}; received {} bytes, sent {} bytes{}{}{}",
      publishes_ ? "publish" : "play", request_.url(), words, meter_.received_bytes, meter_.sent_bytes,
      media.empty() ? "" : "; ", media,
      counts.forged + counts.replays + counts.garbled == 0
          ? std::string()
          : fmt::format("; {} packets forged, {} repeated, {} garbled", counts.forged, counts.replays, counts.garbled));
}

net::Task<void> serve(net::Life& life, Service& service, std::shared_ptr<Ask> ask) {
  Session session(life, service, *ask);
  auto answer = co_await session.begin();
  const bool begun = answer.has_value();
  ask->answer.emplace(std::move(answer));
  ask->done.notify();
  ask.reset();
  if (!begun) co_return;
  session.log_end(co_await session.run());
}

}  // namespace weir::session::webrtc
