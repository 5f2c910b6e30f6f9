#pragma once

#include <string>

#include "scenario/support/hls_client.h"
#include "scenario/support/live_server.h"
#include "support/media_files.h"

namespace weir::test {

// A server that takes and serves WebRTC by UDP, and how it answers offers.
struct RtcServer {
  // `more` stands inside rtc_server.
  explicit RtcServer(const std::string& workers, const std::string& more = "", const std::string& root = "")
      : port(free_port()),
        live("min_latency on; rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }",
             "workers " + workers + "; http_api { enabled on; listen 127.0.0.1:{HTTP}; } rtc_server { enabled on; " +
                 "listen 127.0.0.1:" + std::to_string(port) + "; " + more + " } " + root) {}

  std::uint64_t figure(const std::string& name) const {
    const std::string body = get(live.http_port(), "/metrics").body;
    const auto at = body.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stoull(body.substr(at + name.size() + 2));
  }

  // The whole answer: status line, fields and body. By address: a name would be looked up, and how long that takes is
  // not the server's affair.
  std::string ask(const std::string& method, const std::string& path, const std::string& body = "",
                  const std::string& fields = "Content-Type: application/sdp\r\n") const {
    Socket socket(live.http_port());
    socket.send(method + " " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n" + fields +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string all;
    base::Buffer room(64 * 1024);
    for (;;) {
      const int count = socket.receive({room.data(), room.size()}, std::chrono::seconds(30));
      if (count <= 0) return all;
      all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    }
  }
  static int status_of(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

  // A file of tests/data/sdp, posted as it is.
  std::string post(const std::string& path, const std::string& file = "chromium156-play.sdp") const {
    const ByteVector sdp = test_file("sdp/" + file);
    return ask("POST", path, std::string(sdp.begin(), sdp.end()));
  }
  int offer(const std::string& path) const { return status_of(post(path)); }

  const std::uint16_t port;
  LiveServer live;
};

}  // namespace weir::test
