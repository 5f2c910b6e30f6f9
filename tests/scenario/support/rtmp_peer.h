#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "proto/rtmp/client.h"

namespace weir::test {

// A blocking TCP connection for tests.
class Socket {
 public:
  explicit Socket(std::uint16_t port);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  bool send(base::Bytes bytes);
  bool send(std::string_view text) { return send(base::as_bytes(text)); }
  // What has come within the limit: -1 nothing, 0 the peer closed (or reset), else bytes.
  int receive(base::MutableBytes room, std::chrono::milliseconds limit);
  void set_receive_buffer(int bytes);
  // Ends both directions; whoever sends or receives in another thread returns.
  void cut();

 private:
  int descriptor_;
};

// An RTMP client on our own machine and a blocking socket: everything that it was told, in order.
class RtmpPeer {
 public:
  // `preamble` is what a load balancer writes first.
  RtmpPeer(std::uint16_t port, rtmp::Role role, const std::string& stream, const std::string& app = "live",
           std::string_view preamble = {});

  // Reads until `done` or the limit; whether `done` came true. What should come is waited for as long as a busy machine
  // may take: the limit is for what never comes.
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds(30));
  bool wait_publishing() {
    return run_until([this] { return client.publishing(); });
  }
  bool wait_playing() {
    return run_until([this] { return client.playing(); });
  }
  bool wait_media(std::size_t messages) {
    return run_until([=, this] { return media.size() >= messages; });
  }
  bool wait_closed() {
    return run_until([this] { return closed; });
  }
  bool wait_status(const std::string& code);
  void flush();

  // One second of H.264 and AAC that a decoder would not like, but with right headers; from `at_ms` on.
  void send_headers();
  void send_frame(std::uint32_t at_ms, bool key, std::size_t size = 500);

  rtmp::Client client;
  Socket socket;
  std::vector<rtmp::MediaReceived> media;  // audio and video, with sequence headers
  std::vector<std::string> codes;          // of onStatus and refusals
  std::string sent_to;                     // by a redirect: the whole URL
  bool closed = false;
  bool broken = false;  // what the server sent could not be read
};

}  // namespace weir::test
