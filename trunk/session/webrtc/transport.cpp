#include "session/webrtc/transport.h"

#include <algorithm>
#include <array>

#include "base/byte_writer.h"
#include "proto/rtp/packet.h"
#include "proto/rtp/rtcp.h"

namespace weir::session::webrtc {

using base::Bytes;
using base::Instant;
using base::MutableBytes;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_locals = 16;    // addresses of ours that one peer reaches us at
constexpr std::size_t sealing_bytes = 32;  // what SRTP and SRTCP put behind a packet, and some
constexpr auto silence_after_alert = 6s;   // checks come each 2.5 s
constexpr std::uint8_t alert_record = 21;  // DTLS content type

// In the place of a TCP connection that has ended.
constexpr std::pair no_local{net::UdpAddress{}, ListenerIndex{UINT32_MAX}};

stun::Address to_stun(const net::UdpAddress& address) { return {address.bytes, address.v6, address.port}; }

}  // namespace

Transport::Transport(Given given, Instant now)
    : given_(std::move(given)), born_(now), agent_(given_.local, given_.remote) {
  if (given_.protection == Protection::none) return;
  association_ = std::make_unique<dtls::Endpoint>(given_.identity, given_.role, given_.fingerprints);
}

Transport::~Transport() { given_.batch.forget(*this); }

// A pair of ICE is two addresses: the peer's and that of ours which it reached. None: too many of ours.
std::optional<ice::Path> Transport::path_of(const Way& way) {
  const std::pair local(way.local, way.listener);
  auto found = std::find(locals_.begin(), locals_.end(), local);
  if (found == locals_.end()) {
    found = std::find(locals_.begin(), locals_.end(), no_local);
    if (found != locals_.end()) {
      *found = local;
    } else if (locals_.size() == most_locals) {
      return std::nullopt;
    } else {
      found = locals_.insert(locals_.end(), local);
    }
  }
  return ice::Path{to_stun(way.remote), static_cast<std::uint64_t>(found - locals_.begin())};
}

bool Transport::passed(const ice::Path& path) const {
  return std::find(passed_.begin(), passed_.end(), path) != passed_.end();
}

bool Transport::input(MutableBytes datagram, const Way& way, Instant now) {
  if (over() || datagram.empty()) return false;
  const auto path = path_of(way);
  if (!path) {
    ++counts_.strangers;
    return false;
  }
  given_.meter.received_bytes += datagram.size();
  ++given_.meter.received_packets;
  if (stun::looks_like_stun(datagram)) return check(datagram, *path, way, now);
  if (!passed(*path)) {
    ++counts_.strangers;
  } else if (rtp::looks_like_rtp(datagram)) {
    media(datagram, *path, now);
  } else if (dtls::looks_like_dtls(datagram)) {
    handshake(datagram, now);
  } else {
    ++counts_.garbled;
  }
  return false;
}

bool Transport::check(Bytes datagram, const ice::Path& path, const Way& way, Instant now) {
  auto said = agent_.input(datagram, path, now);
  // A stranger gets no more bytes than it sent: who forges its address gains nothing by us.
  if (said.answer && (said.verified || said.answer->size() <= datagram.size())) {
    given_.out.send(way, *said.answer, said.answer->size());
    given_.meter.sent_bytes += said.answer->size();
    ++given_.meter.sent_packets;
  }
  if (!said.verified) return false;
  consent_ = true;
  if (!passed(path)) {
    if (passed_.size() == ice::LiteAgent::most_paths) passed_.erase(passed_.begin());
    passed_.push_back(path);
  }
  select();
  if (said.first && !association_) {
    rise(now);
  } else if (said.first) {
    state_ = State::handshaking;
    association_->start(now);
    send_flight();
  }
  return true;
}

// The way that the agent says now, as addresses.
void Transport::select() {
  const auto chosen = agent_.selected();
  if (!chosen) return;
  const auto& [local, listener] = locals_[chosen->route];
  Way way{{chosen->remote.bytes, chosen->remote.v6, chosen->remote.port, 0}, local, listener};
  way.remote.scope = local.scope;
  if (selected_ == way) return;
  if (selected_) ++counts_.moves;
  selected_ = way;
}

void Transport::handshake(Bytes datagram, Instant now) {
  if (!association_) {
    // Nobody can read it any more, but a peer that closes says nothing else: it must show soon that it is still there.
    if (datagram[0] == alert_record && leaving_at_ == Instant()) leaving_at_ = now + silence_after_alert;
    return;
  }
  const auto outcome = association_->input(datagram, now);
  send_flight();
  settle(outcome, now);
}

void Transport::lost(const Way& way, Instant now) {
  if (selected_ == way && leaving_at_ == Instant()) leaving_at_ = now + silence_after_alert;
  std::replace(locals_.begin(), locals_.end(), std::pair(way.local, way.listener), no_local);
}

void Transport::settle(Result<void> outcome, Instant now) {
  if (!outcome) {
    failure_ = association_->failure();
    return end(state_ == State::up && outcome.error() == dtls::Errc::closed_by_peer ? make_error_code(Errc::left)
                                                                                    : outcome.error());
  }
  if (state_ == State::handshaking && association_->established()) establish(now);
}

