#include "session/pull/udp.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <optional>

#include "net/multicast.h"
#include "net/notifier.h"
#include "net/udp_port.h"
#include "net/worker.h"
#include "proto/rtp/packet.h"
#include "session/common/frame_publisher.h"
#include "session/common/protocol.h"
#include "session/common/ts_receiver.h"

namespace weir::session::pull {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;
using upstream::Attempt;

namespace {

constexpr auto silence = 1s;                         // after which another sender is heard
constexpr std::size_t most_waiting_bytes = 4 << 20;  // while the stream is being published

// What comes to the port, until it is drained.
class Inlet {
 public:
  explicit Inlet(net::Worker& worker) : wake(worker.io()) {}

  void take(const net::Datagram& datagram) {
    if (from_ != datagram.from) {
      if (from_ && datagram.arrived - heard_at_ < silence) {
        ++strangers;
        return;
      }
      from_ = datagram.from;
    }
    heard_at_ = datagram.arrived;
    meter.received_bytes += datagram.bytes.size();
    ++meter.received_packets;
    waiting_bytes += datagram.bytes.size();
    if (waiting_bytes > most_waiting_bytes) {
      ++dropped;
      return;
    }
    base::Bytes piece = datagram.bytes;
    if (rtp::looks_like_rtp(piece)) {
      const auto packet = rtp::parse(piece);
      if (!packet) return;
      piece = packet->payload;
    }
    if (const auto taken = receiver.input(piece); !taken) failed = taken.error();
    wake.notify();
  }
  net::Peer sender() const { return from_ ? net::Peer{net::ip_text(*from_), from_->port} : net::Peer(); }

  net::Notifier wake;
  TsReceiver receiver;
  net::Meter meter;
  ErrorCode failed;
  std::size_t waiting_bytes = 0;
  std::uint64_t strangers = 0, dropped = 0;  // datagrams

 private:
  std::optional<net::UdpAddress> from_;
  base::Instant heard_at_{};
};

// Of two tasks that run beside each other: one that is told to end says so by its result, as a session does.
template <class T>
net::Task<T> beside(net::Task<T> work) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_return co_await std::move(work);
}

class UdpFetcher final : public upstream::Fetcher {
 public:
  explicit UdpFetcher(config::UdpUrl url) : url_(std::move(url)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    using boost::asio::experimental::awaitable_operators::operator||;
    auto port = open(attempt);
    if (!port) co_return port.error();
    Inlet inlet(attempt.worker());
    const auto take = [&inlet](net::UdpPort&, const net::Datagram& one) { inlet.take(one); };
    const auto first =
        co_await (beside(publish(attempt, inlet)) || beside(net::UdpPort::receive(attempt.life(), *port, take)));
    log::info(attempt.life().log(), "{}; {} datagrams of other senders, {} dropped here, {} by the system",
              inlet.receiver.condition(), inlet.strangers, inlet.dropped, (*port)->counts().receive_drops);
    co_return first.index() == 0 ? std::get<0>(first) : ErrorCode(net::Errc::stopped);
  }

 private:
  Result<std::shared_ptr<net::UdpPort>> open(Attempt& attempt) const {
    attempt.why = "the UDP port";
    TRY(auto sockets, net::UdpSocket::open({url_.address, url_.port}, 1));
    if (const auto group = net::udp_address(url_.address, url_.port); group && net::is_multicast(*group)) {
      attempt.why = "joining the group";
      std::optional<net::UdpAddress> source;
      if (!url_.source.empty()) source = net::udp_address(url_.source, 0);
      TRY_VOID(net::join_group(sockets.front().descriptor(), *group, url_.interface, source));
    }
    attempt.why.clear();
    log::info(attempt.life().log(), "listening on UDP {} for a transport stream",
              net::to_text(sockets.front().local()));
    return std::make_shared<net::UdpPort>(attempt.worker(), std::move(sockets.front()));
  }

  // Nobody says hello: the first datagram is the beginning, and is waited for.
  static net::Task<ErrorCode> publish(Attempt& attempt, Inlet& inlet) {
    while (inlet.meter.received_packets == 0) {
      if (const auto woke = co_await inlet.wake.wait(); !woke) co_return woke.error();
    }
    hub::Link link;
    link.meter = &inlet.meter;
    const auto agreed = attempt.agreed(std::move(link), inlet.sender());
    std::optional<FramePublisher> publisher;
    for (;;) {
      if (inlet.failed) co_return inlet.failed;
      inlet.waiting_bytes = 0;
      if (inlet.receiver.has_media()) {
        if (!publisher) {
          auto input = co_await attempt.publish(protocols::ts.id);
          if (!input) co_return input.error();
          publisher.emplace(attempt.life(), **input);
        }
        attempt.alive();
        if (const auto drained = inlet.receiver.drain(*publisher); !drained) co_return drained.error();
      }
      if (const auto woke = co_await inlet.wake.wait(); !woke) co_return woke.error();
    }
  }

  config::UdpUrl url_;
};

}  // namespace

Result<upstream::Place> udp_place_of(const std::string& text) {
  std::string fault;
  auto url = config::parse_udp_url(text, fault);
  if (!url) return upstream::Errc::bad_udp_url;
  upstream::Place place;
  place.shown = text.substr(0, text.find('?'));
  place.fetcher = std::make_shared<UdpFetcher>(*std::move(url));
  return place;
}

}  // namespace weir::session::pull
