#include "proto/rtmp/handshake.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "proto/rtmp/handshake_digest.h"

namespace weir::rtmp {
namespace {

constexpr std::uint8_t rtmp_version = 3;  // 5.2.2
constexpr std::uint8_t proxy_mark = 0xf3;
constexpr std::size_t longest_prefix = 1024;
constexpr std::size_t version_at = 4;  // in C1 and S1, in the field that the plain form has as zero
constexpr std::array<std::uint8_t, 4> server_version = {3, 5, 1, 1};
constexpr std::array<std::uint8_t, 4> player_version = {10, 0, 32, 18};

// Appends 1536 random bytes with time zero (we have no clock, and nobody uses it) and gives them to be changed.
base::MutableBytes append_random(base::Buffer& out, const std::array<std::uint8_t, 4>& version) {
  const std::size_t before = out.size();
  out.resize(before + handshake_size);
  const base::MutableBytes message(out.data() + before, handshake_size);
  base::fill_random(message);
  std::fill_n(message.begin(), 4, std::uint8_t{0});
  std::copy(version.begin(), version.end(), message.begin() + version_at);
  return message;
}

// C2 or S2 with a digest.
void append_answer(base::Buffer& out, base::Bytes full_key, const base::Sha256& answered) {
  const std::size_t before = out.size();
  out.resize(before + handshake_size);
  const base::MutableBytes message(out.data() + before, handshake_size);
  base::fill_random(message);
  const base::Sha256 digest = answer_digest(message, full_key, answered);
  std::copy(digest.begin(), digest.end(), message.end() - static_cast<std::ptrdiff_t>(digest.size()));
}

}  // namespace

base::Result<void> ServerHandshake::input(base::Bytes& in, base::Buffer& out) {
  while (!in.empty() && state_ != State::done) {
    switch (state_) {
      case State::version: {
        const std::uint8_t byte = in[0];
        TRY_VOID(take_version(byte));
        in = in.subspan(1);
        ++offset_;
        break;
      }
      case State::prefix_length:
        if (!collect(in, 2)) return {};
        wanted_ = static_cast<std::size_t>(held_.data()[0] << 8 | held_.data()[1]);
        held_.clear();
        if (wanted_ < 4 || wanted_ > longest_prefix) {
          diagnostic_ = {offset_ - 2, fmt::format("proxy prefix length {}", wanted_)};
          return Errc::bad_proxy_prefix;
        }
        state_ = State::prefix;
        break;
      case State::prefix:
        if (!collect(in, wanted_)) return {};
        std::copy_n(held_.data(), 4, proxied_address_.emplace().begin());
        held_.clear();
        state_ = State::version;
        break;
      case State::c1:
        if (!collect(in, handshake_size)) return {};
        answer(out);
        held_.release_memory();
        wanted_ = handshake_size;
        state_ = State::c2;
        break;
      case State::c2: {
        // Not compared with S1: ffmpeg's has a wrong digest, and it would tell nothing.
        const std::size_t count = std::min(wanted_, in.size());
        in = in.subspan(count);
        offset_ += count;
        wanted_ -= count;
        if (wanted_ == 0) state_ = State::done;
        break;
      }
      case State::done:
        break;
    }
  }
  return {};
}

base::Result<void> ServerHandshake::take_version(std::uint8_t byte) {
  if (byte == proxy_mark && proxy_prefix_ && !proxied_address_) {
    state_ = State::prefix_length;
    return {};
  }
  if (byte != rtmp_version) {
    diagnostic_ = {offset_, fmt::format("C0 version {}, 3 is RTMP", byte)};
    return Errc::bad_version;
  }
  state_ = State::c1;
  return {};
}

bool ServerHandshake::collect(base::Bytes& in, std::size_t size) {
  const std::size_t count = std::min(in.size(), size - held_.size());
  if (held_.empty()) held_.reserve(size);
  held_.append(in.first(count));
  in = in.subspan(count);
  offset_ += count;
  return held_.size() == size;
}

void ServerHandshake::answer(base::Buffer& out) {
  out.append(rtmp_version);
  const auto found = find_digest(held_, client_key());
  with_digest_ = found.has_value();
  const base::MutableBytes s1 = append_random(out, found ? server_version : std::array<std::uint8_t, 4>{});
  if (found) {
    sign_message(s1, found->schema, server_key());
    append_answer(out, server_full_key(), found->digest);
  } else {
    out.append(held_.bytes());  // 5.2.4: the time and the random bytes of C1
  }
}

void ClientHandshake::start(base::Buffer& out) {
  out.append(rtmp_version);
  const bool digest = form_ == Form::digest;
  const base::MutableBytes c1 = append_random(out, digest ? player_version : std::array<std::uint8_t, 4>{});
  if (digest) digest_ = sign_message(c1, DigestSchema::digest_first, client_key());
}

base::Result<void> ClientHandshake::input(base::Bytes& in, base::Buffer& out) {
  while (!in.empty() && state_ != State::done) {
    if (state_ == State::version) {
      if (in[0] != rtmp_version) {
        diagnostic_ = {0, fmt::format("S0 version {}, 3 is RTMP", in[0])};
        return Errc::bad_version;
      }
      in = in.subspan(1);
      state_ = State::s1;
      continue;
    }
    const std::size_t count = std::min(in.size(), handshake_size - held_.size());
    held_.append(in.first(count));
    in = in.subspan(count);
    if (held_.size() < handshake_size) break;
    if (state_ == State::s1) {
      const auto found = form_ == Form::digest ? find_digest(held_, server_key()) : std::nullopt;
      with_digest_ = found.has_value();
      if (found) {
        append_answer(out, client_full_key(), found->digest);
      } else {
        out.append(held_.bytes());
      }
      held_.clear();
      state_ = State::s2;
    } else {
      if (with_digest_) {
        const base::Bytes s2 = held_;
        with_digest_ = base::equal_secret(answer_digest(s2, server_full_key(), digest_), s2.last(digest_.size()));
      }
      held_.release_memory();
      state_ = State::done;
    }
  }
  return {};
}

}  // namespace weir::rtmp
