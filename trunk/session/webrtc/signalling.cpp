#include "session/webrtc/signalling.h"

#include <fmt/format.h>

#include "base/redact.h"
#include "base/text.h"
#include "net/http/site.h"
#include "net/http/url.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "proto/sdp/description.h"
#include "session/common/identity.h"
#include "session/common/protocol.h"
#include "session/common/upstream/error.h"
#include "session/webrtc/candidates.h"
#include "session/webrtc/codec_choice.h"

namespace weir::session::webrtc {

using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto answer_limit = 30s;  // hooks have shorter ones of their own
constexpr auto look_limit = 3s;     // of another worker

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

bool is_private(const std::string& text) {
  const auto address = net::udp_address(text, 0);
  if (!address) return false;
  const auto& b = address->bytes;
  if (address->v6) return (b[0] & 0xfeU) == 0xfc;
  return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0U) == 16) || (b[0] == 192 && b[1] == 168);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::optional<std::string> parameter_of(const Wish& wish, std::string_view name) {
  auto value = http::query_value(wish.query, name);
  return value ? value : http::query_value(wish.options, name);
}

// Which stream, and who asks. The token of an Authorization header counts as the parameter that carries it elsewhere.
Result<hub::Request> identify(Service& service, http::Exchange& exchange, const Wish& wish) {
  const std::string target = "/" + percent_encoded(wish.app) + "/" + percent_encoded(wish.stream) +
                             (wish.query.empty() ? "" : "?" + wish.query);
  TRY(const proto::StreamUrl url, proto::parse_http_stream_url("http", wish.host, target));
  TRY(hub::Request request, session::identify(url, *service.hub().config()));
  const http::Request& asked = exchange.request();
  const std::string& parameter = request.vhost->auth.parameter;
  std::string_view authorization = asked.headers.find("Authorization");
  if (base::iequals(authorization.substr(0, 7), "bearer ") && !http::query_value(wish.query, parameter)) {
    const std::string_view token = base::trim(authorization.substr(7));
    request.param += (request.param.empty() ? "?" : "&") + parameter + "=" + percent_encoded(token);
  }
  request.protocol = protocols::rtc.id;
  request.role = wish.publishes ? hub::Role::publish : hub::Role::play;
  request.facts.set(facts::tc_url,
                    "webrtc://" + (wish.host.empty() ? request.vhost->name : wish.host) + "/" + request.app);
  request.facts.set(facts::page_url, std::string(asked.headers.find("Referer")));
  request.peer = exchange.stream().peer();
  request.peer.address = exchange.client_address();
  return request;
}

// An answer without one of several candidates is better than a late one.
constexpr auto look_up_limit = 500ms;

net::Task<void> add_resolved(std::vector<Reachable>& out, net::Names& names, Reachable where) {
  for (const net::UdpAddress& one : co_await names.find(where.host, look_up_limit)) {
    out.push_back({net::ip_text(one), where.port});
  }
}

// The addresses that this peer may reach us at.
net::Task<std::vector<std::string>> candidates(Service& service, http::Exchange& exchange, Wish wish) {
  const std::shared_ptr<const config::Config> config = service.hub().config();
  CandidateSources sources{.settings = config->rtc_server,
                           .ports = service.offered_udp(),
                           .tcp_ports = service.offered_tcp(),
                           .interfaces = interfaces()};
  for (const std::string_view name : {"eip", "candidate"}) {
    const auto asked = parameter_of(wish, name);
    const auto where = asked ? parse_reachable(*asked) : std::nullopt;
    if (where && net::udp_address(where->host, 0)) sources.asked.push_back(*where);
  }
  const std::string& set = config->rtc_server.candidate;
  if (!set.empty() && set != "*" && set != "0.0.0.0") {
    for (std::string_view rest = set; !rest.empty();) {
      const auto [word, left] = base::split_first(rest, ' ');
      rest = left;
      const auto where = parse_reachable(word);
      if (where) co_await add_resolved(sources.asked, service.own_names(), *where);
    }
  }
  const std::string host = exchange.request().host;
  const std::string peer = exchange.client_address();
  const bool local_name = host == "localhost" || is_loopback(host);
  sources.by_loopback = (local_name && (is_loopback(peer) || is_private(peer))) || is_loopback(peer);
  if (const auto local = net::udp_address(exchange.stream().local().address, 0)) sources.request_local = *local;
  if (config->rtc_server.api_as_candidates && !local_name && !host.empty()) {
    const bool numeric = net::udp_address(host, 0).has_value();
    if (!numeric && config->rtc_server.keep_api_domain) sources.api_host.push_back({host, 0});
    if (numeric || config->rtc_server.resolve_api_domain) {
      co_await add_resolved(sources.api_host, service.asked_names(), {host, 0});
    }
  }
  co_return make_candidates(sources);
}

