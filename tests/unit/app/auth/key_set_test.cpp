#include "app/auth/key_set.h"

#include "app/auth/base64url.h"
#include "app/auth/token.h"
#include "support/catch.h"
#include "support/token_signer.h"

namespace weir::test::key_set_test {

using namespace std::chrono_literals;
using auth::Errc;
using auth::KeySet;
using test::TokenSigner;

namespace {

constexpr auth::UnixTime in_time{1'300'819'000s};
constexpr const char* claims = R"({"exp":1300819380})";

// RFC 7515 A.2.1 and A.3.1, RFC 8037 A.2.
const std::string rsa_of_rfc =
    R"({"kty":"RSA","kid":"r","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz)"
    "P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e"
    "-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2et"
    R"(hFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
const std::string p256_of_rfc =
    R"({"kty":"EC","crv":"P-256","kid":"e","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string ed25519_of_rfc =
    R"({"kty":"OKP","crv":"Ed25519","kid":"d","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

std::string set_of(std::initializer_list<std::string> keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ",") + key;
  return R"({"keys":[)" + text + "]}";
}

KeySet parse(const std::string& text) {
  auto set = KeySet::parse(text);
  REQUIRE(set.has_value());
  return *std::move(set);
}

base::ErrorCode verdict(const KeySet& set, const std::string& token, std::string_view secret = {}) {
  const auto result = auth::verify_jwt(token, {.secret = secret, .public_key_pem = {}, .set = &set}, in_time, 0s);
  return result ? base::ErrorCode() : result.error();
}

}  // namespace

TEST_CASE("the keys of RFC 7515 and RFC 8037 verify what is signed there", "[auth][jwt]") {
  const KeySet set = parse(set_of({rsa_of_rfc, p256_of_rfc, ed25519_of_rfc}));
  CHECK(set.size() == 3);
  const std::string body =
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  CHECK_FALSE(
      verdict(set, "eyJhbGciOiJSUzI1NiJ9" + body +
                       ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
                       "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L0"
                       "7Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUip"
                       "UTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"));
  CHECK_FALSE(
      verdict(set, "eyJhbGciOiJFUzI1NiJ9" + body +
                       ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"));
  // RFC 8037 A.4
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      auth::decode_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
          .value();
  CHECK_FALSE(set.check("d", "EdDSA", text, signature).has_error());
  CHECK_FALSE(set.check({}, "EdDSA", text, signature).has_error());
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string other = signature;
    other[i] = static_cast<char>(other[i] ^ 1);
    REQUIRE(set.check("d", "EdDSA", text, other).error() == Errc::bad_signature);
  }
  CHECK(set.check("d", "EdDSA", text + "A", signature).error() == Errc::bad_signature);
  CHECK(set.check("d", "EdDSA", text, signature.substr(1)).error() == Errc::bad_signature);
  CHECK(set.check("d", "EdDSA", text, "").error() == Errc::bad_signature);
}

TEST_CASE("RSASSA-PSS: the salt is as long as the digest", "[auth][jwt]") {
  const TokenSigner rsa(TokenSigner::Kind::rsa);
  const KeySet set = parse(set_of({rsa.jwk("1")}));
  for (const char* algorithm : {"RS256", "PS256", "PS384", "PS512"}) {
    INFO(algorithm);
    CHECK_FALSE(verdict(set, rsa.token(algorithm, "1", claims)));
    CHECK_FALSE(verdict(set, rsa.token(algorithm, "", claims)));
  }
  CHECK(verdict(set, rsa.token("PS256", "1", claims, 20)) == Errc::bad_signature);
  CHECK(verdict(set, rsa.token("PS256", "1", claims, 0)) == Errc::bad_signature);
}

TEST_CASE("a token names its key, and a key its algorithm", "[auth][jwt]") {
  const TokenSigner first(TokenSigner::Kind::ed25519), second(TokenSigner::Kind::ed25519), rsa(TokenSigner::Kind::rsa);
  const KeySet set = parse(set_of({first.jwk("1"), second.jwk("2"), rsa.jwk("3", R"(,"alg":"PS256")")}));
  CHECK(set.has("2"));
  CHECK_FALSE(set.has("4"));
  CHECK_FALSE(verdict(set, first.token("EdDSA", "1", claims)));
  CHECK_FALSE(verdict(set, second.token("EdDSA", "2", claims)));
  CHECK_FALSE(verdict(set, second.token("EdDSA", "", claims)));  // whichever fits
  CHECK(verdict(set, first.token("EdDSA", "2", claims)) == Errc::bad_signature);
  CHECK(verdict(set, first.token("EdDSA", "4", claims)) == Errc::unknown_key);
  CHECK_FALSE(verdict(set, rsa.token("PS256", "3", claims)));
  CHECK(verdict(set, rsa.token("RS256", "3", claims)) == Errc::bad_algorithm);
  CHECK(verdict(set, rsa.token("RS256", "1", claims)) == Errc::bad_algorithm);
  CHECK(auth::key_id_of(first.token("EdDSA", "4", claims)) == "4");
  CHECK(auth::key_id_of("no token").empty());
  CHECK(auth::key_id_of(test::base64url(R"({"alg":"HS256","kid":"9"})") + ".e30.").empty());
}

TEST_CASE("algorithms are not confused: no public key is a secret, and none is fetched", "[auth][jwt]") {
  const TokenSigner ed25519(TokenSigner::Kind::ed25519);
  const std::string secret =
      R"({"kty":"oct","kid":"s","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
  const KeySet set = parse(set_of({ed25519.jwk("1"), secret}));
  CHECK(set.size() == 1);
  const std::string by_secret =
      test::base64url(R"({"alg":"HS256","kid":"s"})") + "." + test::base64url(claims) + ".AAAA";
  CHECK(verdict(set, by_secret) == Errc::bad_algorithm);
  CHECK(verdict(set, by_secret, "a secret of the configuration") == Errc::bad_signature);
  for (const char* algorithm : {"none", "HS384", "eddsa", "Ed25519", "ES256", "RS384", ""}) {
    const std::string header = R"({"kid":"1","alg":")" + std::string(algorithm) + "\"}";
    INFO(header);
    CHECK(verdict(set, test::base64url(header) + "." + test::base64url(claims) + ".") == Errc::bad_algorithm);
  }
}

