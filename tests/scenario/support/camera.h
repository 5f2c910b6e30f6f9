#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenario/support/hls_client.h"
#include "support/soon.h"

namespace weir::test {

// A publisher with a key frame every tenth picture, which has sent ten; and who plays it, perhaps at another server.
struct Camera {
  explicit Camera(const LiveServer& server, const std::string& name = "cam")
      : peer(server.rtmp_port(), rtmp::Role::publish, name) {
    if (!peer.wait_publishing()) return;
    peer.send_headers();
    send(10);
  }
  void send(int frames) {
    for (int i = 0; i < frames; ++i, ++next) peer.send_frame(static_cast<std::uint32_t>(next) * 40, next % 10 == 0);
  }
  RtmpPeer peer;
  int next = 0;
};

inline std::size_t pictures(const RtmpPeer& player) {
  std::size_t count = 0;
  for (const auto& message : player.media) {
    count += message.type == rtmp::MessageType::video && message.payload.data()[1] == 1;
  }
  return count;
}

// Goes on publishing until the player has that many pictures.
inline bool plays(RtmpPeer& player, Camera& camera, std::size_t most) {
  return soon([&] {
    camera.send(1);
    player.run_until([&] { return pictures(player) >= most; }, std::chrono::milliseconds(10));
    return pictures(player) >= most;
  });
}

// Of a list of the API; empty while there is no answer.
inline std::vector<nlohmann::json> rows(const LiveServer& server, const std::string& list) {
  const auto answer = nlohmann::json::parse(get(server.http_port(), "/api/v1/" + list + "/").body, nullptr, false);
  return answer.is_object() ? answer[list].get<std::vector<nlohmann::json>>() : std::vector<nlohmann::json>();
}

}  // namespace weir::test
