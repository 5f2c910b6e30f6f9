#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/listener.h"
#include "net/srt/options.h"
#include "net/srt/poller.h"
#include "net/srt/socket.h"

struct sockaddr;

namespace weir::net {

// Somebody who wants to be let in. Valid during the call.
struct SrtCall {
  std::string_view stream_id;
  Peer peer;
  int socket = 0;  // SrtSocket::handle() of the connection, if one comes of it
};

// Whether, and with which key.
struct SrtAnswer {
  int reject = 0;          // one of access_control.h (1000 and above); 0: let in
  std::string passphrase;  // empty: in the clear, and no key is accepted
  int key_bytes = 0;       // 16, 24, 32; 0: as the caller wishes
  // Of this connection, if others than those of the listener; mss is the port's all the same.
  std::optional<SrtOptions> options{};
};

// Asked during the handshake, on a thread of the library that receives for everybody on that port: it decides by what
// it knows, and never waits. The caller hears the code; the words are for whoever asks it to log.
class SrtDoor {
 public:
  virtual ~SrtDoor() = default;
  virtual SrtAnswer answer(const SrtCall& call) = 0;
};

// A listening port of libsrt. As with TCP, several share an address, one for each worker: the kernel spreads callers
// over them, and the library receives on a thread for each. Any thread until it is served.
class SrtListener {
 public:
  // The first of an address asks for it alone, as ListenSocket::open() does. `door` outlives the listeners and every
  // connection that came by them. Errors: the system's, the library's.
  static base::Result<std::vector<std::unique_ptr<SrtListener>>> open(const ListenAddress& address, std::size_t count,
                                                                      const SrtOptions& options, SrtDoor& door);
  ~SrtListener();
  SrtListener(const SrtListener&) = delete;
  SrtListener& operator=(const SrtListener&) = delete;

  std::uint16_t port() const;
  int handle() const { return socket_; }
  // What the kernel gave for received datagrams; it may be less than was asked for (net.core.rmem_max).
  std::size_t granted_bytes() const { return granted_bytes_; }

 private:
  explicit SrtListener(int socket) : socket_(socket) {}
  static int on_call(void* door, int socket, int version, const sockaddr* peer, const char* stream_id);

  int socket_;
  std::size_t granted_bytes_ = 0;
};

// Accepts until its session is told to stop. `accepted` gets each connection on this worker.
Task<void> srt_accept_loop(SrtPoller& poller, std::unique_ptr<SrtListener> listener,
                           std::function<void(std::unique_ptr<SrtSocket>)> accepted);

}  // namespace weir::net
