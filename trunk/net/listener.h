#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/byte_stream.h"
#include "net/life.h"

namespace weir::net {

class Worker;

struct ListenAddress {
  std::string
      host;  // empty: every IPv4 address (IPv6 on a host without IPv4); "0.0.0.0", "::", "192.0.2.1", "2001:db8::1"
  std::uint16_t port = 0;
};
std::string to_text(const ListenAddress& address);

// A listening descriptor, closed when destroyed. Several may be open for one address, one for each worker: the kernel
// spreads connections over them (SO_REUSEPORT).
class ListenSocket {
 public:
  // Errors: the system's, for example address_in_use. The first of an address asks for it alone, so that a second
  // server on the same port is refused and does not silently share it.
  static base::Result<std::vector<ListenSocket>> open(const ListenAddress& address, std::size_t count);
  ListenSocket(ListenSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ListenSocket& operator=(ListenSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~ListenSocket();
  int release() { return std::exchange(descriptor_, -1); }
  std::uint16_t port() const;

 private:
  explicit ListenSocket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

// Accepts until its Life is stopped. Out of descriptors: waits and tries again, with a log line at most every ten
// seconds. `accepted` gets each connection on this worker.
Task<void> accept_loop(Life& life, ListenSocket socket, std::function<void(std::unique_ptr<ByteStream>)> accepted);

}  // namespace weir::net
