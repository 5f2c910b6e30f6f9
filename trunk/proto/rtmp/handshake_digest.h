#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/digest.h"

namespace weir::rtmp {

// The digests in C1, S1, C2 and S2, which the specification leaves out: 1536 bytes are a time, a version and two blocks
// of 764 bytes, one that holds a key of 128 bytes and one that holds a digest of 32, at places that the blocks
// themselves tell.
enum class DigestSchema : std::uint8_t { key_first, digest_first };

base::Bytes client_key();       // of C1: the first 30 bytes of Flash Player's key
base::Bytes client_full_key();  // of C2: all 62
base::Bytes server_key();       // of S1: the first 36 bytes of Flash Media Server's key
base::Bytes server_full_key();  // of S2: all 68

// Where the digest stands in a C1 or S1 of that schema, and where the key.
std::size_t digest_place(base::Bytes message, DigestSchema schema);
std::size_t key_place(base::Bytes message, DigestSchema schema);

// Puts the digest of the rest of `message` into its place.
base::Sha256 sign_message(base::MutableBytes message, DigestSchema schema, base::Bytes key);
struct FoundDigest {
  DigestSchema schema{};
  base::Sha256 digest{};
};
// The digest of a C1 or S1, if it holds a right one in either schema.
std::optional<FoundDigest> find_digest(base::Bytes message, base::Bytes key);

// C2 and S2 end in a digest whose key is made from the digest of the S1 or C1 that they answer.
base::Sha256 answer_digest(base::Bytes message, base::Bytes full_key, const base::Sha256& answered);

}  // namespace weir::rtmp
