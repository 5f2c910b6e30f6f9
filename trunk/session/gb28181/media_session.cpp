#include "session/gb28181/media_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/address.h"
#include "base/scope_exit.h"
#include "net/tcp_stream.h"
#include "net/worker.h"
#include "proto/rtp/packet.h"
#include "session/common/frame_publisher.h"
#include "session/common/protocol.h"

namespace weir::session::gb28181 {

using namespace std::chrono_literals;
using base::Bytes;
using base::ErrorCode;
using base::Instant;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto recording_wait = 1s;  // for a device whose connection ended, of a recording, which it is at the end of
constexpr auto rebind_after = 2s;    // of silence: another source, or another SSRC, is the device now
constexpr auto reconnect_wait = 5s;  // for a device whose connection ended
constexpr auto media_connect_limit = 5s;
constexpr auto connect_pause = 1s;
constexpr unsigned most_connects = 3;    // in a row without a packet
constexpr unsigned most_malformed = 16;  // in a row, by TCP
constexpr std::size_t media_read_bytes = 32 * 1024;

}  // namespace

// A task beside the session, which ends with it.
class MediaSession::Helper {
 public:
  Helper(MediaSession& session, net::Life& life) : session_(session), life_(life) {
    session_.helpers_.push_back(&life);
    if (session_.closing_) life.stop(MediaErrc::closed);
  }
  Helper(const Helper&) = delete;
  ~Helper() { std::erase(session_.helpers_, &life_); }

 private:
  MediaSession& session_;
  net::Life& life_;
};

MediaSession::MediaSession(Given given)
    : given_(std::move(given)), wake_(given_.hub.worker().io()), gap_over_([this] {
        reader_.poll(Clock::now());
        if (reader_.has_media()) wake_.notify();
        look_at_gap();
      }) {
  hub::Request& request = given_.order.request;
  request.protocol = protocols::gb28181.id;
  request.role = hub::Role::publish;
}

void MediaSession::begin(std::optional<net::UdpSocket> udp, std::optional<net::ListenSocket> tcp) {
  net::Worker& worker = given_.hub.worker();
  worker.spawn(std::string(protocols::gb28181.name),
               [self = shared_from_this()](net::Life& life) { return self->run(life); });
  if (udp) {
    auto port = std::make_shared<net::UdpPort>(worker, std::move(*udp));
    worker.spawn(std::string(media_port_name), [self = shared_from_this(), port](net::Life& life) -> net::Task<void> {
      const Helper helper(*self, life);
      co_await net::UdpPort::receive(life, port,
                                     [&self](net::UdpPort&, const net::Datagram& one) { self->datagram(one); });
    });
  }
  if (tcp) {
    auto socket = std::make_shared<net::ListenSocket>(std::move(*tcp));
    worker.spawn(std::string(media_port_name), [self = shared_from_this(), socket](net::Life& life) -> net::Task<void> {
      const Helper helper(*self, life);
      co_await net::accept_loop(life, std::move(*socket), [&self](std::unique_ptr<net::ByteStream> stream) {
        std::shared_ptr<const void> seat;
        if (self->given_.seat && !self->given_.seat(stream->peer().address, seat)) return;
        self->accept(std::move(stream), {}, std::move(seat));
      });
    });
  }
}

net::Task<void> MediaSession::run(net::Life& life) {
  life_ = &life;
  if (closing_) life.stop(MediaErrc::closed);
  life.comes_from(given_.order.request.peer.address);
  log::info(life.log(), "media of {} is expected at {}, SSRC {:010}", given_.order.request.url(), place_text(),
            given_.order.ssrc);
  if (!paused_) life.watchdog.arm(given_.silence);
  const ErrorCode why = co_await publish(life);
  over(life, why);
  life_ = nullptr;
}

