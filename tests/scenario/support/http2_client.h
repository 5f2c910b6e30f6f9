#pragma once

#include <utility>

#include "scenario/support/rtmp_peer.h"
#include "support/http2_peer.h"

namespace weir::test {

// A client of HTTP/2 by prior knowledge over a blocking socket.
class Http2Client {
 public:
  explicit Http2Client(std::uint16_t port, std::uint32_t window = 65'535) : peer(window), socket_(port) {}

  // Talks until it is so, the server has closed, or the limit; whether it came true.
  template <class Done>
  bool run_until(Done done, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    const auto until = std::chrono::steady_clock::now() + limit;
    base::Buffer room(64 * 1024);
    while (!done()) {
      if (closed || std::chrono::steady_clock::now() >= until) return false;
      if (const std::string said = peer.output(); !said.empty()) socket_.send(said);
      const int count = socket_.receive({room.data(), room.size()}, std::chrono::milliseconds(20));
      if (count == 0) closed = true;
      if (count > 0 && !peer.input(room.bytes().first(static_cast<std::size_t>(count)))) closed = true;
    }
    return true;
  }
  // The answer to a GET, once it is whole.
  Http2Peer::Answer get(const std::string& path) {
    const std::int32_t id = peer.ask(path);
    std::size_t consumed = 0;  // longer ones than a window come as it is opened
    (void)run_until([&] {
      const std::size_t came = peer.answer(id).body.size();
      if (came > consumed) peer.consume(id, came - std::exchange(consumed, came));
      return peer.answer(id).ended;
    });
    return peer.answer(id);
  }
  bool send(std::string_view bytes) { return socket_.send(bytes); }

  Http2Peer peer;
  bool closed = false;

 private:
  Socket socket_;
};

}  // namespace weir::test
