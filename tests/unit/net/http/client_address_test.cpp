#include "net/http/client_address.h"

#include "support/catch.h"

namespace weir::test::client_address_test {

using namespace weir::http;

namespace {

bool trusts(std::string_view address) { return address == "127.0.0.1" || address == "10.0.0.1"; }

Client client(std::initializer_list<std::pair<std::string_view, std::string_view>> fields,
              ForwardedBy by = ForwardedBy::either, const std::string& peer = "127.0.0.1") {
  return client_of(Headers(fields), peer, trusts, by);
}

std::string told(std::initializer_list<std::pair<std::string_view, std::string_view>> fields,
                 ForwardedBy by = ForwardedBy::either) {
  const Client one = client(fields, by);
  return one.known ? one.address : one.address + "?";
}

}  // namespace

TEST_CASE("who comes through a proxy that nobody trusts is not known", "[http]") {
  CHECK(client({}, ForwardedBy::either, "192.168.0.7").known);
  for (const char* sign :
       {"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "x-forwarded-proto", "X-Forwarded-Host", "CF-Connecting-IP",
        "True-Client-IP", "Fastly-Client-IP", "CDN-Loop", "cdn-loop", "CloudFront-Viewer-Address",
        "X-Original-Forwarded-For", "Akamai-Origin-Hop", "X-Envoy-External-Address"}) {
    for (const char* value : {"", "127.0.0.1", "1.1 squid"}) {
      INFO(sign << ": " << value);
      const Client one = client({{sign, value}}, ForwardedBy::either, "192.168.0.7");
      CHECK(one.address == "192.168.0.7");
      CHECK_FALSE(one.known);
    }
  }
}

TEST_CASE("X-Forwarded-For of a trusted proxy", "[http]") {
  CHECK(told({}) == "127.0.0.1");
  CHECK(told({{"X-Forwarded-For", "198.51.100.1"}}) == "198.51.100.1");
  CHECK(told({{"X-Forwarded-For", "10.9.9.9, 198.51.100.1 , 10.0.0.1"}}) == "198.51.100.1");
  CHECK(told({{"X-Forwarded-For", "10.9.9.9"}, {"X-Forwarded-For", "198.51.100.1,10.0.0.1"}}) == "198.51.100.1");
  CHECK(told({{"X-Forwarded-For", "[2001:DB8:0::1]:80"}}) == "2001:db8::1");
  CHECK(told({{"X-Forwarded-For", "2001:db8::1"}}) == "2001:db8::1");
  CHECK(told({{"X-Forwarded-For", "::ffff:198.51.100.1"}}) == "198.51.100.1");
  CHECK(told({{"X-Forwarded-For", "198.51.100.1:1234"}}) == "198.51.100.1");
  CHECK(told({{"X-Forwarded-For", "10.0.0.1, 10.0.0.1"}}) == "10.0.0.1");
}

TEST_CASE("what is no address never becomes the proxy's own", "[http]") {
  for (const char* bad : {"",
                          " ",
                          "unknown",
                          "0x7f.1",
                          "0x7f000001",
                          "2130706433",
                          "127.1",
                          "010.0.0.1",
                          "fe80::1%eth0",
                          "[fe80::1%eth0]",
                          "unix:",
                          "unix:/run/x",
                          "localhost",
                          "_hidden",
                          "127.0.0.1:",
                          "127.0.0.1:x",
                          "127.0.0.1:99999",
                          "[127.0.0.1]",
                          "[::1",
                          "::1]",
                          "[::1]x",
                          "[::1]:",
                          "127.0.0.1 127.0.0.1",
                          "\"127.0.0.1\"",
                          "127.0.0.1;",
                          "198.51.100.256",
                          "1.2.3",
                          "::ffff:0x7f.1",
                          "127.0.0.1/8",
                          "198.51.100.1,",
                          "198.51.100.1, unknown",
                          "198.51.100.1, ,10.0.0.1",
                          ",127.0.0.1,"}) {
    INFO(bad);
    CHECK(told({{"X-Forwarded-For", bad}}) == "unknown?");
    CHECK(told({{"X-Real-IP", bad}}, ForwardedBy::x_real_ip) == "unknown?");
  }
  CHECK(told({{"Via", "1.1 proxy"}}) == "unknown?");  // relayed, but nobody says for whom
}

TEST_CASE("Forwarded of RFC 7239", "[http]") {
  const auto forwarded = [](std::string_view value) { return told({{"Forwarded", value}}); };
  CHECK(forwarded("for=192.0.2.43;proto=http;by=203.0.113.60") == "192.0.2.43");
  CHECK(forwarded("For=\"[2001:db8:cafe::17]:4711\"") == "2001:db8:cafe::17");
  CHECK(forwarded("for=\"192.0.2.43:80\"") == "192.0.2.43");
  CHECK(forwarded("for=10.9.9.9, for=192.0.2.43, for=10.0.0.1") == "192.0.2.43");
  CHECK(forwarded("by=x;host=\"a,b;for=127.0.0.1\";for=192.0.2.43") == "192.0.2.43");
  for (const char* bad :
       {"", "for=unknown", "for=_secret", "for=", "for", "by=127.0.0.1", "for=::1", "for=[::1]", "for=\"127.0.0.1",
        "for=127.0.0.1;for=127.0.0.1", "for=127.0.0.1, by=x", "for=\"\"", "for=127.0.0.1:80"}) {
    INFO(bad);
    CHECK(forwarded(bad) == "unknown?");
  }
}

TEST_CASE("the header that is configured is the one that counts", "[http]") {
  using enum ForwardedBy;
  CHECK(told({{"X-Real-IP", "198.51.100.2"}}) == "unknown?");
  CHECK(told({{"X-Real-IP", "198.51.100.2"}}, x_real_ip) == "198.51.100.2");
  CHECK(told({{"X-Real-IP", "198.51.100.2"}, {"X-Forwarded-For", "127.0.0.1"}}, x_real_ip) == "198.51.100.2");
  CHECK(told({{"X-Forwarded-For", "198.51.100.1"}, {"X-Real-IP", "127.0.0.1"}}) == "198.51.100.1");
  CHECK(told({{"Forwarded", "for=198.51.100.1"}, {"X-Forwarded-For", "127.0.0.1"}}, forwarded) == "198.51.100.1");
  CHECK(told({{"X-Forwarded-For", "198.51.100.1"}}, forwarded) == "unknown?");
  CHECK(told({{"X-Forwarded-For", "198.51.100.1"}, {"Forwarded", "for=127.0.0.1"}}, x_forwarded_for) == "198.51.100.1");
  // Which of the two the proxy wrote and which the client made up is not known.
  CHECK(told({{"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=198.51.100.1"}}) == "127.0.0.1?");
  CHECK(told({{"X-Forwarded-For", "198.51.100.1"}, {"Forwarded", "for=198.51.100.1"}}) == "198.51.100.1");
}

}  // namespace weir::test::client_address_test
