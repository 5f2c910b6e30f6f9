#include <srtp2/srtp.h>

#include <algorithm>
#include <memory>

#include "base/byte_writer.h"
#include "proto/srtp/session.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::oracle_test {

// Both ways against libsrtp, which is independent of ours.

using test::ByteVector;

namespace {

struct Library {
  Library() { REQUIRE(srtp_init() == srtp_err_status_ok); }
  ~Library() { srtp_shutdown(); }
};

class Oracle {
 public:
  Oracle(srtp::Profile profile, const ByteVector& key, const ByteVector& salt, bool sends) : key_(key) {
    key_.insert(key_.end(), salt.begin(), salt.end());
    srtp_policy_t policy{};
    switch (profile) {
      case srtp::Profile::aes128_cm_sha1_80:
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
        break;
      case srtp::Profile::aead_aes_128_gcm:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        break;
      case srtp::Profile::aead_aes_256_gcm:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
        break;
    }
    policy.ssrc.type = sends ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key_.data();
    policy.window_size = 1024;
    policy.allow_repeat_tx = 1;
    REQUIRE(srtp_create(&session_, &policy) == srtp_err_status_ok);
  }
  ~Oracle() { srtp_dealloc(session_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  ByteVector protect(ByteVector packet, bool rtcp) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    const auto status =
        rtcp ? srtp_protect_rtcp(session_, packet.data(), &size) : srtp_protect(session_, packet.data(), &size);
    REQUIRE(status == srtp_err_status_ok);
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }
  ByteVector unprotect(ByteVector packet, bool rtcp) {
    int size = static_cast<int>(packet.size());
    const auto status =
        rtcp ? srtp_unprotect_rtcp(session_, packet.data(), &size) : srtp_unprotect(session_, packet.data(), &size);
    REQUIRE(status == srtp_err_status_ok);
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }

 private:
  ByteVector key_;
  srtp_t session_ = nullptr;
};

ByteVector counted(std::size_t size, unsigned seed) {
  ByteVector out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + seed);
  return out;
}

// With two CSRCs and a header extension, which stay in the clear.
ByteVector rtp(std::uint16_t sequence, std::uint32_t ssrc, std::size_t payload) {
  base::Buffer out;
  base::ByteWriter w{out};
  w.u8(0x92);
  w.u8(0x60);
  w.u16(sequence);
  w.u32(sequence * 3000U);
  w.u32(ssrc);
  w.u64(0x0102030405060708ULL);
  w.u32(0xbede0001U);
  w.u32(0x10ff0000U);
  w.bytes(counted(payload, sequence));
  return {out.data(), out.data() + out.size()};
}

ByteVector rtcp(std::uint32_t ssrc) {
  base::Buffer out;
  base::ByteWriter w{out};
  w.u32(0x80c80006U);
  w.u32(ssrc);
  w.bytes(counted(20, ssrc));
  return {out.data(), out.data() + out.size()};
}

}  // namespace

TEST_CASE("libsrtp reads what we protect, and we read what it protects", "[srtp]") {
  const Library library;
  const srtp::Algorithms algorithms;
  const auto profile =
      GENERATE(srtp::Profile::aes128_cm_sha1_80, srtp::Profile::aead_aes_128_gcm, srtp::Profile::aead_aes_256_gcm);
  const auto key = counted(srtp::key_bytes(profile), 7), salt = counted(srtp::salt_bytes(profile), 99);
  const srtp::MasterKeys keys{profile, key, salt};
  auto sender = srtp::Sender::make(algorithms, keys);
  auto receiver = srtp::Receiver::make(algorithms, keys);
  REQUIRE(sender.has_value());
  REQUIRE(receiver.has_value());
  Oracle their_receiver(profile, key, salt, false), their_sender(profile, key, salt, true);

  for (unsigned i = 0; i < 40; ++i) {  // over the edge of the sequence numbers
    const auto sequence = static_cast<std::uint16_t>(65520 + i);
    for (const std::uint32_t ssrc : {0x11223344U, 0xcafebabeU}) {
      const auto plain = rtp(sequence, ssrc, i * 29);
      auto room = plain;
      room.resize(plain.size() + sender->rtp_overhead());
      const auto size = sender->protect(room, plain.size());
      REQUIRE(size.has_value());
      CHECK(*size == room.size());
      CHECK(their_receiver.unprotect(room, false) == plain);

      auto theirs = their_sender.protect(plain, false);
      CHECK(theirs == room);
      const auto back = receiver->unprotect(theirs);
      REQUIRE(back.has_value());
      theirs.resize(*back);
      CHECK(theirs == plain);
    }
    const auto report = rtcp(0x11223344U);
    auto room = report;
    room.resize(report.size() + sender->rtcp_overhead());
    REQUIRE(sender->protect_rtcp(room, report.size()).has_value());
    CHECK(their_receiver.unprotect(room, true) == report);
    auto theirs = their_sender.protect(report, true);
    const auto back = receiver->unprotect_rtcp(theirs);
    REQUIRE(back.has_value());
    theirs.resize(*back);
    CHECK(theirs == report);
  }
}