void Transport::establish(Instant now) {
  const dtls::SrtpKeys keys = association_->take_keys();
  if (given_.protection == Protection::handshake) return rise(now);
  auto sender = srtp::Sender::make(given_.algorithms, {keys.profile, keys.local_key, keys.local_salt});
  auto receiver = srtp::Receiver::make(given_.algorithms, {keys.profile, keys.remote_key, keys.remote_salt});
  if (!sender || !receiver) return end(Errc::handshake);
  sender_.emplace(std::move(*sender));
  receiver_.emplace(std::move(*receiver));
  rise(now);
}

void Transport::rise(Instant now) {
  state_ = State::up;
  drop_association_at_ = given_.keeps_association ? Instant::max() : now + association_linger;
  if (conversation_) conversation_->connected(now);
}

void Transport::send_flight() {
  for (const base::Buffer& datagram : association_->take_output()) leave(datagram, datagram.size());
}

Result<std::size_t> Transport::open(MutableBytes datagram, bool control) {
  if (!receiver_) return datagram.size();
  return control ? receiver_->unprotect_rtcp(datagram) : receiver_->unprotect(datagram);
}

void Transport::media(MutableBytes datagram, const ice::Path& path, Instant now) {
  if (state_ != State::up) {
    ++counts_.dropped;  // it knows the keys before we do: its own last flight was lost
    return;
  }
  const bool control = rtp::is_rtcp(datagram);
  const auto size = open(datagram, control);
  if (!size) return count_fault(size.error());
  leaving_at_ = {};
  consent_ = true;
  if (agent_.note_media(path, now)) select();
  const Bytes plain = datagram.first(*size);
  if (!conversation_) return;
  if (control) return conversation_->rtcp(plain, now);
  conversation_->rtp(slab_.append(plain), now);
}

void Transport::count_fault(base::ErrorCode error) {
  if (error == srtp::Errc::bad_tag) {
    ++counts_.forged;
  } else if (error == srtp::Errc::replayed || error == srtp::Errc::too_old) {
    ++counts_.replays;
  } else {
    ++counts_.garbled;
  }
}

Instant Transport::tick(Instant now) {
  if (over()) return Instant::max();
  if (state_ == State::waiting) {
    if (now < born_ + first_check_limit) return born_ + first_check_limit;
    end(Errc::no_check);
    return Instant::max();
  }
  if (agent_.silent_for(given_.silence_limit, now)) end(Errc::gone_silent);
  if (leaving_at_ != Instant() && now >= leaving_at_) {
    leaving_at_ = {};
    if (agent_.silent_for(silence_after_alert / 2, now)) end(Errc::left);
  }
  if (over()) return Instant::max();
  consent_ = !agent_.silent_for(consent_limit, now);
  Instant next = now + 1s;
  if (association_) {
    if (const auto due = association_->next_timeout(now)) {
      if (*due <= now) {
        const auto outcome = association_->tick(now);
        send_flight();
        settle(outcome, now);
        if (over()) return Instant::max();
      }
      next = std::min(next, std::max(association_->next_timeout(now).value_or(next), now));
    }
    if (state_ == State::up && now >= drop_association_at_) association_.reset();
  }
  if (state_ == State::up && conversation_) next = std::min(next, conversation_->tick(now));
  return next;
}

void Transport::end(base::ErrorCode why) {
  if (over()) return;
  state_ = State::over;
  why_ = why;
  given_.batch.forget(*this);
}

void Transport::close(base::ErrorCode why) {
  if (over()) return;
  if (state_ == State::up && !given_.sources.empty()) {
    base::Buffer good_bye;
    base::ByteWriter writer(good_bye);
    rtp::write_receiver_report(writer, given_.sources.front(), {});  // a compound begins with a report: RFC 3550 6.1
    for (const std::uint32_t source : given_.sources) rtp::write_bye(writer, source);
    const MutableBytes place = room(good_bye.size());
    std::copy_n(good_bye.data(), good_bye.size(), place.begin());
    put_rtcp(good_bye.size());
    flush();
  }
  if (association_ && state_ != State::waiting) {
    association_->close();
    send_flight();
  }
  end(why);
}

MutableBytes Transport::room(std::size_t most) { return given_.batch.room(*this, most + sealing_bytes).first(most); }

void Transport::put_rtp(std::size_t size) {
  if (state_ != State::up || !consent_) {
    ++counts_.dropped;
    return;
  }
  put(sender_ ? sender_->protect(given_.batch.room(*this, size + sealing_bytes), size) : Result<std::size_t>(size));
}

void Transport::put_rtcp(std::size_t size) {
  if (state_ != State::up || !consent_) {
    ++counts_.dropped;
    return;
  }
  put(sender_ ? sender_->protect_rtcp(given_.batch.room(*this, size + sealing_bytes), size)
              : Result<std::size_t>(size));
}

void Transport::put(Result<std::size_t> sealed) {
  if (sealed) {
    given_.batch.put(*sealed);
  } else {
    ++counts_.dropped;
  }
}

void Transport::flush() { given_.batch.flush(); }

void Transport::leave(Bytes packets, std::size_t segment) {
  if (!selected_ || packets.empty()) return;
  given_.out.send(*selected_, packets, segment);
  given_.meter.sent_bytes += packets.size();
  given_.meter.sent_packets += (packets.size() + segment - 1) / segment;
}

}  // namespace weir::session::webrtc