Outcome refusal(const hub::Refusal& refused, const std::string& words) {
  const base::ErrorCode& why = refused.why;
  const std::string text = why.message() + (words.empty() ? "" : ": " + words);
  if (!refused.url.empty()) {
    Outcome out = Outcome::refused(307, "302: Elsewhere", text);
    out.elsewhere = refused.url;
    return out;
  }
  if (why.category() == sdp::errc_category) return Outcome::refused(406, "5018: RtcSdpExchange", text);
  if (why == Errc::too_many) return Outcome::refused(503, "5036: RtcInvalidSession", text);
  if (why == Errc::ufrag_taken) return Outcome::refused(409, "5037: RtcInvalidIce", text);
  if (why == hub::Errc::busy) return Outcome::refused(409, "5020: RtcStreamBusy", text);
  if (why == hub::Errc::not_carried) return Outcome::refused(406, "5018: RtcSdpExchange", text);
  if (why == hub::Errc::no_vhost || why == hub::Errc::no_stream_name) {
    return Outcome::refused(404, "5023: RtcParameters", text);
  }
  if (why == hub::Errc::nobody_published || upstream::is_absence(why))
    return Outcome::refused(404, "5024: RtcNoStream", text);
  if (why == Errc::not_to_be_had) return Outcome::refused(503, "5024: RtcNoStream", text);
  if (why == hub::Errc::limit || why == hub::Errc::draining || why == hub::Errc::no_memory) {
    return Outcome::refused(503, "5036: RtcInvalidSession", text);
  }
  return Outcome::refused(401, "1054: SecurityDeny", text);  // a rule, a token or a hook
}

// What is asked for and cannot be, before anybody is asked for anything. None: go on.
std::optional<Outcome> objection(Service& service, const hub::Request& request) {
  if (!service.hub().config()->rtc_server.enabled || service.ports().empty()) {
    return Outcome::refused(503, "5021: RtcDisabled", "WebRTC is switched off here: rtc_server { enabled on; }");
  }
  if (!request.vhost->rtc.enabled) {
    return Outcome::refused(403, "5021: RtcDisabled",
                            "WebRTC is switched off for this virtual host: vhost { rtc { enabled on; } }");
  }
  if (!choose_tracks(request.param)) {
    return Outcome::refused(400, "5023: RtcParameters",
                            fmt::format("video and audio are 1 to {} where they are numbers", pack::most_choices));
  }
  return std::nullopt;
}

// SRS's `encrypt` and `dtls`, which are for tests: media that anybody on the way can read and write is for peers of
// this machine, and for all where the operator switched encryption off. None: it may not be.
std::optional<Protection> choose_protection(const config::RtcServer& settings, const http::Exchange& exchange,
                                            const Wish& wish) {
  if (wish.always_encrypted) return Protection::srtp;
  const auto asked = [&wish](std::string_view name, bool usual) {
    const auto given = parameter_of(wish, name);
    return given ? *given != "false" : usual;
  };
  const Protection chosen = !asked("dtls", true)                  ? Protection::none
                            : !asked("encrypt", settings.encrypt) ? Protection::handshake
                                                                  : Protection::srtp;
  if (chosen == Protection::srtp || !settings.encrypt) return chosen;
  const http::Client client = exchange.client();
  if (!client.known || !is_loopback(client.address)) return std::nullopt;
  return chosen;
}

Result<std::optional<ice::Credentials>> chosen_credentials(const Wish& wish) {
  const auto ufrag = parameter_of(wish, "ice-ufrag"), password = parameter_of(wish, "ice-pwd");
  if (!ufrag && !password) return std::optional<ice::Credentials>();
  const auto fits = [](const std::optional<std::string>& text, std::size_t least) {
    return text && text->size() >= least && text->size() <= 32 &&
           std::all_of(text->begin(), text->end(), [](char c) {  // RFC 8839 5.4: ice-char
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
           });
  };
  if (!fits(ufrag, 4) || !fits(password, 22)) return make_error_code(boost::system::errc::invalid_argument);
  return std::optional(ice::Credentials{*ufrag, *password});
}

// What can be seen of a stream where it is published.
struct PublisherLook {
  explicit PublisherLook(boost::asio::io_context& io) : seen(io) {}
  bool there = false;    // somebody publishes it
  bool bridged = false;  // and not by WebRTC
  LiveTracks live;
  bool done = false;
  net::Notifier seen;
};

// From then on a publisher is taken to have shown all that it has; the hub's players wait as long.
constexpr auto settling_time = 3s;

void look(Service& service, const base::SessionId& id, PublisherLook& out) {
  const hub::Record* const record = service.hub().registry().find(id);
  if (!record) return;
  out.there = true;
  out.bridged = record->request.protocol != protocols::rtc.id;
  const hub::InputFigures* const input = service.hub().find_input(id);
  if (input) out.live.tracks = input->tracks;
  out.live.settled = std::chrono::steady_clock::now() - record->since >= settling_time;
}

