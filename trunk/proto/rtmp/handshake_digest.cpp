#include "proto/rtmp/handshake_digest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "proto/rtmp/handshake.h"

namespace weir::rtmp {
namespace {

constexpr std::size_t block_size = 764;
constexpr std::size_t first_block = 8;
constexpr std::size_t second_block = first_block + block_size;
constexpr std::size_t digest_size = 32;
constexpr std::size_t key_size = 128;

constexpr std::string_view player_words = "Genuine Adobe Flash Player 001";
constexpr std::string_view server_words = "Genuine Adobe Flash Media Server 001";
constexpr std::array<std::uint8_t, 32> common_tail = {0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0,
                                                      0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80,
                                                      0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae};

template <std::size_t words_size>
constexpr std::array<std::uint8_t, words_size + common_tail.size()> join_key(std::string_view words) {
  std::array<std::uint8_t, words_size + common_tail.size()> out{};
  for (std::size_t i = 0; i < words_size; ++i) out[i] = static_cast<std::uint8_t>(words[i]);
  for (std::size_t i = 0; i < common_tail.size(); ++i) out[words_size + i] = common_tail[i];
  return out;
}
constexpr auto player_key = join_key<player_words.size()>(player_words);
constexpr auto media_server_key = join_key<server_words.size()>(server_words);

std::size_t sum_of_four(base::Bytes message, std::size_t at) {
  return std::size_t{message[at]} + message[at + 1] + message[at + 2] + message[at + 3];
}

}  // namespace

base::Bytes client_key() { return base::Bytes(player_key).first(player_words.size()); }
base::Bytes client_full_key() { return player_key; }
base::Bytes server_key() { return base::Bytes(media_server_key).first(server_words.size()); }
base::Bytes server_full_key() { return media_server_key; }

std::size_t digest_place(base::Bytes message, DigestSchema schema) {
  // The block begins with four bytes whose sum tells how far behind them the digest stands.
  const std::size_t block = schema == DigestSchema::key_first ? second_block : first_block;
  return block + 4 + sum_of_four(message, block) % (block_size - 4 - digest_size);
}

std::size_t key_place(base::Bytes message, DigestSchema schema) {
  // Here they are the last four bytes of the block.
  const std::size_t block = schema == DigestSchema::key_first ? first_block : second_block;
  return block + sum_of_four(message, block + block_size - 4) % (block_size - 4 - key_size);
}

base::Sha256 sign_message(base::MutableBytes message, DigestSchema schema, base::Bytes key) {
  const std::size_t place = digest_place(message, schema);
  const base::Bytes whole = message;
  const base::Sha256 digest = base::hmac_sha256(key, {whole.first(place), whole.subspan(place + digest_size)});
  std::copy(digest.begin(), digest.end(), message.begin() + static_cast<std::ptrdiff_t>(place));
  return digest;
}

std::optional<FoundDigest> find_digest(base::Bytes message, base::Bytes key) {
  for (const DigestSchema schema : {DigestSchema::key_first, DigestSchema::digest_first}) {
    const std::size_t place = digest_place(message, schema);
    const base::Sha256 digest = base::hmac_sha256(key, {message.first(place), message.subspan(place + digest_size)});
    if (base::equal_secret(digest, message.subspan(place, digest_size))) return FoundDigest{schema, digest};
  }
  return std::nullopt;
}

base::Sha256 answer_digest(base::Bytes message, base::Bytes full_key, const base::Sha256& answered) {
  const base::Sha256 key = base::hmac_sha256(full_key, {answered});
  return base::hmac_sha256(key, {message.first(handshake_size - digest_size)});
}

}  // namespace weir::rtmp