net::Task<ErrorCode> MediaSession::publish(net::Life& life) {
  std::optional<hub::Input> input;
  const base::ScopeExit left([&] {
    if (input && (finished_ || (gone_ && given_.order.recording))) input->finish();
  });
  std::optional<FramePublisher> publisher;
  for (;;) {
    if (failed_) co_return failed_;
    tell_left_out(life);
    if (reader_.has_media()) {
      if (!publisher) {
        hub::Request request = given_.order.request;
        request.peer = {net::ip_text(source_->address), source_->address.port};
        hub::Link link;
        link.meter = &meter_;
        life.comes_from(request.peer.address);
        auto admitted = co_await given_.hub.publish(life, std::move(request), std::move(link));
        if (!admitted) {
          failure_ = "the stream was refused: " + admitted.error().message();
          co_return admitted.error().why;
        }
        input.emplace(std::move(*admitted));
        if (can_ask_key_) input->when_key_wanted([this] { given_.events->key_wanted(); });
        publisher.emplace(life, *input);
        publishing_ = true;
        ++given_.shared.totals.publishing;
        log::info(life.log(), "start publish {}: {} from {}, SSRC {:010}", given_.order.request.url(), reader_.what(),
                  source_text(), ssrc_.value_or(0));
        given_.events->media_came();
      }
      if (!paused_) life.watchdog.arm(patience());
      if (const auto drained = reader_.drain(*publisher); !drained) co_return drained.error();
    }
    if (const auto woke = co_await wake_.wait(); !woke) co_return woke.error();
  }
}

// For what comes next: less for a device whose connection ended, also while the last of it is on its way.
std::chrono::milliseconds MediaSession::patience() const {
  if (!gone_) return given_.silence;
  return std::min<std::chrono::milliseconds>(given_.silence, given_.order.recording ? recording_wait : reconnect_wait);
}

// What media was waited for in vain.
ErrorCode MediaSession::silent() const {
  if (gone_) return net::Errc::end_of_stream;
  if (publishing_) return MediaErrc::went_silent;
  if (meter_.received_packets == 0) return strangers_ > 0 ? MediaErrc::unknown_ssrc : MediaErrc::no_packet;
  return reader_.counts().before_key > 0 ? MediaErrc::no_key_frame : MediaErrc::no_media;
}

void MediaSession::over(const net::Life& life, ErrorCode met) {
  ErrorCode why = net::why_ended(life, met);
  std::string reason = failure_;
  if (why == net::Errc::timed_out) {
    why = silent();
    if (reason.empty()) reason = gone_ ? "the device closed its connection" : this->why();
    ++given_.shared.totals.silent_ends;
  }
  if (reason.empty()) reason = why.message();
  const MediaFigures last = figures();
  log::info(life.log(),
            "media of {} ended: {}; {} packets, {} lost, {} late, {} of others, {} malformed, {} dropped "
            "here; {} frames, {} damaged",
            given_.order.request.url(), reason, last.packets, last.lost, last.late, strangers_, malformed_, dropped_,
            last.frames, last.damaged);
  if (std::exchange(publishing_, false)) --given_.shared.totals.publishing;
  closing_ = true;
  for (net::Life* helper : std::vector(helpers_)) helper->stop(MediaErrc::closed);
  given_.events->ended(why, reason, last);
}

void MediaSession::end(ErrorCode why) {
  closing_ = true;
  if (life_) life_->stop(why);
}

void MediaSession::answered(const MediaAnswer& answer) {
  const bool first = !answer_ || answer_->address != answer.address || answer_->port != answer.port;
  answer_ = answer;
  if (given_.order.transport != MediaTransport::tcp_active || !first || closing_) return;
  given_.hub.worker().spawn(std::string(media_connection_name), [self = shared_from_this(), answer](net::Life& life) {
    return self->connect(life, answer);
  });
}

void MediaSession::pause(bool paused) {
  paused_ = paused;
  if (!life_ || closing_) return;
  paused ? life_->watchdog.disarm() : life_->watchdog.arm(given_.silence);
}

void MediaSession::sought() { reader_.begin_anew(); }

// --- whose packets

bool MediaSession::expects(std::uint32_t ssrc) const {
  return ssrc == given_.order.ssrc || (answer_ && answer_->ssrc == ssrc);
}

// At its own port whoever sends RTP is the device, since devices do not keep to the SSRC they were asked for; but the
// one that does is preferred. One source at a time: another one is heard when the first has been silent.
bool MediaSession::belongs(std::uint32_t ssrc, const Source& source, Instant now) {
  const bool silent = gone_ || now - last_packet_ > rebind_after;
  const bool same_ssrc = ssrc_ == ssrc;
  if (same_ssrc && source_ == source) return true;
  // A device that connected anew, before its former connection was missed.
  const bool again = same_ssrc && source.tcp && source_->tcp && source.address.bytes == source_->address.bytes;
  const bool better = again || (expects(ssrc) && (!ssrc_ || !expects(*ssrc_)));
  if (ssrc_ && !better && !silent) {
    ++strangers_;
    ++given_.shared.totals.strangers;
    stranger_ = ssrc;
    return false;
  }
  if (ssrc_ && !same_ssrc) reader_.begin_anew();
  if (life_ && ssrc_) {
    log::info(life_->log(), "media comes from {} with SSRC {:010} now, not {:010}", net::to_text(source.address), ssrc,
              *ssrc_);
  }
  ssrc_ = ssrc;
  source_ = source;
  gone_ = false;
  return true;
}

