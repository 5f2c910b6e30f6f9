#include "session/gb28181/media_sender.h"

#include <sys/uio.h>

#include <array>

#include "base/address.h"
#include "hub/feed_waiter.h"
#include "hub/message_reader.h"
#include "net/notifier.h"
#include "net/tcp_stream.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "pack/g711.h"
#include "proto/rtp/packet.h"
#include "session/common/protocol.h"
#include "session/gb28181/media_service.h"
#include "session/gb28181/own_ports.h"
#include "session/gb28181/rtp_writer.h"

namespace weir::session::gb28181 {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;

namespace {

// A newcomer is sent a group of pictures; by UDP not faster than receivers of small buffers take it: 51 Mb/s.
constexpr std::size_t most_in_slot = 64 * 1024;
constexpr auto slot = 10ms;
constexpr std::size_t most_unsent = 256 * 1024;      // by TCP, beyond the pack in hand
constexpr std::size_t most_voice_unsent = 8 * 1024;  // a second of it: what is older is heard by nobody
constexpr base::Ticks voice_behind = 1s;
constexpr std::uint16_t no_port = 9;

std::size_t packet_bytes_of(const config::Config& config) {
  const config::StreamCaster* const caster = caster_of(config);
  return caster ? static_cast<std::size_t>(caster->packet_size) : RtpWriter::usual_bytes;
}

}  // namespace

// One stream to one place, from the wish for it to its end. Held by its session and by its place.
class MediaSender::Sending final : public std::enable_shared_from_this<MediaSender::Sending>,
                                   public hub::MessageReader::Taker {
 public:
  Sending(MediaSender& owner, SendOrder order, SendListener& listener)
      : hub_(owner.hub_),
        shared_(owner.shared_),
        order_(std::move(order)),
        listener_(&listener),
        wake_(std::make_shared<net::Notifier>(hub_.worker().io())),
        writer_(order_.ssrc, order_.transport != MediaTransport::udp, packet_bytes_of(*hub_.config())),
        slot_over_([this] {
          in_slot_ = 0;
          if (reader_) reader_->ready();
        }) {
    if (order_.voice)
      voice_.emplace(*order_.voice, order_.ssrc, order_.transport != MediaTransport::udp, writer_.packet_bytes());
  }

  void start() {
    hub_.worker().spawn("gb-send", [self = shared_from_this()](net::Life& life) {
      life.comes_from(self->order_.address);
      return self->run(life);
    });
  }
  void aim(const std::string& address, std::uint16_t port) {
    order_.address = address;
    order_.port = port;
  }
  void begin() {
    begun_ = true;
    wake_->notify();
  }
  // By who opened it, which hears nothing more.
  void close() {
    listener_ = nullptr;
    if (life_) life_->stop(MediaErrc::closed);
    closed_ = true;
  }
  SendFigures figures() const {
    return {.packets = packets(),
            .bytes = meter_.sent_bytes,
            .skips = reader_ ? std::uint64_t{reader_->skips()} : 0,
            .sending = reader_ != nullptr};
  }

 private:
  using Took = hub::MessageReader::Took;

  std::uint64_t packets() const { return voice_ ? voice_->packets() : writer_.packets(); }

  hub::FormatId format() const {
    if (!order_.voice) return pack::ps;
    return order_.voice->codec == media::Codec::pcmu ? pack::pcmu : pack::pcma;
  }

  net::Task<void> run(net::Life& life) {
    life_ = &life;
    ErrorCode why = MediaErrc::closed;
    if (!closed_) why = net::why_ended(life, co_await send(life));
    life_ = nullptr;
    if (port_life_) port_life_->stop(MediaErrc::closed);
    log::info(life.log(), "sending {} to {}:{} ended: {}; {} packets", order_.request.url(), order_.address,
              order_.port, why.message(), packets());
    // Its owner may end this in answer, which is in the middle of it now.
    hub_.worker().post([self = shared_from_this(), why] {
      if (self->listener_) self->listener_->on_end(why);
    });
  }

  net::Task<ErrorCode> send(net::Life& life) {
    hub::Request request = order_.request;
    request.protocol = protocols::gb28181.id;
    request.role = hub::Role::play;
    request.origin = hub::Origin::pull;  // a platform that the configuration names: no rule is asked about it
    request.peer = {order_.address, order_.port};
    hub::Link link;
    link.meter = &meter_;
    auto subscription = co_await hub_.subscribe(life, std::move(request), format(), std::move(link));
    if (!subscription) co_return subscription.error().why;
    hub::Feed& feed = subscription->feed();
    if (!feed.live()) {
      hub::FeedWaiter waiter(life.worker(), stream_limit);
      co_await waiter.wait(feed);
    }
    if (life.stopping()) co_return life.stop_reason();
    if (!feed.live()) co_return feed.absence() ? feed.absence() : ErrorCode(hub::Errc::nobody_published);
    if (const ErrorCode failed = get_ready()) co_return failed;
    life.watchdog.arm(begin_limit);
    while (!begun_) {
      if (const auto woke = co_await wake_->wait(); !woke) co_return woke.error();
    }
    life.watchdog.arm(connection_limit);
    if (order_.transport == MediaTransport::tcp_active) {
      auto stream = co_await net::connect(life.worker(), order_.address, order_.port, connection_limit);
      if (!stream) co_return stream.error();
      stream_ = std::move(*stream);
    }
    while (order_.transport != MediaTransport::udp && !stream_) {
      if (const auto woke = co_await wake_->wait(); !woke) co_return woke.error();
    }
    life.watchdog.disarm();
    if (const ErrorCode failed = find_way()) co_return failed;
    log::info(life.log(), "sending {}{} to {}:{} by {}, SSRC {:010}", voice_ ? "the sound of " : "",
              order_.request.url(), order_.address, order_.port, stream_ ? "TCP" : "UDP", order_.ssrc);
    reader_ = std::make_unique<hub::MessageReader>(feed, *this, voice_ ? voice_behind : base::Ticks::max());
    reader_->note_first(subscription->record().first_media);
    subscription->record().behind = [this] { return reader_ ? reader_->behind() : base::Ticks(); };
    reader_->start();
    const ErrorCode why = co_await flow();
    subscription->record().behind = nullptr;
    subscription->record().counted_skips = reader_->skips();
    reader_.reset();
    slot_over_.disarm();
    stream_.reset();
    co_return why;
  }

  net::Task<ErrorCode> flow() {
    for (;;) {
      if (stream_) {
        if (const ErrorCode left = read()) co_return left;
      }
      if (failed_) co_return failed_;
      if (reader_->state() == hub::Reader::State::failed) co_return reader_->error();
      if (reader_->state() == hub::Reader::State::ended && sent_ == out_.size()) co_return hub::Errc::unpublished;
      if (const auto woke = co_await wake_->wait(); !woke) co_return woke.error();
    }
  }

  // Its sockets are open, and who asked hears of the port.
  ErrorCode get_ready() {
    std::uint16_t port = no_port;
    if (order_.transport != MediaTransport::tcp_active) {
      const config::StreamCaster* const caster = caster_of(*hub_.config());
      if (!caster) return MediaErrc::no_caster;
      if (!caster->media_ports.empty()) {
        auto own = open_own_ports(*caster, shared_, life_->log());
        if (!own) return own.error();
        port = own->port;
        use(std::move(own->udp), std::move(own->tcp));
      } else {
        // Behind no firewall that has to know them: any.
        auto udp = net::UdpSocket::open({order_.local_address, 0}, 1);
        if (!udp) return udp.error();
        auto tcp = net::ListenSocket::open({order_.local_address, 0}, 1);
        if (!tcp) return tcp.error();
        port = order_.transport == MediaTransport::udp ? udp->front().local().port : tcp->front().port();
        use(std::move(udp->front()), std::move(tcp->front()));
      }
    }
    own_port_ = port;
    hub_.worker().post([self = shared_from_this(), port] {
      if (self->listener_) self->listener_->on_ready(port);
    });
    return ErrorCode();
  }

  // By UDP. A device that sends to us is answered there: what it wrote may be behind NAT.
  ErrorCode find_way() {
    if (order_.transport != MediaTransport::udp) return ErrorCode();
    const auto to = net::udp_address(order_.address, order_.port);
    const auto from = net::udp_address(order_.local_address, own_port_);
    if (!to || !from) return MediaErrc::no_such_address;
    if (to_.port == 0) to_ = *to;
    from_ = *from;
    return ErrorCode();
  }

  void use(net::UdpSocket udp, net::ListenSocket tcp) {
    if (order_.transport == MediaTransport::udp) {
      udp_ = std::make_shared<net::UdpPort>(hub_.worker(), std::move(udp));
      if (voice_) hear();
      return;
    }
    auto socket = std::make_shared<net::ListenSocket>(std::move(tcp));
    hub_.worker().spawn("gb-port", [self = shared_from_this(), socket](net::Life& life) -> net::Task<void> {
      self->port_life_ = &life;
      if (!self->life_) life.stop(MediaErrc::closed);
      co_await net::accept_loop(life, std::move(*socket), [&self](std::unique_ptr<net::ByteStream> stream) {
        if (self->stream_ || stream->peer().address != self->order_.address) return;
        self->stream_ = std::move(stream);
        self->wake_->notify();
        self->port_life_->stop(MediaErrc::closed);
      });
      self->port_life_ = nullptr;
    });
  }

  void hear() {
    hub_.worker().spawn("gb-port", [self = shared_from_this()](net::Life& life) -> net::Task<void> {
      self->port_life_ = &life;
      if (!self->life_) life.stop(MediaErrc::closed);
      co_await net::UdpPort::receive(life, self->udp_, [&self](net::UdpPort&, const net::Datagram& datagram) {
        const bool is_rtp = datagram.bytes.size() >= rtp::header_bytes && datagram.bytes[0] >> 6 == 2;
        if (is_rtp && net::ip_text(datagram.from) == self->order_.address) self->to_ = datagram.from;
      });
      self->port_life_ = nullptr;
    });
  }

  // --- the reader

  Took take(const hub::Wire& wire, bool begins) override {
    if (begins && began_on_ != reader_->position()) {
      began_on_ = reader_->position();
      done_ = 0;
    }
    if (voice_) return take_voice(wire);
    const auto time = static_cast<std::uint32_t>(wire.dts.count());
    while (done_ < wire.bytes.size()) {
      if (stream_ && out_.size() - sent_ >= most_unsent) return Took::full;
      if (!stream_ && in_slot_ >= most_in_slot) {
        if (!slot_over_.armed()) hub_.worker().wheel().arm(slot_over_, slot);
        return Took::full;
      }
      const std::size_t before = out_.size();
      writer_.append(wire.bytes.bytes(), time, done_, stream_ ? most_unsent : net::UdpPort::most_bytes, out_);
      if (stream_) continue;
      in_slot_ += out_.size() - before;
      udp_->send(to_, from_, out_.bytes(), writer_.packet_bytes());
      meter_.sent_bytes += out_.size();
      out_.clear();
      if (!slot_over_.armed()) hub_.worker().wheel().arm(slot_over_, slot);
    }
    done_ = 0;
    return Took::all;
  }
  Took take_voice(const hub::Wire& wire) {
    if (stream_ && out_.size() - sent_ >= most_voice_unsent) return Took::later;
    voice_->put(wire.bytes, wire.dts);
    send_voice();
    return Took::all;
  }
  void send_voice() {
    while (voice_->next(out_)) {
      if (stream_) continue;
      udp_->send(to_, from_, out_.bytes(), writer_.packet_bytes());
      meter_.sent_bytes += out_.size();
      out_.clear();
    }
  }
  std::size_t flush() override {
    if (stream_ && !armed_) write();
    return 1;
  }
  void reader_changed() override { wake_->notify(); }

  void write() {
    if (failed_ || sent_ == out_.size()) return;
    const iovec part{out_.data() + sent_, out_.size() - sent_};
    const auto written = stream_->try_write({&part, 1});
    if (!written && written.error() != net::Errc::would_block) {
      failed_ = written.error();
      return wake_->notify();
    }
    if (written) {
      sent_ += *written;
      meter_.sent_bytes += *written;
      stream_->turn().spend(*written);
    }
    if (sent_ == out_.size()) {
      out_.clear();
      sent_ = 0;
      return;
    }
    if (sent_ > out_.size() / 2) {
      out_.consume(sent_);
      sent_ = 0;
    }
    armed_ = true;
    stream_->when_writable([this, alive = std::weak_ptr<net::Notifier>(wake_)] {
      const auto wake = alive.lock();
      if (!wake) return;
      armed_ = false;
      write();
      if (reader_) reader_->ready();
      wake->notify();
    });
  }

  // The other side has nothing to say but that it leaves.
  ErrorCode read() {
    if (listening_) return {};
    std::array<std::uint8_t, 1024> room;
    for (;;) {
      const auto count = stream_->try_read(room);
      if (!count && count.error() == net::Errc::would_block) break;
      if (!count) return count.error();
    }
    listening_ = true;
    stream_->when_readable([this, alive = std::weak_ptr<net::Notifier>(wake_)] {
      const auto wake = alive.lock();
      if (!wake) return;
      listening_ = false;
      wake->notify();
    });
    return {};
  }

  // given
  hub::Hub& hub_;
  MediaShared& shared_;
  SendOrder order_;
  SendListener* listener_;

  // owned
  std::shared_ptr<net::Notifier> wake_;
  std::shared_ptr<net::UdpPort> udp_;
  std::unique_ptr<net::ByteStream> stream_;
  std::unique_ptr<hub::MessageReader> reader_;
  RtpWriter writer_;
  std::optional<VoiceWriter> voice_;  // instead of it
  base::Buffer out_;
  net::Meter meter_;
  net::TimerWheel::Timer slot_over_;

  // state
  net::Life* life_ = nullptr;
  net::Life* port_life_ = nullptr;
  net::UdpAddress to_, from_;
  std::uint16_t own_port_ = 0;
  std::optional<hub::Log<hub::Wire>::Position> began_on_;
  std::size_t sent_ = 0, done_ = 0, in_slot_ = 0;  // of out_; of the pack in hand; bytes in this slot
  ErrorCode failed_;
  bool begun_ = false, closed_ = false, armed_ = false, listening_ = false;
};

class MediaSender::Place final : public SendPlace {
 public:
  explicit Place(std::shared_ptr<Sending> sending) : sending_(std::move(sending)) {}
  ~Place() override { sending_->close(); }
  void aim(const std::string& address, std::uint16_t port) override { sending_->aim(address, port); }
  void begin() override { sending_->begin(); }
  SendFigures figures() const override { return sending_->figures(); }

 private:
  std::shared_ptr<Sending> sending_;
};

MediaSender::~MediaSender() = default;

std::unique_ptr<SendPlace> MediaSender::open(SendOrder order, SendListener& listener) {
  auto sending = std::make_shared<Sending>(*this, std::move(order), listener);
  sending->start();
  return std::make_unique<Place>(std::move(sending));
}

}  // namespace weir::session::gb28181