TEST_CASE("a packet that was changed, repeated or is foreign is not believed", "[srtp]") {
  const srtp::Algorithms algorithms;
  const auto profile = GENERATE(srtp::Profile::aes128_cm_sha1_80, srtp::Profile::aead_aes_128_gcm);
  const auto key = counted(srtp::key_bytes(profile), 1), salt = counted(srtp::salt_bytes(profile), 2);
  auto sender = srtp::Sender::make(algorithms, {profile, key, salt});
  auto receiver = srtp::Receiver::make(algorithms, {profile, key, salt});
  const auto protect = [&](std::uint16_t sequence, std::uint32_t ssrc = 5) {
    auto packet = rtp(sequence, ssrc, 50);
    const std::size_t size = packet.size();
    packet.resize(size + sender->rtp_overhead());
    REQUIRE(sender->protect(packet, size).has_value());
    return packet;
  };
  const auto good = protect(100);
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto changed = good;
    changed[at] ^= 0x01;
    CHECK(receiver->unprotect(changed).has_error());
  }
  auto first = good, again = good;
  CHECK(receiver->unprotect(first).has_value());
  CHECK(receiver->unprotect(again).error() == srtp::Errc::replayed);

  auto newest = protect(5000);
  CHECK(receiver->unprotect(newest).has_value());
  auto old = protect(200);
  CHECK(receiver->unprotect(old).error() == srtp::Errc::too_old);
  for (std::size_t size = 0; size < good.size(); ++size) {
    auto cut = good;
    cut.resize(size);
    CHECK(receiver->unprotect(cut).has_error());
    CHECK(receiver->unprotect_rtcp(cut).has_error());
  }
  for (std::uint32_t ssrc = 10; ssrc < 10 + srtp::most_sources - 1; ++ssrc) {
    auto packet = rtp(1, ssrc, 5);
    const std::size_t size = packet.size();
    auto other = srtp::Sender::make(algorithms, {profile, key, salt});
    packet.resize(size + sender->rtp_overhead());
    REQUIRE(other->protect(packet, size).has_value());
    CHECK(receiver->unprotect(packet).has_value());
  }
  auto other = srtp::Sender::make(algorithms, {profile, key, salt});
  auto packet = rtp(1, 4711, 5);
  const std::size_t size = packet.size();
  packet.resize(size + sender->rtp_overhead());
  REQUIRE(other->protect(packet, size).has_value());
  CHECK(receiver->unprotect(packet).error() == srtp::Errc::too_many_sources);
}

TEST_CASE("keys of another length and buffers without room are refused", "[srtp]") {
  const srtp::Algorithms algorithms;
  const auto profile = srtp::Profile::aead_aes_128_gcm;
  CHECK(srtp::Sender::make(algorithms, {profile, counted(15, 0), counted(12, 0)}).error() ==
        srtp::Errc::bad_key_length);
  CHECK(srtp::Receiver::make(algorithms, {profile, counted(16, 0), counted(14, 0)}).error() ==
        srtp::Errc::bad_key_length);
  auto sender = srtp::Sender::make(algorithms, {profile, counted(16, 0), counted(12, 0)});
  auto packet = rtp(1, 2, 3);
  CHECK(sender->protect(packet, packet.size()).error() == srtp::Errc::no_room);
  CHECK(sender->protect_rtcp(packet, packet.size()).error() == srtp::Errc::no_room);
}

}  // namespace weir::test::oracle_test