// False: it is no RTP packet.
bool MediaSession::take(Bytes bytes, const Source& source) {
  if (closing_ || rtp::is_rtcp(bytes)) return true;
  const auto packet = rtp::parse(bytes);
  if (!packet) {
    ++malformed_;
    return false;
  }
  const Instant now = Clock::now();
  if (!belongs(packet->ssrc, source, now)) return true;
  last_packet_ = now;
  payload_type_ = packet->payload_type;
  ++meter_.received_packets;
  meter_.received_bytes += bytes.size();
  if (reader_.waiting_bytes() > most_waiting_bytes) {
    ++dropped_;
    return true;
  }
  reader_.input(*packet, bytes, source.tcp ? MediaReader::Way::tcp : MediaReader::Way::udp, now);
  if (reader_.has_media()) wake_.notify();
  look_at_gap();
  return true;
}

// What waits for a lost packet goes on although no other comes.
void MediaSession::look_at_gap() {
  if (gap_over_.armed() || !reader_.waits()) return;
  given_.hub.worker().wheel().arm(gap_over_, MediaReader::reorder_wait);
}

void MediaSession::datagram(const net::Datagram& datagram) { (void)take(datagram.bytes, {datagram.from, false}); }

void MediaSession::accept(std::unique_ptr<net::ByteStream> stream, base::Buffer read,
                          std::shared_ptr<const void> seat) {
  if (closing_ || connections_ >= most_connections) return;
  struct Arrival {
    std::unique_ptr<net::ByteStream> stream;
    base::Buffer read;
    std::shared_ptr<const void> seat;
  };
  const auto arrival = std::make_shared<Arrival>(Arrival{std::move(stream), std::move(read), std::move(seat)});
  given_.hub.worker().spawn(std::string(media_connection_name), [self = shared_from_this(), arrival](net::Life& life) {
    return self->serve(life, std::move(arrival->stream), std::move(arrival->read));
  });
}

net::Task<void> MediaSession::serve(net::Life& life, std::unique_ptr<net::ByteStream> stream, base::Buffer read) {
  const Helper helper(*this, life);
  ++connections_;
  life.comes_from(stream->peer().address);
  const std::string peer = stream->peer().address + ":" + std::to_string(stream->peer().port);
  const std::uint64_t before = meter_.received_packets;
  log::debug(life.log(), "{} connected for the media of {}", peer, given_.order.request.url());
  const ErrorCode why = co_await receive(life, *stream, std::move(read));
  --connections_;
  if (closing_) co_return;
  const ErrorCode reason = net::why_ended(life, why);
  const bool of_device = source_ && source_->tcp && meter_.received_packets > before && connections_ == 0;
  if (reason != net::Errc::end_of_stream || !of_device) {
    log::info(life.log(), "connection of {} for the media of {} ended: {}", peer, given_.order.request.url(),
              reason == net::Errc::timed_out ? "it brought no RTP" : reason.message());
  }
  if (!of_device || !life_ || paused_) co_return;
  // It may connect again.
  gone_ = true;
  life_->watchdog.arm(patience());
}

net::Task<ErrorCode> MediaSession::receive(net::Life& life, net::ByteStream& stream, base::Buffer read) {
  const auto address = net::udp_address(stream.peer().address, stream.peer().port);
  const Source source{address.value_or(net::UdpAddress()), true};
  life.watchdog.arm(first_packet_limit);
  MediaFraming framing;
  framing.input(read);
  base::Buffer room(media_read_bytes);
  unsigned malformed = 0;
  for (;;) {
    for (;;) {
      const auto packet = framing.next();
      if (!packet) co_return packet.error();
      if (!*packet) break;
      life.watchdog.disarm();
      malformed = take(**packet, source) ? 0 : malformed + 1;
      if (malformed == most_malformed) co_return rtp::parse(**packet).error();
    }
    const auto count = co_await stream.read_some({room.data(), room.size()});
    if (!count) co_return count.error();
    framing.input(room.bytes().first(*count));
  }
}

