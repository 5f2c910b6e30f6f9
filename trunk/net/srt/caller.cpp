#include "net/srt/caller.h"

#include <srt/srt.h>

#include <boost/asio/error.hpp>

#include <algorithm>

#include "net/notifier.h"
#include "net/srt/error.h"
#include "net/srt/setup.h"
#include "net/udp_sockaddr.h"

namespace weir::net {

using base::ErrorCode;
using base::Result;
using Endpoint = boost::asio::ip::udp::endpoint;
using Mode = SrtPlace::Mode;

namespace {

constexpr std::int64_t most_likely_bytes_per_second = 50'000'000 / 8;
constexpr std::size_t most_buffer_bytes = 64 << 20;
constexpr int listener_backlog = 4;
constexpr std::chrono::seconds name_limit{5};

// A socket of libsrt that is on its way to be connected.
class Opening final : SrtWatched {
 public:
  explicit Opening(SrtPoller& poller) : poller_(poller), socket_(srt_create_socket()), wake_(poller.worker().io()) {}
  ~Opening() {
    if (watched_) poller_.forget(socket_);
    if (socket_ >= 0) srt_close(socket_);
  }
  Opening(const Opening&) = delete;

  int socket() const { return socket_; }
  void watch() {
    watched_ = true;
    poller_.watch(socket_, *this);
  }
  Task<Result<void>> wait() { return wake_.wait(); }
  int release() {
    if (std::exchange(watched_, false)) poller_.forget(socket_);
    return std::exchange(socket_, -1);
  }

 private:
  void ready(Ready) override { wake_.notify(); }

  SrtPoller& poller_;
  int socket_;
  Notifier wake_;
  bool watched_ = false;
};

Endpoint endpoint_of(const UdpAddress& address) {
  const SocketAddress native(address);
  Endpoint endpoint = address.v6 ? Endpoint(boost::asio::ip::udp::v6(), 0) : Endpoint();
  std::memcpy(endpoint.data(), native.get(), native.size());
  return endpoint;
}

// For the latency that is asked for, and a second more.
SrtOptions options_of(const SrtSettings& settings) {
  std::int64_t latency = 0;
  for (const auto& [name, value] : settings) {
    if (name.ends_with("latency")) latency = std::max(latency, std::get<std::int64_t>(value));
  }
  SrtOptions options;
  options.connect_timeout = SrtCaller::connect_timeout;
  const auto bytes = static_cast<std::size_t>(most_likely_bytes_per_second * (latency + 1000) / 2000);
  options.send_buffer_bytes = options.receive_buffer_bytes = std::min(bytes, most_buffer_bytes);
  return options;
}

// Of those that share a UDP socket these must be the same.
bool is_of_port(const SrtSettings::value_type& setting) {
  static constexpr std::string_view names[] = {"mss", "ipttl", "iptos", "ipv6only", "bindtodevice"};
  return std::find(std::begin(names), std::end(names), setting.first) != std::end(names);
}

ErrorCode refusal_of(int socket, std::string& why) {
  const int code = srt_getrejectreason(socket);
  if (code == SRT_REJ_TIMEOUT) return Errc::timed_out;
  if (code == SRT_REJ_UNKNOWN) return Errc::end_of_stream;
  why = describe_srt_rejection(code);
  if (code >= SRT_REJC_PREDEFINED) why = std::to_string(code) + ", " + why;
  return static_cast<SrtErrc>(SRT_ECONNREJ);
}

}  // namespace

SrtCaller::~SrtCaller() {
  for (const Port& port : shared_) {
    if (port.socket >= 0) srt_close(port.socket);
  }
}

Task<Result<UdpAddress>> SrtCaller::address_of(std::string host, std::uint16_t port) {
  const auto found = co_await names_.find(std::move(host), name_limit);
  if (found.empty()) co_return ErrorCode(boost::asio::error::host_not_found);
  UdpAddress address = found.front();
  address.port = port;
  co_return address;
}

Result<void> SrtCaller::bind_shared(int socket, bool v6) {
  Port& port = shared_[v6 ? 1 : 0];
  const auto any = [&](std::uint16_t number) {
    return Endpoint(v6 ? boost::asio::ip::udp::v6() : boost::asio::ip::udp::v4(), number);
  };
  if (port.socket < 0) {
    TRY(SrtUdpSocket udp, SrtUdpSocket::bind(any(0), false));
    const std::uint16_t number = udp.endpoint().port();
    const int keeper = srt_create_socket();
    auto given = apply(SrtOptions(), v6, keeper) ? udp.give_to(keeper) : Result<void>(last_srt_error());
    if (!given) {
      srt_close(keeper);
      return given.error();
    }
    port = {keeper, number};
  }
  const Endpoint local = any(port.number);
  if (srt_bind(socket, local.data(), static_cast<int>(local.size())) != 0) return last_srt_error();
  return {};
}

Result<void> SrtCaller::bind(int socket, const SrtPlace& place) {
  const bool shares = !place.local && std::none_of(place.settings.begin(), place.settings.end(), is_of_port);
  if (shares) return bind_shared(socket, place.remote.v6);
  Endpoint local(place.remote.v6 ? boost::asio::ip::udp::v6() : boost::asio::ip::udp::v4(), 0);
  if (place.local) local = endpoint_of(*place.local);
  auto udp = SrtUdpSocket::bind(local, false);
  if (udp) return udp->give_to(socket);
  if (udp.error() != boost::system::errc::address_in_use) return udp.error();
  // The library keeps a port for seconds after its last connection: then it is taken over, guard and all.
  if (srt_bind(socket, local.data(), static_cast<int>(local.size())) != 0) return udp.error();
  return {};
}

Task<Result<std::unique_ptr<SrtSocket>>> SrtCaller::open(SrtPlace place, std::string& why) {
  why.clear();
  Opening opening(poller_);
  const int socket = opening.socket();
  const bool v6 = place.mode == Mode::listener ? place.local && place.local->v6 : place.remote.v6;
  if (!apply(options_of(place.settings), v6, socket)) co_return last_srt_error();
  if (place.mode == Mode::listener)
    std::erase_if(place.settings, [](const auto& one) { return one.first == "streamid"; });
  CO_TRY_VOID(apply(place.settings, socket, why));
  if (place.mode == Mode::rendezvous) SrtSetter(socket).set(SRTO_RENDEZVOUS, true);
  CO_TRY_VOID(bind(socket, place));
  if (place.mode == Mode::listener) {
    if (srt_listen(socket, listener_backlog) != 0) co_return last_srt_error();
    opening.watch();
    for (;;) {
      const int accepted = srt_accept(socket, nullptr, nullptr);
      if (accepted != SRT_INVALID_SOCK) co_return std::make_unique<SrtSocket>(poller_, accepted);
      CO_TRY_VOID(co_await opening.wait());
    }
  }
  opening.watch();
  const SocketAddress remote(place.remote);
  if (srt_connect(socket, remote.get(), static_cast<int>(remote.size())) == SRT_ERROR) co_return last_srt_error();
  for (;;) {
    const SRT_SOCKSTATUS state = srt_getsockstate(socket);
    if (state == SRTS_CONNECTED)
      co_return std::make_unique<SrtSocket>(poller_, opening.release(), Peer{ip_text(place.remote), place.remote.port});
    if (state != SRTS_CONNECTING) co_return refusal_of(socket, why);
    CO_TRY_VOID(co_await opening.wait());
  }
}

bool is_own_address(UdpAddress address) {
  address.port = 0;
  const Endpoint endpoint = endpoint_of(address);
  return SrtUdpSocket::bind(endpoint, false).has_value();
}

}  // namespace weir::net
