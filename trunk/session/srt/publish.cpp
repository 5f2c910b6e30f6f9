#include "format/ts/demuxer.h"
#include "net/worker.h"
#include "session/common/frame_publisher.h"
#include "session/srt/connection.h"
#include "session/srt/error.h"

namespace weir::session::srt {

using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::uint64_t most_without_sync = 64 * 1024;  // bytes in which a transport stream must have shown itself

// Messages may hold packets cut anywhere: encoders that know nothing of MPEG-TS send what they have.
class Receiver {
 public:
  Receiver(Connection& connection, hub::Input& input, const config::Vhost& vhost)
      : c_(connection), vhost_(vhost), publisher_(connection.life, input) {}

  // Until the caller leaves. Any media that comes keeps the session; bytes without do not.
  net::Task<Result<void>> run() {
    std::array<std::uint8_t, net::SrtSocket::largest_message> room;
    for (;;) {
      const auto count = c_.socket.try_read(room);
      if (count) {
        CO_TRY_VOID(take(base::Bytes(room).first(*count)));
      } else if (count.error() == net::Errc::would_block) {
        CO_TRY_VOID(co_await c_.socket.readable());
      } else {
        demuxer_.finish();
        CO_TRY_VOID(drain());
        publisher_.finish();
        co_return count.error();
      }
    }
  }

  bool got_media() const { return got_media_; }
  void log_damage() const {
    std::uint64_t packets = 0, missing = 0, errors = 0, damaged = 0;
    for (const ts::PidCounts& one : demuxer_.counts()) {
      packets += one.packets;
      missing += one.continuity_errors;
      errors += one.transport_errors + one.malformed;
      damaged += one.damaged_units;
    }
    log::info(
        c_.life.log(),
        "transport stream: {} packets of {} bytes, {} gaps, {} malformed, {} PES packets damaged; lost its beat {} "
        "times, {} bytes passed over",
        packets, demuxer_.packet_size(), missing, errors, damaged, demuxer_.lost_sync(), demuxer_.skipped_bytes());
  }

 private:
  Result<void> take(base::Bytes message) {
    demuxer_.input(message);
    if (demuxer_.packet_size() == 0 && !got_media_ && demuxer_.skipped_bytes() > most_without_sync) {
      return Errc::no_transport_stream;
    }
    return drain();
  }

  Result<void> drain() {
    while (auto unit = demuxer_.poll()) {
      if (unit->tracks) TRY_VOID(publisher_.set_tracks(*unit->tracks));
      got_media_ = true;
      c_.life.watchdog.arm(vhost_.publish.normal_timeout);
      publisher_.put(media::Frame(*unit->frame));
    }
    return {};
  }

  // given
  Connection& c_;
  const config::Vhost& vhost_;

  // owned
  ts::Demuxer demuxer_;
  FramePublisher publisher_;

  // state
  bool got_media_ = false;
};

}  // namespace

net::Task<base::ErrorCode> publish(Connection& c, hub::Request request) {
  const auto vhost = request.vhost;
  const std::string url = request.url();
  auto input = co_await c.shared.hub.publish(c.life, std::move(request), c.link());
  if (!input) {
    log::warn(c.life.log(), "publish of {} refused: {}", url, input.error().message());
    co_return input.error().why;
  }
  log::info(c.life.log(), "start publish {}", url);
  c.life.watchdog.arm(vhost->publish.firstpkt_timeout);
  base::ErrorCode why;
  bool got_media = false;
  {
    Receiver receiver(c, *input, *vhost);
    why = (co_await receiver.run()).error();
    receiver.log_damage();
    got_media = receiver.got_media();
  }
  // A caller that closes says so to us at once; one that vanished is missed after a while, and may come again.
  if (why == net::Errc::end_of_stream && !c.socket.vanished()) input->finish();
  if (!got_media && c.life.stop_reason() == net::Errc::timed_out) co_return Errc::no_media;
  co_return why;
}

}  // namespace weir::session::srt