// Null: nobody publishes it, or his worker does not answer.
net::Task<std::shared_ptr<PublisherLook>> look_at_publisher(Service& service, http::Exchange& exchange,
                                                            const hub::Request& request) {
  const auto owner = service.hub().directory().owner(request.key());
  if (request.role != hub::Role::play || !owner) co_return nullptr;
  net::Worker& here = service.hub().worker();
  auto seen = std::make_shared<PublisherLook>(here.io());
  Service* const there = &service.peer(owner->worker);
  there->hub().worker().post([there, &here, seen, id = owner->publisher] {
    look(*there, id, *seen);
    here.post([seen] {
      seen->done = true;
      seen->seen.notify();
    });
  });
  exchange.watchdog().arm(look_limit);
  while (!seen->done) {
    if (!co_await seen->seen.wait()) co_return nullptr;  // told to stop
  }
  exchange.watchdog().disarm();
  co_return seen->there ? seen : nullptr;
}

}  // namespace

Outcome Outcome::refused(int status, std::string_view code, std::string_view words) {
  Outcome out;
  out.status = status;
  out.words = fmt::format("{}\n{}\n", code, words);
  return out;
}

net::Task<Outcome> open(Service& service, http::Exchange& exchange, Wish wish) {
  net::Life& life = exchange.life();
  if (wish.sdp.empty()) co_return Outcome::refused(400, "5043: RtcInvalidSdp", "the offer is empty");
  sdp::Fault fault;
  auto offer = sdp::parse(wish.sdp, fault);
  if (!offer) {
    const std::string where = fault.sentence();
    co_return Outcome::refused(400, "5012: RtcSdpDecode",
                               offer.error().message() + (where.empty() ? "" : ": " + where));
  }
  auto request = identify(service, exchange, wish);
  if (!request) co_return refusal(request.error(), {});
  if (auto objected = objection(service, *request)) co_return *std::move(objected);
  const auto publisher = co_await look_at_publisher(service, exchange, *request);
  // SRS serves no other than browsers' without rtmp_to_rtc.
  if (publisher && publisher->bridged && !request->vhost->rtc.rtmp_to_rtc) {
    co_return Outcome::refused(403, "5021: RtcDisabled",
                               "it is not published by WebRTC, and vhost { rtc { rtmp_to_rtc on; } } is not set");
  }
  const auto local = chosen_credentials(wish);
  if (!local) {
    co_return Outcome::refused(400, "5037: RtcInvalidIce",
                               "ice-ufrag has 4 to 32 letters and digits, ice-pwd 22 to 32; both or none are given");
  }
  const auto protection = choose_protection(service.hub().config()->rtc_server, exchange, wish);
  if (!protection) {
    co_return Outcome::refused(403, "5023: RtcParameters",
                               "media without encryption is for peers of this machine: rtc_server { encrypt off; }");
  }
  auto ask = std::make_shared<Ask>(service.hub().worker().io());
  ask->protection = *protection;
  ask->request = std::move(*request);
  ask->publishes = wish.publishes;
  ask->offer = std::move(*offer);
  ask->local = *local;
  if (publisher) ask->live = std::move(publisher->live);
  ask->candidates = co_await candidates(service, exchange, wish);
  life.watchdog.arm(answer_limit);
  service.hub().worker().spawn(wish.publishes ? "rtc publisher" : "rtc player",
                               [&service, ask](net::Life& session) { return serve(session, service, ask); });
  while (!ask->answer) {
    if (!co_await ask->done.wait()) {
      co_return Outcome::refused(503, "5036: RtcInvalidSession", "the answer took too long");
    }
  }
  life.watchdog.disarm();
  if (!*ask->answer) {
    Outcome out = refusal(ask->answer->error(), ask->words);
    log::warn(life.log(), "WebRTC {} of {} refused: {}", wish.publishes ? "publishing" : "playing", ask->request.url(),
              base::trim(std::string_view(out.words).substr(out.words.find('\n') + 1)));
    co_return out;
  }
  Outcome out;
  out.answer = std::move(**ask->answer);
  co_return out;
}

Fragment parse_fragment(std::string_view text) {
  Fragment out;
  while (!text.empty()) {
    auto [line, rest] = base::split_first(text, '\n');
    text = rest;
    line = base::trim(line);
    if (line.starts_with("a=ice-ufrag:")) out.credentials.ufrag = line.substr(12);
    if (line.starts_with("a=ice-pwd:")) out.credentials.password = line.substr(10);
    if (line.starts_with("a=candidate:")) ++out.candidates;
    if (line == "a=end-of-candidates") out.ended = true;
  }
  return out;
}

}  // namespace weir::session::webrtc