TEST_CASE("keys that are broken, weak, secret or for something else are left out", "[auth][jwt]") {
  const TokenSigner good(TokenSigner::Kind::ed25519), weak(TokenSigner::Kind::rsa, 1024);
  const std::string x = R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
  for (const std::string& key :
       {weak.jwk("w"), good.jwk("1", R"(,"use":"enc")"), good.jwk("1", R"(,"key_ops":["sign"])"),
        good.jwk("1", R"(,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")"), good.jwk("1", R"(,"alg":"PS256")"),
        good.jwk(std::string(300, 'k')), R"({"kty":"OKP","crv":"X25519",)" + x + "}",
        R"({"kty":"EC","crv":"P-384",)" + x + "}", R"({"kty":"EC","crv":"P-256",)" + x + "," + R"("y":"AAAA"})",
        // Not on the curve.
        R"({"kty":"EC","crv":"P-256",)" + x + R"(,"y":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        std::string(R"({"kty":"OKP","crv":"Ed25519","x":"11qY="})"),
        std::string(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), std::string(R"({"kty":1})"), std::string("1"),
        std::string("null"), std::string("[]")}) {
    INFO(key);
    CHECK(KeySet::parse(set_of({key})).error() == Errc::bad_key_set);
    CHECK(parse(set_of({key, good.jwk("1")})).size() == 1);
  }
  std::string one = rsa_of_rfc;  // an exponent of one makes everybody a signer
  one.replace(one.rfind("AQAB"), 4, "AQ");
  CHECK(KeySet::parse(set_of({one})).error() == Errc::bad_key_set);
}

TEST_CASE("what is no key set is refused, wherever it is cut, and is bounded", "[auth][jwt]") {
  const std::string whole = set_of({rsa_of_rfc, p256_of_rfc, ed25519_of_rfc});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    REQUIRE(KeySet::parse(whole.substr(0, size)).error() == Errc::bad_key_set);
  }
  for (const std::string& text :
       {std::string("{}"), std::string(R"({"keys":{}})"), std::string(R"({"keys":[]})"), std::string(10'000, '['),
        R"({"a":)" + std::string(20, '[') + std::string(20, ']') + R"(,"keys":[)" + ed25519_of_rfc + "]}",
        whole + std::string(KeySet::most_bytes, ' ')}) {
    CHECK(KeySet::parse(text).error() == Errc::bad_key_set);
  }
  std::string many;
  for (int i = 0; i < 300; ++i) many += ed25519_of_rfc + ",";
  CHECK(parse(R"({"keys":[)" + many + ed25519_of_rfc + "]}").size() == KeySet::most_keys);
}

}  // namespace weir::test::key_set_test
