#include "proto/sip/digest.h"

#include "support/catch.h"

namespace weir::test::digest_test {

using namespace std::chrono_literals;
using sip::Nonces;

namespace {

constexpr Nonces::Secret secret{1, 2, 3};
constexpr std::string_view holder = "34020000001320000001@192.0.2.7";

}  // namespace

TEST_CASE("the example of RFC 2617 verifies, with qop and with no other password", "[sip]") {
  // RFC 2617 3.5.
  const auto credentials = sip::parse_credentials(
      "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
      "uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
      "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
  REQUIRE(credentials.has_value());
  CHECK(credentials->count == 1);
  CHECK(sip::verify(*credentials, "GET", "Circle Of Life"));
  CHECK_FALSE(sip::verify(*credentials, "GET", "Circle of Life"));
  CHECK_FALSE(sip::verify(*credentials, "POST", "Circle Of Life"));
}

TEST_CASE("what a client makes of a challenge is verified, without qop", "[sip]") {
  const sip::Challenge challenge{.realm = "3402000000", .nonce = "abc"};
  const auto back = sip::parse_challenge(challenge.text());
  REQUIRE(back.has_value());
  CHECK(back->realm == "3402000000");
  const auto text = sip::make_authorization(*back, "34020000001320000001", "12345678", "REGISTER", "sip:1@2");
  const auto credentials = sip::parse_credentials(text);
  REQUIRE(credentials.has_value());
  CHECK(credentials->qop.empty());
  CHECK(sip::verify(*credentials, "REGISTER", "12345678"));
  CHECK_FALSE(sip::verify(*credentials, "REGISTER", "1234567"));
}

TEST_CASE("credentials that are none are not read", "[sip]") {
  const std::string rest = "nonce=\"n\",uri=\"u\",response=\"6629fae49393a05397450978507c4ef1\"";
  CHECK(sip::parse_credentials("Digest username=\"u\"," + rest).has_value());
  CHECK_FALSE(sip::parse_credentials("Basic dTpw").has_value());
  CHECK_FALSE(sip::parse_credentials("Digest " + rest).has_value());
  CHECK_FALSE(sip::parse_credentials("Digest username=\"u\",algorithm=SM3," + rest).has_value());
  CHECK_FALSE(sip::parse_credentials("Digest username=\"u\",qop=auth-int," + rest).has_value());
  CHECK_FALSE(sip::parse_credentials("Digest username=\"u\",qop=auth,nc=zz," + rest).has_value());
  CHECK_FALSE(sip::parse_credentials("Digest username=\"u\",nonce=\"n\",response=\"12\"").has_value());
  // A comma inside quotes separates nothing.
  const auto odd = sip::parse_credentials("Digest username=\"a,b;c\"," + rest);
  REQUIRE(odd.has_value());
  CHECK(odd->user == "a,b;c");
}

TEST_CASE("a nonce is good once, for whom it was made, and for a minute", "[sip]") {
  Nonces nonces(secret);
  const base::Instant start{100s};
  sip::Credentials used{.nonce = nonces.make(holder, "salt", start)};
  CHECK(nonces.use(used, "another@192.0.2.7", start) == Nonces::Verdict::foreign);
  CHECK(nonces.use(used, holder, start + 59s) == Nonces::Verdict::good);
  CHECK(nonces.use(used, holder, start + 59s) == Nonces::Verdict::replayed);
  CHECK(nonces.use(used, holder, start + 61s) == Nonces::Verdict::stale);
  CHECK(nonces.use(used, holder, start + 200s) == Nonces::Verdict::stale);
  CHECK(Nonces({9}).use({.nonce = nonces.make(holder, "salt", start)}, holder, start) == Nonces::Verdict::foreign);
  CHECK(nonces.use({.nonce = "short"}, holder, start) == Nonces::Verdict::foreign);
}

TEST_CASE("with qop a nonce is good as long as its count goes up", "[sip]") {
  Nonces nonces(secret);
  const base::Instant start{100s};
  sip::Credentials used{.nonce = nonces.make(holder, "salt", start), .qop = "auth", .count = 1};
  CHECK(nonces.use(used, holder, start) == Nonces::Verdict::good);
  CHECK(nonces.use(used, holder, start) == Nonces::Verdict::replayed);
  used.count = 2;
  CHECK(nonces.use(used, holder, start) == Nonces::Verdict::good);
  used.count = 1;
  CHECK(nonces.use(used, holder, start) == Nonces::Verdict::replayed);
}

}  // namespace weir::test::digest_test
