#include "session/pull/udp.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log_limit.h"
#include "net/beside.h"
#include "net/multicast.h"
#include "net/notifier.h"
#include "net/udp_port.h"
#include "net/worker.h"
#include "proto/rtp/fec.h"
#include "proto/rtp/payload_order.h"
#include "session/common/frame_publisher.h"
#include "session/common/protocol.h"
#include "session/common/ts_receiver.h"
#include "session/pull/membership.h"

namespace weir::session::pull {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;
using net::beside, net::operator||;
using upstream::Attempt;

namespace {

constexpr auto silence = 1s;                         // after which another sender is heard
constexpr std::size_t most_waiting_bytes = 4 << 20;  // while the stream is being published

bool same_host(net::UdpAddress one, const net::UdpAddress& other) {
  one.port = other.port;
  return one == other;
}

std::optional<net::UdpAddress> asked_source(const config::UdpUrl& url) {
  return url.source.empty() ? std::nullopt : net::udp_address(url.source, 0);
}

// What comes to the port, until it is drained.
class Inlet {
 public:
  Inlet(net::Worker& worker, const config::UdpUrl& url, const config::Vhost& vhost)
      : wake(worker.io()),
        receiver(url.program, vhost),
        only_(asked_source(url)),
        order_(url.reorder),
        worker_(worker),
        gap_over_([this] { go_on(); }) {
    if (url.fec_rows != 0) fec_ = std::make_unique<rtp::FecDecoder>();
  }

  // Of a group the kernel gives us the datagrams of that source alone; of what is sent to us it knows nothing.
  bool may(const net::Datagram& datagram) {
    if (!only_ || same_host(*only_, datagram.from)) return true;
    ++strangers;
    return false;
  }
  void take(const net::Datagram& datagram) {
    if (!may(datagram)) return;
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
    const base::Bytes bytes = datagram.bytes;
    if (!rtp::looks_like_rtp(bytes)) return put(bytes);
    const auto packet = rtp::parse(bytes);
    if (!packet) return;
    by_rtp_ = true;
    if (fec_) fec_->media(*packet, bytes);
    order_.input(*packet, bytes, datagram.arrived, [this](base::Bytes payload) { put(payload); });
    take_repaired(datagram.arrived);
  }
  // What came to a port of forward error correction.
  void take_fec(const net::Datagram& datagram) {
    if (!may(datagram) || !from_ || !fec_ || !same_host(*from_, datagram.from)) return;
    const auto packet = rtp::parse(datagram.bytes);
    if (!packet) return;
    fec_->fec(*packet);
    take_repaired(datagram.arrived);
  }
  // What RTP tells of the way.
  const net::TransportFigures& figures() {
    figures_.received_packets = order_.received();
    figures_.receive_lost = figures_.receive_dropped = order_.lost();
    figures_.belated = order_.late();
    if (fec_) figures_.repaired = fec_->repaired();
    return figures_;
  }
  bool by_rtp() const { return by_rtp_; }
  std::string condition() const {
    if (!by_rtp_) return receiver.condition();
    std::string text =
        fmt::format("RTP: {} packets, {} lost, {} too late, {} twice, jitter {:.1f} ms, began anew {} times",
                    order_.received(), order_.lost(), order_.late(), order_.duplicates(),
                    static_cast<double>(order_.jitter().count()) / 1000, order_.restarts());
    if (fec_) {
      text += fmt::format(", {} repaired by {} packets of FEC, {} of these malformed", fec_->repaired(),
                          fec_->received(), fec_->malformed());
    }
    return text + "; " + receiver.condition();
  }
  net::Peer sender() const { return from_ ? net::Peer{net::ip_text(*from_), from_->port} : net::Peer(); }

  net::Notifier wake;
  TsReceiver receiver;
  net::Meter meter;
  ErrorCode failed;
  std::size_t waiting_bytes = 0;
  std::uint64_t strangers = 0, dropped = 0;  // datagrams

 private:
  void put(base::Bytes piece) {
    if (const auto taken = receiver.input(piece); !taken) failed = taken.error();
    wake.notify();
  }
  void take_repaired(base::Instant now) {
    while (const auto bytes = fec_ ? fec_->poll() : std::nullopt) {
      const auto packet = rtp::parse(*bytes);
      if (packet) order_.input(*packet, *bytes, now, [this](base::Bytes payload) { put(payload); });
    }
    wait_for_gap();
  }
  void wait_for_gap() {
    const auto due = order_.deadline();
    if (!due || gap_over_.armed()) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - std::chrono::steady_clock::now());
    worker_.wheel().arm(gap_over_, std::max(left, 1ms));
  }
  void go_on() {
    order_.give(std::chrono::steady_clock::now(), [this](base::Bytes payload) { put(payload); });
    wait_for_gap();
  }

