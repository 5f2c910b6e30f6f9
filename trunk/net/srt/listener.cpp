#include "net/srt/listener.h"

#include <srt/access_control.h>
#include <srt/srt.h>
#include <sys/socket.h>

#include "net/coroutine.h"
#include "net/patience.h"
#include "net/srt/address.h"
#include "net/srt/error.h"
#include "net/srt/setup.h"

namespace weir::net {

using base::Result;
using Endpoint = boost::asio::ip::udp::endpoint;

namespace {

constexpr int backlog = 512;       // callers that are connected and not accepted yet
constexpr int most_in_a_row = 32;  // that are taken before those who are here have their turn
constexpr int internal_fault = SRT_REJX_ISE;

int granted(int descriptor) {
  int size = 0;
  socklen_t length = sizeof size;
  ::getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, &length);
  return size / 2;  // the kernel counts its own part
}

}  // namespace

Result<std::vector<std::unique_ptr<SrtListener>>> SrtListener::open(const ListenAddress& address, std::size_t count,
                                                                    const SrtOptions& options, SrtDoor& door) {
  TRY(Endpoint endpoint, srt_endpoint(address));
  {
    TRY(const SrtUdpSocket alone, SrtUdpSocket::bind(endpoint, false));
    endpoint.port(alone.endpoint().port());
  }
  std::vector<std::unique_ptr<SrtListener>> listeners;
  for (std::size_t i = 0; i < count; ++i) {
    TRY(SrtUdpSocket udp, SrtUdpSocket::bind(endpoint, true));
    std::unique_ptr<SrtListener> listener(new SrtListener(srt_create_socket()));
    const int socket = listener->socket_;
    if (!apply(options, endpoint.address().is_v6(), socket)) return last_srt_error();
    const int descriptor = udp.descriptor();
    TRY_VOID(udp.give_to(socket));
    listener->granted_bytes_ = static_cast<std::size_t>(granted(descriptor));
    if (srt_listen_callback(socket, &SrtListener::on_call, &door) != 0 || srt_listen(socket, backlog) != 0) {
      return last_srt_error();
    }
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

SrtListener::~SrtListener() { srt_close(socket_); }

std::uint16_t SrtListener::port() const {
  sockaddr_storage address{};
  int size = sizeof address;
  if (srt_getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return srt_peer(address).port;
}

// An exception has nowhere to go on the library's thread.
int SrtListener::on_call(void* door, int socket, int, const sockaddr* peer, const char* stream_id) {
  int reject = internal_fault;
  try {
    const SrtAnswer answer = static_cast<SrtDoor*>(door)->answer(
        {stream_id ? std::string_view(stream_id) : std::string_view(), srt_peer(peer), socket});
    reject = answer.reject;
    if (reject == 0 && answer.options && !apply_to_accepted(*answer.options, socket)) reject = internal_fault;
    if (reject == 0 && !answer.passphrase.empty()) {
      SrtSetter setter(socket);
      if (answer.key_bytes != 0) setter.set(SRTO_PBKEYLEN, answer.key_bytes);
      const auto size = static_cast<int>(answer.passphrase.size());
      if (!setter.ok() || srt_setsockflag(socket, SRTO_PASSPHRASE, answer.passphrase.data(), size) != 0) {
        reject = internal_fault;
      }
    }
  } catch (const std::exception&) {
    reject = internal_fault;
  }
  if (reject == 0) return 0;
  srt_setrejectreason(socket, reject);
  return -1;
}

namespace {

// Of one listener: what is told of it wakes its loop.
class Accepting final : SrtWatched {
 public:
  Accepting(SrtPoller& poller, int socket) : poller_(poller), socket_(socket), wake_(poller.worker().io()) {
    poller_.watch(socket_, *this);
  }
  ~Accepting() { poller_.forget(socket_); }
  Accepting(const Accepting&) = delete;
  Task<Result<void>> wait() { return wake_.wait(); }

 private:
  void ready(Ready) override { wake_.notify(); }

  SrtPoller& poller_;
  int socket_;
  Notifier wake_;
};

}  // namespace

Task<void> srt_accept_loop(SrtPoller& poller, std::unique_ptr<SrtListener> listener,
                           std::function<void(std::unique_ptr<SrtSocket>)> accepted) {
  Accepting accepting(poller, listener->handle());
  for (int taken = 0;;) {
    const int socket = srt_accept(listener->handle(), nullptr, nullptr);
    if (socket != SRT_INVALID_SOCK) {
      bool owned = false;
      try {
        auto made = std::make_unique<SrtSocket>(poller, socket);
        owned = true;
        accepted(std::move(made));
      } catch (const std::bad_alloc&) {  // that caller is turned away, and the port stays open
        poller.worker().count_out_of_memory();
        if (!owned) srt_close(socket);
      }
      if (++taken % most_in_a_row == 0) co_await Patience::of(poller.worker().io()).wait(use_ec);
    } else if (!co_await accepting.wait()) {
      co_return;
    }
  }
}

}  // namespace weir::net
