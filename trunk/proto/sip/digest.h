#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/clock.h"

// Digest authentication (RFC 2617, RFC 3261 22) with MD5, with qop=auth and without: devices do either, whatever was
// asked of them.
namespace weir::sip {

// WWW-Authenticate.
struct Challenge {
  std::string realm, nonce;
  bool stale = false;  // the password may have been right, the nonce is not
  std::string text() const;
};
std::optional<Challenge> parse_challenge(std::string_view value);

// Authorization.
struct Credentials {
  std::string user, realm, nonce, uri, response;
  std::string qop, count_text, cnonce;  // empty without qop
  std::uint32_t count = 0;              // nc
};
// None if it is no Digest, asks for another algorithm than MD5, or lacks what is needed.
std::optional<Credentials> parse_credentials(std::string_view value);

// Whether they were made with that password. The URI is the one that the device wrote: many write another than that of
// the request.
bool verify(const Credentials& credentials, std::string_view method, std::string_view password);

// What a client answers a challenge with, without qop.
std::string make_authorization(const Challenge& challenge, std::string_view user, std::string_view password,
                               std::string_view method, std::string_view uri);

// Nonces that nobody has to remember until they are used: each holds its time and whom it is for, sealed. A nonce is
// good once without qop; with qop its count has to go up.
class Nonces {
 public:
  using Secret = std::array<std::uint8_t, 16>;
  explicit Nonces(const Secret& secret) : secret_(secret) {}

  static constexpr std::chrono::seconds lifetime{60};
  static constexpr std::size_t most_used = 65'536;

  // `holder`: the device and its address. `salt`: random.
  std::string make(std::string_view holder, std::string_view salt, base::Instant now) const;
  enum class Verdict : std::uint8_t {
    good,
    stale,     // too old, or of another start of the server
    foreign,   // made for somebody else
    replayed,  // it was used before
  };
  // Of credentials whose hash is right: a nonce that is good counts as used from now on.
  Verdict use(const Credentials& credentials, std::string_view holder, base::Instant now);

 private:
  std::string seal(std::string_view holder, std::string_view front) const;
  void forget(base::Instant now);

  // given
  Secret secret_;

  // state
  std::unordered_map<std::string, std::uint32_t> used_;      // and the highest count
  std::deque<std::pair<base::Instant, std::string>> until_;  // when it may be forgotten
};

}  // namespace weir::sip
