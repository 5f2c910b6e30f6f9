#include <openssl/evp.h>

#include "app/auth/token.h"
#include "base/digest.h"
#include "support/catch.h"
#include "support/token_signer.h"
#include "unit/app/auth/request_of.h"

namespace weir::test::jwt_test {

using auth::Errc;
using test::base64url;
using namespace std::chrono_literals;

namespace {

constexpr auth::UnixTime at(std::int64_t seconds) { return auth::UnixTime(std::chrono::seconds(seconds)); }
constexpr auto in_time = at(1'300'819'000), too_late = at(1'300'819'380);

std::string signed_with(std::string_view key, std::string_view header, std::string_view claims) {
  const std::string text = base64url(header) + "." + base64url(claims);
  const base::Sha256 mac = base::hmac_sha256(base::as_bytes(key), {base::as_bytes(text)});
  return text + "." + base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

constexpr std::string_view key = "a key of the test that is long enough";
std::string token(std::string_view claims) { return signed_with(key, R"({"alg":"HS256","typ":"JWT"})", claims); }

base::ErrorCode verdict(std::string_view text, auth::JwtKeys keys = {key, {}}, auth::UnixTime now = in_time) {
  const auto claims = auth::verify_jwt(text, keys, now, 0s);
  return claims ? base::ErrorCode() : claims.error();
}

// RFC 7515 A.1 to A.3: the same claims, exp 1300819380.
constexpr std::string_view claims_of_rfc =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const std::string hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + std::string(claims_of_rfc) +
                          ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string rs256 =
    "eyJhbGciOiJSUzI1NiJ9." + std::string(claims_of_rfc) +
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7"
    "t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12"
    "jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUP"
    "QGe77Rw";
const std::string es256 = "eyJhbGciOiJFUzI1NiJ9." + std::string(claims_of_rfc) +
                          ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr std::uint8_t hs256_key[] = {3,   35,  53, 75,  43,  15, 165, 188, 131, 126, 6,   101, 119, 123, 166, 143,
                                      90,  179, 40, 230, 240, 84, 201, 40,  169, 15,  132, 178, 210, 80,  46,  191,
                                      211, 251, 90, 146, 210, 6,  71,  239, 150, 138, 180, 195, 119, 98,  61,  34,
                                      61,  46,  33, 114, 5,   46, 79,  8,   192, 205, 154, 245, 103, 208, 128, 163};
constexpr std::string_view rsa_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n"
    "NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n"
    "P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n"
    "9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n"
    "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n"
    "FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n"
    "oQIDAQAB\n-----END PUBLIC KEY-----\n";
constexpr std::string_view p256_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
    "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n-----END PUBLIC KEY-----\n";

}  // namespace

TEST_CASE("the tokens of RFC 7515 are verified", "[auth][jwt]") {
  const std::string_view secret(reinterpret_cast<const char*>(hs256_key), sizeof hs256_key);
  CHECK_FALSE(verdict(hs256, {secret, {}}));
  CHECK_FALSE(verdict(rs256, {{}, rsa_key}));
  CHECK_FALSE(verdict(es256, {{}, p256_key}));
  const auto claims = auth::verify_jwt(hs256, {secret, {}}, in_time, 0s);
  REQUIRE(claims.has_value());
  CHECK(claims->issuer == "joe");
  CHECK(claims->expiry == 1'300'819'380s);

  CHECK(verdict(hs256, {secret, {}}, too_late) == Errc::expired);
  CHECK(verdict(es256, {{}, p256_key}, too_late) == Errc::expired);
  const bool with_leeway = auth::verify_jwt(es256, {{}, p256_key}, too_late, 30s).has_value();
  CHECK(with_leeway);
}

TEST_CASE("any changed character of a token is noticed", "[auth][jwt]") {
  for (const auto& [text, keys] : {std::pair{es256, auth::JwtKeys{{}, p256_key}}, {rs256, {{}, rsa_key}}}) {
    for (std::size_t i = 0; i < text.size(); i += 3) {
      std::string forged = text;
      forged[i] = forged[i] == 'A' ? 'B' : 'A';
      CAPTURE(i);
      CHECK(verdict(forged, keys));
    }
    CHECK(verdict(text.substr(0, text.size() - 2), keys));
    CHECK(verdict(text + "A", keys));
  }
}

TEST_CASE("an algorithm that the key is not for is refused", "[auth][jwt]") {
  constexpr std::string_view claims = R"({"exp":1300819380})";
  const std::string body = base64url(claims);
  for (const char* alg : {"none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS512", "PS256", "ES384", "EdDSA"}) {
    const std::string header = R"({"alg":")" + std::string(alg) + "\"}";
    CAPTURE(alg);
    CHECK(verdict(base64url(header) + "." + body + ".") == Errc::bad_algorithm);
    CHECK(verdict(signed_with(key, header, claims)) == Errc::bad_algorithm);
  }
  // The public key as an HMAC secret, the classical confusion.
  CHECK(verdict(signed_with(rsa_key, R"({"alg":"HS256"})", claims), {{}, rsa_key}) == Errc::bad_algorithm);
  CHECK(verdict(rs256, {key, {}}) == Errc::bad_algorithm);
  CHECK(verdict(rs256, {{}, p256_key}) == Errc::bad_algorithm);
  CHECK(verdict(es256, {{}, rsa_key}) == Errc::bad_algorithm);
  CHECK(verdict(es256, {{}, "no key"}) == Errc::no_key);
  CHECK(verdict(token(claims), {"another key", {}}) == Errc::bad_signature);
  CHECK(verdict(base64url(R"({"alg":"HS256"})") + "." + body + ".") == Errc::bad_signature);
}

TEST_CASE("malformed tokens and claims are refused", "[auth][jwt]") {
  for (const char* text : {"", ".", "..", "...", "a.b.c", "e30.e30", "e30.e30.e30.e30", "!!.e30.e30", "e30=.e30.e30"}) {
    CAPTURE(text);
    CHECK(verdict(text) == Errc::bad_token);
  }
  CHECK(verdict(std::string(100'000, 'A')) == Errc::bad_token);
  CHECK(verdict(signed_with(key, R"({"alg":"HS256","crit":["exp"]})", R"({"exp":1300819380})")) == Errc::bad_token);
  CHECK(verdict(signed_with(key, R"({"alg":1})", R"({"exp":1300819380})")) == Errc::bad_token);
  CHECK(verdict(signed_with(key, std::string(4000, '['), "{}")) == Errc::bad_token);
  CHECK(verdict(token("{}")) == Errc::no_expiry);
  for (const char* claims :
       {"[]", "1", R"({"exp":"1300819380"})", R"({"exp":-1})", R"({"exp":1e300})", R"({"exp":null})",
        R"({"exp":1300819380,"nbf":"x"})", R"({"exp":1300819380,"stream":1})", R"({"exp":1300819380,"stream":[]})",
        R"({"exp":1300819380,"action":[true]})", R"({"exp":1300819380,"iss":{}})"}) {
    CAPTURE(claims);
    CHECK(verdict(token(claims)) == Errc::bad_token);
  }
  CHECK(verdict(token(R"({"exp":1300819380,"nbf":1300819300})")) == Errc::not_yet);
  CHECK_FALSE(verdict(token(R"({"exp":1300819380.5,"nbf":1300818000,"other":{"deep":[1]}})")));
}

TEST_CASE("claims bind a token to streams and actions", "[auth][jwt]") {
  const auto allows = [](std::string_view claims, const hub::Request& request, hub::Action action) {
    const auto read = auth::verify_jwt(token(claims), {key, {}}, in_time, 0s);
    REQUIRE(read.has_value());
    const auto allowed = read->allow(request, action);
    return allowed ? base::ErrorCode() : allowed.error();
  };
  using hub::Action;
  const auto request = test::request_of("rtmp-play");
  CHECK_FALSE(allows(R"({"exp":1300819380})", request, Action::play));
  CHECK_FALSE(allows(R"({"exp":1300819380,"vhost":"__defaultVhost__","app":"live","stream":"cam1","action":"play"})",
                     request, Action::play));
  CHECK_FALSE(allows(R"({"exp":1300819380,"stream":["x","cam*"],"action":["play","publish"]})", request, Action::play));
  CHECK_FALSE(allows(R"({"exp":1300819380,"stream":"*"})", request, Action::publish));
  CHECK(allows(R"({"exp":1300819380,"action":"play"})", request, Action::publish) == Errc::other_action);
  CHECK(allows(R"({"exp":1300819380,"stream":"cam"})", request, Action::play) == Errc::other_stream);
  CHECK(allows(R"({"exp":1300819380,"stream":"cam10"})", request, Action::play) == Errc::other_stream);
  CHECK(allows(R"({"exp":1300819380,"app":"vod"})", request, Action::play) == Errc::other_stream);
  CHECK(allows(R"({"exp":1300819380,"vhost":"a.example"})", request, Action::play) == Errc::other_stream);
}

}  // namespace weir::test::jwt_test
