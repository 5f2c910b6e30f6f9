#include "base/random.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace weir::base {

void fill_random(MutableBytes out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) throw std::runtime_error("no random numbers");
}

std::string random_text(std::size_t size) {
  static constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string text;
  text.reserve(size);
  std::uint8_t pool[32];
  while (text.size() < size) {
    fill_random(pool);
    for (const std::uint8_t byte : pool) {
      if (byte < 252 && text.size() < size) text.push_back(alphabet[byte % 36]);  // 252 = 7 * 36: no bias
    }
  }
  return text;
}

SessionId random_session_id() { return SessionId::from(random_text(8)); }

}  // namespace weir::base
