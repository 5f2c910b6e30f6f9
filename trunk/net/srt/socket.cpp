#include "net/srt/socket.h"

#include <fmt/format.h>
#include <srt/srt.h>

#include <boost/asio/ip/udp.hpp>

#include "net/coroutine.h"
#include "net/patience.h"
#include "net/srt/address.h"
#include "net/srt/error.h"

namespace weir::net {

using namespace std::chrono_literals;
using base::Result;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto figures_interval = 1s;
constexpr auto tail_step = 10ms;    // of reading what the peer sent before it left and what is not due yet
constexpr auto tail_grace = 500ms;  // beyond the latency

template <class T>
T option(int socket, SRT_SOCKOPT name) {
  T value{};
  int size = sizeof value;
  srt_getsockflag(socket, name, &value, &size);
  return value;
}

std::string text_option(int socket, SRT_SOCKOPT name) {
  std::array<char, 513> room{};
  int size = static_cast<int>(room.size());
  if (srt_getsockflag(socket, name, room.data(), &size) != 0 || size <= 0) return {};
  return std::string(room.data(), static_cast<std::size_t>(size));
}

TransportFigures figures_of(int socket) {
  SRT_TRACEBSTATS s{};
  if (srt_bistats(socket, &s, 0, 1) != 0) return {};
  const auto count = [](auto value) { return value > 0 ? static_cast<std::uint64_t>(value) : 0; };
  TransportFigures figures;
  figures.rtt = std::chrono::microseconds(static_cast<std::int64_t>(s.msRTT * 1000));
  figures.bandwidth_mbps = s.mbpsBandwidth;
  figures.send_mbps = s.mbpsSendRate;
  figures.receive_mbps = s.mbpsRecvRate;
  figures.sent_packets = count(s.pktSentUniqueTotal);
  figures.received_packets = count(s.pktRecvUniqueTotal);
  figures.retransmitted = count(s.pktRetransTotal);
  figures.send_lost = count(s.pktSndLossTotal);
  figures.receive_lost = count(s.pktRcvLossTotal);
  figures.send_dropped = count(s.pktSndDropTotal);
  figures.receive_dropped = count(s.pktRcvDropTotal);
  figures.belated = count(s.pktRcvBelated);
  figures.undecrypted = count(s.pktRcvUndecryptTotal);
  figures.repaired = count(s.pktRcvFilterSupplyTotal);
  figures.send_queue = std::chrono::milliseconds(s.msSndBuf);
  figures.receive_queue = std::chrono::milliseconds(s.msRcvBuf);
  figures.send_latency = std::chrono::milliseconds(s.msSndTsbPdDelay);
  figures.receive_latency = std::chrono::milliseconds(s.msRcvTsbPdDelay);
  return figures;
}

}  // namespace

