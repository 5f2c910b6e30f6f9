#include "app/auth/rules.h"

#include "app/auth/connection_gate.h"
#include "app/auth/quotas.h"
#include "app/auth/token.h"
#include "hub/error.h"
#include "support/catch.h"
#include "unit/app/auth/request_of.h"

namespace weir::test::rules_test {

using namespace std::chrono_literals;
using auth::Errc;
using hub::Action;
using test::request_of;

namespace {

constexpr auth::UnixTime now{1'800'000'000s};

using Security = config::Security;
constexpr auto play = Security::Action::play, publish = Security::Action::publish;

Security::Rule rule(bool allow, Security::Action action, const char* range, std::vector<std::string> protocols = {}) {
  return {allow, action, *config::AddressRange::parse(range), std::move(protocols)};
}

base::ErrorCode verdict(std::vector<Security::Rule> rules, const hub::Request& request, Action action) {
  const auto checked = auth::check_address({.enabled = true, .rules = std::move(rules)}, request, action);
  return checked ? base::ErrorCode() : checked.error();
}

base::ErrorCode refer_verdict(const config::Refer& refer, std::string page, Action action,
                              const std::string& type = "rtmp-play") {
  auto request = request_of(type);
  request.facts.set(session::facts::page_url, std::move(page));
  const auto checked = auth::check_refer(refer, request, action);
  return checked ? base::ErrorCode() : checked.error();
}

}  // namespace

TEST_CASE("addresses are judged in SRS's order", "[auth]") {
  const auto client = request_of("rtmp-play", "192.0.2.10");
  CHECK(auth::check_address({}, client, Action::play).has_value());  // not enabled
  CHECK(verdict({}, client, Action::play) == Errc::address_not_allowed);
  CHECK_FALSE(verdict({rule(true, play, "all")}, client, Action::play));
  CHECK_FALSE(verdict({rule(true, play, "192.0.2.0/24")}, client, Action::play));
  // Deny wins, wherever it stands.
  CHECK(verdict({rule(true, play, "all"), rule(false, play, "192.0.2.10")}, client, Action::play) ==
        Errc::address_denied);
  // Only denies, and none that matches.
  CHECK_FALSE(verdict({rule(false, play, "198.51.100.0/24")}, client, Action::play));
  // An allow of the other action closes this one.
  CHECK(verdict({rule(true, publish, "all")}, client, Action::play) == Errc::address_not_allowed);
  CHECK_FALSE(verdict({rule(false, publish, "all")}, client, Action::play));
  CHECK(verdict({rule(false, publish, "all")}, client, Action::publish) == Errc::address_denied);
  // Ours: IPv6, and rules of single protocols.
  CHECK_FALSE(verdict({rule(true, play, "2001:db8::/32")}, request_of("flv-play", "2001:db8::7"), Action::play));
  CHECK(verdict({rule(true, play, "2001:db8::/32")}, client, Action::play) == Errc::address_not_allowed);
  CHECK(verdict({rule(false, publish, "all", {"rtmp"})}, request_of("fmle-publish"), Action::publish) ==
        Errc::address_denied);
  CHECK_FALSE(verdict({rule(false, publish, "all", {"rtmp"})}, request_of("srt-publish"), Action::publish));
}

TEST_CASE("a page must be of the domain or below it", "[auth]") {
  const config::Refer refer{.enabled = true, .all = {"example.com", "example.org"}};
  CHECK_FALSE(refer_verdict({}, "", Action::play));
  CHECK_FALSE(refer_verdict(refer, "http://example.com/a.html", Action::play));
  CHECK_FALSE(refer_verdict(refer, "https://www.Example.ORG:8443/", Action::publish));
  for (const char* page : {"", "http://evilexample.com/", "http://example.com.evil.net/", "http://evil/?example.com",
                           "http://evil/#example.com", "http://example.com@evil.net/", "example.com", "http://com/"}) {
    CAPTURE(page);
    CHECK(refer_verdict(refer, page, Action::play) == Errc::refer);
  }
  const config::Refer both{.enabled = true, .play = {"example.com"}, .publish = {"studio.example.com"}};
  CHECK_FALSE(refer_verdict(both, "http://example.com/", Action::play));
  CHECK(refer_verdict(both, "http://example.com/", Action::publish) == Errc::refer);
  // As in SRS RTMP alone is looked at, unless it is told otherwise.
  CHECK_FALSE(refer_verdict(refer, "http://evil/", Action::play, "flv-play"));
  config::Refer http = refer;
  http.http = true;
  for (const session::Protocol& protocol : session::protocols::all) {
    INFO(protocol.name);
    const auto judged = refer_verdict(http, "http://evil/", Action::play, std::string(protocol.name) + "-play");
    CHECK((judged == Errc::refer) == !protocol.pageless);
  }
  for (const char* type : {"flv-play", "ts-play", "mp4-play", "aac-play", "mp3-play", "hls-play", "dash-play",
                           "rtc-play", "rtc-publish"}) {
    INFO(type);
    CHECK(refer_verdict(http, "http://evil/", Action::play, type) == Errc::refer);
  }
}

TEST_CASE("signed URLs hold for one action, stream and time", "[auth]") {
  const auto request = request_of("flv-play");
  const auto verdict_of = [&](const std::string& value, Action action, const hub::Request& of,
                              std::string_view key = "key", auth::UnixTime when = now) {
    const auto checked = auth::check_signed_url(value, key, of, action, when, 30s);
    return checked ? base::ErrorCode() : checked.error();
  };
  // printf 'play\n/live/cam1\n1800000060' | openssl dgst -sha256 -hmac key
  const std::string good = "1800000060-54b23add170d54fd3fdd6b5caad9b72da2e305eccae5ffd4afd23d156cb3f812";
  CHECK(auth::sign_url("key", request, Action::play, now + 60s) == good);
  CHECK_FALSE(verdict_of(good, Action::play, request));
  CHECK_FALSE(verdict_of(good, Action::play, request, "key", now + 90s));
  CHECK(verdict_of(good, Action::play, request, "key", now + 91s) == Errc::expired);
  CHECK(verdict_of(good, Action::publish, request) == Errc::bad_signature);
  CHECK(verdict_of(good, Action::play, request_of("flv-play", "192.0.2.10", "cam2")) == Errc::bad_signature);
  CHECK(verdict_of(good, Action::play, request_of("flv-play", "192.0.2.10", "cam1", "a.example")) ==
        Errc::bad_signature);
  CHECK(verdict_of(good, Action::play, request, "other") == Errc::bad_signature);
  CHECK(verdict_of(good, Action::play, request, "") == Errc::no_key);
  CHECK(verdict_of("1800009999" + good.substr(10), Action::play, request) == Errc::bad_signature);
  for (const char* text : {"", "-", "abc", "1800000060", "99999999999999999999-00", "-1-00", "1800000060-"}) {
    CAPTURE(text);
    CHECK(verdict_of(text, Action::play, request));
  }
}

TEST_CASE("seats are counted by host, stream and address, and given back", "[auth]") {
  auth::Quotas quotas;
  const config::StreamLimits limits{
      .max_streams = 1, .max_players = 3, .max_players_per_stream = 2, .max_connections_per_address = 3};
  const auto take = [&](const char* address, const char* stream, Action action) {
    return quotas.take(request_of("rtmp", address, stream), action, limits);
  };
  auto first = take("192.0.2.1", "a", Action::play);
  auto second = take("192.0.2.2", "a", Action::play);
  REQUIRE((first.has_value() && second.has_value()));
  CHECK(quotas.players({config::default_vhost_name, "live", "a"}) == 2);
  CHECK(take("192.0.2.3", "a", Action::play).error() == hub::Errc::limit);
  auto third = take("192.0.2.1", "b", Action::play);
  CHECK(take("192.0.2.4", "c", Action::play).error() == hub::Errc::limit);
  auto publisher = take("192.0.2.1", "a", Action::publish);
  REQUIRE((third.has_value() && publisher.has_value()));
  CHECK(take("192.0.2.5", "b", Action::publish).error() == hub::Errc::limit);
  CHECK(take("192.0.2.1", "b", Action::publish).error() == hub::Errc::limit);
  CHECK(quotas.refused() == 4);
  first->reset();
  CHECK(quotas.players({config::default_vhost_name, "live", "a"}) == 1);
  CHECK(take("192.0.2.3", "a", Action::play).has_value());
}

TEST_CASE("connections are counted in all, by address and by the second", "[auth]") {
  auth::ConnectionGate gate;
  using Limit = auth::ConnectionGate::Limit;
  std::vector<std::shared_ptr<const void>> seats;
  auto time = std::chrono::steady_clock::now();
  const auto enter = [&](const char* address, const config::Limits& limits) {
    std::shared_ptr<const void> seat;
    const auto limit = gate.enter(address, limits, time, seat);
    if (limit == Limit::none) seats.push_back(std::move(seat));
    return limit;
  };
  const config::Limits few{.max_connections = 3, .max_connections_per_address = 2};
  CHECK(enter("192.0.2.1", few) == Limit::none);
  CHECK(enter("192.0.2.1", few) == Limit::none);
  CHECK(enter("192.0.2.1", few) == Limit::of_address);
  CHECK(enter("192.0.2.2", few) == Limit::none);
  CHECK(enter("192.0.2.3", few) == Limit::connections);
  seats.clear();
  CHECK(gate.value() == 0);
  CHECK(enter("192.0.2.1", few) == Limit::none);

  const config::Limits slow{.max_connections = 0, .max_new_connections_per_second = 10};
  int let_in = 0;
  for (int i = 0; i < 30; ++i) let_in += enter("192.0.2.9", slow) == Limit::none ? 1 : 0;
  CHECK(let_in == 10);
  time += 500ms;
  for (int i = 0; i < 30; ++i) let_in += enter("192.0.2.9", slow) == Limit::none ? 1 : 0;
  CHECK(let_in == 15);
}

}  // namespace weir::test::rules_test
