// A set of keys as its URL gives it. Whatever keys it has, none may have signed the token below.
#include <string>

#include "app/auth/key_set.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto set = auth::KeySet::parse({reinterpret_cast<const char*>(data), size});
  if (!set) return 0;
  if (set->size() == 0 || set->size() > auth::KeySet::most_keys) __builtin_trap();
  for (const char* algorithm : {"RS256", "PS512", "ES256", "EdDSA", "HS256", "none"}) {
    for (const std::size_t signature_size : {std::size_t{0}, std::size_t{64}, std::size_t{256}}) {
      if (set->check({}, algorithm, "a.b", std::string(signature_size, '\0'))) __builtin_trap();
      if (set->check("1", algorithm, "a.b", std::string(signature_size, '\1'))) __builtin_trap();
    }
  }
  return 0;
}
