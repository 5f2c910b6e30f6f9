// A token of a client. Signed by nobody, it must never be accepted; where the first byte is odd, the input is signed
// first, so that its claims are read.
#include <string>

#include "app/auth/token.h"
#include "base/digest.h"
#include "support/token_signer.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view key = "a key that the fuzzer does not know how to use";
  constexpr auth::UnixTime now{std::chrono::seconds(1'300'000'000)};
  std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    if (auth::verify_jwt(input, {key, {}}, now, std::chrono::seconds(0))) __builtin_trap();
    return 0;
  }
  const std::string text = test::base64url(R"({"alg":"HS256"})") + "." + test::base64url(input);
  const base::Sha256 mac = base::hmac_sha256(base::as_bytes(key), {base::as_bytes(text)});
  const std::string token = text + "." + test::base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
  const auto claims = auth::verify_jwt(token, {key, {}}, now, std::chrono::seconds(0));
  if (!claims) return 0;
  if (claims->expiry < now.time_since_epoch()) __builtin_trap();
  hub::Request request;
  request.vhost = std::make_shared<config::Vhost>();
  request.app = "live";
  request.stream = "cam1";
  (void)claims->allow(request, hub::Action::play);
  return 0;
}
