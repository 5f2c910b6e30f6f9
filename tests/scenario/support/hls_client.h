#pragma once

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/catch.h"
#include "support/playlist_validator.h"
#include "support/soon.h"

// What scenarios of segments do: ask by HTTP, publish frames by number, wait for a playlist.
namespace weir::test {

using namespace std::chrono_literals;

struct Answer {
  int status = 0;
  std::string head, body;
};

inline Answer ask(std::uint16_t port, const std::string& request, std::chrono::milliseconds limit = 5s) {
  Socket socket(port);
  socket.send(request);
  std::string all;
  base::Buffer room(64 * 1024);
  for (;;) {
    const int count = socket.receive({room.data(), room.size()}, limit);
    if (count <= 0) break;
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  Answer answer;
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  answer.status = std::stoi(all.substr(9, 3));
  answer.head = all.substr(0, end);
  answer.body = all.substr(end + 4);
  return answer;
}

inline Answer get(std::uint16_t port, const std::string& target, std::chrono::milliseconds limit = 5s,
                  const std::string& fields = "") {
  return ask(port, "GET " + target + " HTTP/1.0\r\nHost: x\r\n" + fields + "\r\n", limit);
}

inline std::filesystem::path scratch(const char* name) {
  const auto folder = std::filesystem::temp_directory_path() / ("weir-hls-" + std::to_string(::getpid()) + "-" + name);
  std::filesystem::remove_all(folder);
  return folder;
}

inline void publish(RtmpPeer& publisher, int from_frame, int to_frame) {
  for (int i = from_frame; i < to_frame; ++i) publisher.send_frame(static_cast<std::uint32_t>(i) * 40, i % 25 == 0);
}

// Waits for a playlist that has so many segments, whole or skipped. Each one that is seen on the way keeps the rules.
inline std::string playlist(const LiveServer& server, const std::string& target, std::size_t segments) {
  std::optional<ParsedPlaylist> before;
  std::string found;
  (void)soon([&] {
    const Answer answer = get(server.http_port(), target);
    if (answer.status == 200 && answer.body.find("#EXT-X-TARGETDURATION") != std::string::npos) {
      const Validation checked = validate_playlist(answer.body);
      INFO(answer.body);
      for (const auto& fault : checked.faults) FAIL_CHECK(fault);
      if (before && checked.playlist.skipped == 0) {
        for (const auto& fault : validate_update(*before, checked.playlist)) FAIL_CHECK(fault);
      }
      if (checked.playlist.skipped == 0) before = checked.playlist;
      if (checked.playlist.segments.size() >= segments) found = answer.body;
    } else if (answer.status == 200) {
      for (const auto& fault : validate_master(answer.body)) FAIL_CHECK(fault);
    }
    return !found.empty();
  });
  return found;
}

// How many playlist requests were held until now, by the API on the same port; workers tell of it once a second.
inline std::uint64_t held(const LiveServer& server) {
  const std::string body = get(server.http_port(), "/metrics").body, name = "\nweir_hls_waits_total ";
  const auto at = body.find(name);
  return at == std::string::npos ? 0 : std::stoull(body.substr(at + name.size()));
}

}  // namespace weir::test
