// A signed URL: what nobody signed is never accepted, what was signed is, for its stream and action alone.
#include <cstdlib>
#include <memory>
#include <string>

#include "app/auth/token.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view key = "a key that the fuzzer does not know how to use";
  constexpr auth::UnixTime now{std::chrono::seconds(1'300'000'000)};
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  hub::Request request;
  request.vhost = std::make_shared<config::Vhost>();
  const std::size_t cut = text.size() * data[0] / 256;
  request.app = text.substr(0, cut);
  request.stream = text.substr(cut);
  const auto check = [&](std::string_view value, hub::Action action) {
    return auth::check_signed_url(value, key, request, action, now, std::chrono::seconds(0)).has_value();
  };
  if (check(text, hub::Action::play) || check(text, hub::Action::publish)) std::abort();
  const std::string token = auth::sign_url(key, request, hub::Action::play, now + std::chrono::seconds(1));
  if (!check(token, hub::Action::play) || check(token, hub::Action::publish)) std::abort();
  std::string other = token;
  other[data[0] % other.size()] ^= 1;
  if (check(other, hub::Action::play)) std::abort();
  request.stream += "x";
  if (check(token, hub::Action::play)) std::abort();
  return 0;
}
