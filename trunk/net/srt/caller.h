#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "net/names.h"
#include "net/srt/options.h"
#include "net/srt/poller.h"
#include "net/srt/socket.h"
#include "net/udp_address.h"

namespace weir::net {

// The other end of a connection that we open, and how.
struct SrtPlace {
  enum class Mode : std::uint8_t {
    caller,
    rendezvous,  // both call: from `local` to `remote`
    listener,    // we are called at `local`, by one
  };
  Mode mode = Mode::caller;
  UdpAddress remote;                // of a listener: none
  std::optional<UdpAddress> local;  // of a caller: any, if it is not said
  SrtSettings settings;
};

// Opens SRT connections from one worker. libsrt starts two threads for each UDP port: callers that ask for nothing
// special of theirs share one, which is kept from the first on. Owned like the poller, after it.
class SrtCaller {
 public:
  // Of a caller that says nothing else; a rendezvous has ten times as long.
  static constexpr std::chrono::milliseconds connect_timeout{5000};

  explicit SrtCaller(SrtPoller& poller) : poller_(poller), names_(poller.worker()) {}
  ~SrtCaller();
  SrtCaller(const SrtCaller&) = delete;
  SrtCaller& operator=(const SrtCaller&) = delete;

  // Of a name that the configuration or a backend gives. What the system says of names that it does not know.
  Task<base::Result<UdpAddress>> address_of(std::string host, std::uint16_t port);
  // Until there is a connection; a listener waits for one as long as its session does. Errc::timed_out when nobody
  // answered, SrtErrc when the other side or the library refuses: `why` says it in words. Errc::stopped.
  Task<base::Result<std::unique_ptr<SrtSocket>>> open(SrtPlace place, std::string& why);

 private:
  struct Port {
    int socket = -1;  // keeps it, and is never connected
    std::uint16_t number = 0;
  };
  base::Result<void> bind(int socket, const SrtPlace& place);
  base::Result<void> bind_shared(int socket, bool v6);

  // given
  SrtPoller& poller_;

  // owned
  Names names_;
  std::array<Port, 2> shared_;  // for IPv4, IPv6
};

// Whether this machine has the address: a socket can be bound to it. The port does not matter.
bool is_own_address(UdpAddress address);

}  // namespace weir::net
