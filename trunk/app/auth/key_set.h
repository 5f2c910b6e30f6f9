#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/auth/public_key.h"

namespace weir::auth {

// A JSON Web Key Set (RFC 7517 5): the public keys of whoever signs tokens. Immutable.
class KeySet {
 public:
  static constexpr std::size_t most_bytes = 256 * 1024, most_keys = 100, most_id_bytes = 256;

  // Keys that are not for signatures, of kinds that we do not know, secret or broken are left out (RFC 7517 5), as is
  // what stands behind the first 100. Errc::bad_key_set: it is none, or no key is left.
  static base::Result<KeySet> parse(std::string_view json);

  std::size_t size() const { return keys_.size(); }
  bool has(std::string_view id) const;
  // Checks with the keys of that id, or without one with those that fit, of which there should be few: with four at
  // most. Errc::unknown_key: there is none of that id. Errc::bad_algorithm: it is for another one.
  base::Result<void> check(std::string_view id, std::string_view algorithm, std::string_view text,
                           std::string_view signature) const;

 private:
  struct Entry {
    std::string id, algorithm;  // empty: it has none; it is for all that it fits
    PublicKey key;
  };
  std::vector<Entry> keys_;
};

}  // namespace weir::auth