  std::optional<net::UdpAddress> only_;  // whose datagrams are taken; none: whoever comes first
  std::optional<net::UdpAddress> from_;
  base::Instant heard_at_{};
  rtp::PayloadOrder order_;
  std::unique_ptr<rtp::FecDecoder> fec_;  // null: none is asked for
  bool by_rtp_ = false;
  net::TransportFigures figures_;
  net::Worker& worker_;
  net::TimerWheel::Timer gap_over_;
};

struct Open {
  std::shared_ptr<net::UdpPort> port;
  int descriptor;  // of it, to join groups with
};

class UdpFetcher final : public upstream::Fetcher {
 public:
  explicit UdpFetcher(config::UdpUrl url) : url_(std::move(url)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    auto port = open(attempt, 0);
    if (!port) co_return port.error();
    Inlet inlet(attempt.worker(), url_, attempt.vhost());
    std::vector<Open> ports{*port};
    Membership membership(url_.rejoin);
    log::Limit told(base::Millis{600'000});
    net::TimerWheel::Timer again([&] {
      const auto due = membership.look();
      const bool tells = due == Membership::Again::for_silence && told.hit(std::chrono::steady_clock::now()) != 0;
      if (due != Membership::Again::no) join_again(attempt, ports, tells);
      attempt.worker().wheel().arm(again, membership.interval());
    });
    if (is_group() && membership.interval().count() > 0) attempt.worker().wheel().arm(again, membership.interval());
    const auto take = [&](net::UdpPort&, const net::Datagram& one) {
      const std::uint64_t before = inlet.meter.received_packets;
      inlet.take(one);
      if (inlet.meter.received_packets != before) membership.heard();
      attempt.strangers = inlet.strangers;
    };
    const auto take_fec = [&inlet](net::UdpPort&, const net::Datagram& one) { inlet.take_fec(one); };
    auto media = beside(net::UdpPort::receive(attempt.life(), port->port, take));
    if (url_.fec_rows != 0) {
      auto columns = open(attempt, rtp::column_port_step), rows = open(attempt, rtp::row_port_step);
      if (!columns) co_return columns.error();
      if (!rows) co_return rows.error();
      ports.insert(ports.end(), {*columns, *rows});
      const auto done = co_await (beside(publish(attempt, inlet)) || std::move(media) ||
                                  beside(net::UdpPort::receive(attempt.life(), columns->port, take_fec)) ||
                                  beside(net::UdpPort::receive(attempt.life(), rows->port, take_fec)));
      tell(attempt, inlet, *port->port, membership);
      co_return done.index() == 0 ? std::get<0>(done) : ErrorCode(net::Errc::stopped);
    }
    const auto first = co_await (beside(publish(attempt, inlet)) || std::move(media));
    tell(attempt, inlet, *port->port, membership);
    co_return first.index() == 0 ? std::get<0>(first) : ErrorCode(net::Errc::stopped);
  }

 private:
  static void tell(Attempt& attempt, const Inlet& inlet, const net::UdpPort& port, const Membership& membership) {
    log::info(attempt.life().log(), "{}; {} datagrams of other senders, {} dropped here, {} by the system{}",
              inlet.condition(), inlet.strangers, inlet.dropped, port.counts().receive_drops,
              membership.times() > 0 ? fmt::format("; group joined again {} times", membership.times()) : "");
  }

  bool is_group() const {
    const auto group = net::udp_address(url_.address, url_.port);
    return group && net::is_multicast(*group);
  }

  void join_again(Attempt& attempt, const std::vector<Open>& ports, bool tells) const {
    if (tells) log::info(attempt.life().log(), "nothing comes: the group {} is joined again", url_.address);
    for (const Open& one : ports) {
      const auto group = *net::udp_address(url_.address, one.port->local().port);
      const auto joined = net::rejoin_group(one.descriptor, group, url_.interface, asked_source(url_));
      if (!joined) log::warn(attempt.life().log(), "joining {} again: {}", url_.address, joined.error().message());
    }
  }

  Result<Open> open(Attempt& attempt, std::uint16_t step) const {
    const auto number = static_cast<std::uint16_t>(url_.port + step);
    attempt.why = step == 0 ? "the UDP port" : "the UDP port " + std::to_string(number) + ", of FEC";
    TRY(auto sockets, net::UdpSocket::open({url_.address, number}, 1));
    if (const auto group = net::udp_address(url_.address, number); group && net::is_multicast(*group)) {
      attempt.why = "joining the group";
      TRY_VOID(net::join_group(sockets.front().descriptor(), *group, url_.interface, asked_source(url_)));
    }
    attempt.why.clear();
    log::info(attempt.life().log(), "listening on UDP {} for {}", net::to_text(sockets.front().local()),
              step == 0 ? "a transport stream" : "forward error correction");
    const int descriptor = sockets.front().descriptor();
    return Open{std::make_shared<net::UdpPort>(attempt.worker(), std::move(sockets.front())), descriptor};
  }

  // Nobody says hello: the first datagram is the beginning, and is waited for.
  static net::Task<ErrorCode> publish(Attempt& attempt, Inlet& inlet) {
    while (inlet.meter.received_packets == 0) {
      if (const auto woke = co_await inlet.wake.wait(); !woke) co_return woke.error();
    }
    hub::Link link;
    link.meter = &inlet.meter;
    link.transport_stream = inlet.receiver.measured();
    if (inlet.by_rtp()) link.figures = [&inlet]() -> const net::TransportFigures& { return inlet.figures(); };
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
      if (publisher) inlet.receiver.pass_on(*publisher);
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