SrtSocket::SrtSocket(SrtPoller& poller, int socket, Peer called)
    : poller_(poller),
      socket_(socket),
      read_wake_(poller.worker().io()),
      write_wake_(poller.worker().io()),
      tail_timer_([this] { read_wake_.notify(); }),
      peer_(std::move(called)),
      stream_id_(text_option(socket, SRTO_STREAMID)),
      turn_(poller.worker().cut_turns()),
      payload_bytes_(static_cast<std::size_t>(option<int>(socket, SRTO_PAYLOADSIZE))),
      receive_latency_(option<int>(socket, SRTO_RCVLATENCY)),
      send_latency_(option<int>(socket, SRTO_PEERLATENCY)),
      peer_idle_timeout_(option<int>(socket, SRTO_PEERIDLETIMEO)) {
  if (payload_bytes_ == 0 || payload_bytes_ > largest_message) payload_bytes_ = 1316;
  if (option<int>(socket, SRTO_KMSTATE) == SRT_KM_S_SECURED) key_bytes_ = option<int>(socket, SRTO_PBKEYLEN);
  sockaddr_storage address{};
  int size = sizeof address;
  if (peer_.address.empty() && srt_getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    peer_ = srt_peer(address);
  size = sizeof address;
  if (srt_getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) local_ = srt_peer(address);
  poller_.watch(socket_, *this);
}

SrtSocket::~SrtSocket() { close(); }

void SrtSocket::close() {
  if (socket_ < 0) return;
  figures_ = figures_of(socket_);  // the last, to be counted
  poller_.forget(socket_);
  srt_close(socket_);
  socket_ = -1;
  over_ = true;
  read_wake_.notify();
  write_wake_.notify();
}

std::chrono::milliseconds SrtSocket::send_queue() const {
  std::size_t blocks = 0, bytes = 0;
  const int span = socket_ < 0 ? 0 : srt_getsndbuffer(socket_, &blocks, &bytes);
  return std::chrono::milliseconds(std::max(span, 0));
}

void SrtSocket::set_send_patience(std::chrono::milliseconds patience) {
  const int delay = static_cast<int>(patience.count());
  srt_setsockflag(socket_, SRTO_SNDDROPDELAY, &delay, sizeof delay);
}

std::string SrtSocket::peer_version() const {
  const int version = socket_ < 0 ? 0 : option<int>(socket_, SRTO_PEERVERSION);
  return fmt::format("{}.{}.{}", version >> 16, (version >> 8) & 0xff, version & 0xff);
}

Result<std::size_t> SrtSocket::try_read(base::MutableBytes room) {
  if (socket_ < 0) return Errc::end_of_stream;
  if (turn_.refuses()) return Errc::would_block;
  const int count = srt_recvmsg2(socket_, reinterpret_cast<char*>(room.data()), static_cast<int>(room.size()), nullptr);
  if (count > 0) {
    meter_.received_bytes += static_cast<std::uint64_t>(count);
    ++meter_.received_packets;
    heard_at_ = Clock::now();
    turn_.spend(static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count);
  }
  const base::ErrorCode error = count == 0 ? base::ErrorCode(Errc::end_of_stream) : last_srt_error();
  if (error == Errc::would_block) {
    readable_ = false;
    return error;
  }
  if (!std::exchange(over_, true)) over_since_ = Clock::now();
  if (!tail_pending()) return error;
  readable_ = false;
  return Errc::would_block;
}

// The peer has left, and something that it sent waits for its time.
bool SrtSocket::tail_pending() {
  if (option<int>(socket_, SRTO_RCVDATA) <= 0) return false;
  if (Clock::now() - over_since_ > receive_latency_ + tail_grace) return false;
  poller_.worker().wheel().arm(tail_timer_, tail_step);
  return true;
}

Result<void> SrtSocket::try_write(base::Bytes message) {
  if (over_) return Errc::end_of_stream;
  SRT_MSGCTRL control = srt_msgctrl_default;
  const int count =
      srt_sendmsg2(socket_, reinterpret_cast<const char*>(message.data()), static_cast<int>(message.size()), &control);
  if (count >= 0) {
    meter_.sent_bytes += message.size();
    ++meter_.sent_packets;
    return {};
  }
  const base::ErrorCode error = last_srt_error();
  if (error == Errc::would_block) {
    writable_ = false;
  } else if (!std::exchange(over_, true)) {
    over_since_ = Clock::now();
  }
  return error;
}

void SrtSocket::ready(Ready what) {
  if (what.failed && !std::exchange(over_, true)) over_since_ = Clock::now();
  if (what.in || over_) {
    readable_ = true;
    read_wake_.notify();
  }
  if (what.out || over_) {
    const bool was_full = !std::exchange(writable_, true);
    write_wake_.notify();
    if ((was_full || over_) && on_writable_) on_writable_();
  }
}

Task<Result<void>> SrtSocket::yield() {
  turn_.pause();
  if (co_await stop_requested()) co_return Errc::stopped;
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await Patience::of(executor.context()).wait(use_ec);
  turn_.renew();
  if (co_await stop_requested()) co_return Errc::stopped;
  co_return Result<void>();
}

Task<Result<void>> SrtSocket::readable() {
  if (turn_.over()) co_return co_await yield();
  // Of what is not due yet, its timer tells.
  while (!readable_) {
    CO_TRY_VOID(co_await read_wake_.wait());
    if (over_) break;
  }
  turn_.renew();
  co_return Result<void>();
}

Task<Result<void>> SrtSocket::writable() {
  while (!writable_ && !over_) CO_TRY_VOID(co_await write_wake_.wait());
  co_return Result<void>();
}

const TransportFigures& SrtSocket::figures() const {
  const auto now = Clock::now();
  if (socket_ >= 0 && now - figures_at_ >= figures_interval) {
    figures_at_ = now;
    figures_ = figures_of(socket_);
  }
  return figures_;
}

}  // namespace weir::net