// To the address of the answer, and no other.
net::Task<void> MediaSession::connect(net::Life& life, MediaAnswer answer) {
  const Helper helper(*this, life);
  const auto address = base::numeric_address(answer.address);
  if (!address || answer.port == 0) {
    failed_ = MediaErrc::no_such_address;
    failure_ = fmt::format("the answer names no address to connect to ('{}', port {})", answer.address, answer.port);
    wake_.notify();
    co_return;
  }
  life.comes_from(*address);
  for (unsigned tries = 0; tries < most_connects && !closing_ && answer_->address == answer.address;) {
    auto stream = co_await net::connect(life.worker(), *address, answer.port, media_connect_limit);
    if (life.stopping() || closing_) co_return;
    if (stream) {
      const std::uint64_t before = meter_.received_packets;
      ++connections_;
      const ErrorCode why = net::why_ended(life, co_await receive(life, **stream, {}));
      --connections_;
      failure_ = fmt::format("the connection to {}:{} ended: {}", *address, answer.port, why.message());
      if (life.stopping() || closing_) co_return;
      if (given_.order.recording && meter_.received_packets > before) {
        gone_ = true;
        failed_ = net::Errc::end_of_stream;
        break;
      }
      tries = meter_.received_packets > before ? 0 : tries + 1;
    } else {
      failure_ = fmt::format("{}:{} cannot be connected to: {}", *address, answer.port, stream.error().message());
      failed_ = ++tries == most_connects ? stream.error() : ErrorCode();
    }
    log::info(life.log(), "media of {}: {}", given_.order.request.url(), failure_);
    net::Notifier pause(life.worker().io());
    net::TimerWheel::Timer timer([&pause] { pause.notify(); });
    life.worker().wheel().arm(timer, connect_pause);
    if (!co_await pause.wait()) co_return;
  }
  if (!failed_) failed_ = net::Errc::end_of_stream;
  wake_.notify();
}

// --- what is told of it

std::string MediaSession::place_text() const {
  return given_.order.transport == MediaTransport::tcp_active
             ? std::string("the address of the answer")
             : fmt::format("port {} ({})", given_.port,
                           given_.own_port                                 ? "TCP and UDP"
                           : given_.order.transport == MediaTransport::udp ? "UDP"
                                                                           : "TCP");
}

std::string MediaSession::source_text() const {
  if (!source_) return {};
  return net::to_text(source_->address);
}

std::string MediaSession::why() const {
  if (given_.order.transport == MediaTransport::tcp_active && !answer_) return "the device has not answered yet";
  if (meter_.received_packets == 0) {
    if (strangers_ > 0) {
      return fmt::format("{} packets came to {}, the last with SSRC {:010}, where {:010} is expected", strangers_,
                         place_text(), *stranger_, given_.order.ssrc);
    }
    if (!failure_.empty()) return failure_;
    if (malformed_ > 0) return fmt::format("{} packets came to {}, and none is RTP", malformed_, place_text());
    return connections_ > 0 ? fmt::format("connected to {}, but no packet came", place_text())
                            : fmt::format("no packet came to {}", place_text());
  }
  const auto now = Clock::now();
  if (now - last_packet_ > rebind_after) {
    return fmt::format("no packet has come from {} for {} s", source_text(),
                       std::chrono::duration_cast<std::chrono::seconds>(now - last_packet_).count());
  }
  if (publishing_) return {};
  if (reader_.counts().before_key > 0) {
    return fmt::format("{} packets came from {}: a {}, but no key frame", meter_.received_packets, source_text(),
                       reader_.what());
  }
  return fmt::format("{} packets came from {}, the last of payload type {}: {}, but no frame", meter_.received_packets,
                     source_text(), payload_type_, reader_.what());
}

MediaFigures MediaSession::figures() const {
  const MediaReader::Counts counts = reader_.counts();
  return {.packets = meter_.received_packets,
          .bytes = meter_.received_bytes,
          .lost = counts.lost,
          .late = counts.late,
          .duplicates = counts.duplicates,
          .strangers = strangers_,
          .frames = counts.frames,
          .key_frames = counts.key_frames,
          .damaged = counts.damaged,
          .last_packet = last_packet_,
          .source = source_text(),
          .ssrc = ssrc_.value_or(0),
          .tcp = source_ && source_->tcp,
          .publishing = publishing_,
          .why = why()};
}

void MediaSession::tell_left_out(const net::Life& life) {
  while (const auto what = reader_.poll_left_out()) {
    log::warn(life.log(), "{} of {} is left out: nobody here can play it", *what, given_.order.request.url());
  }
}

}  // namespace weir::session::gb28181
