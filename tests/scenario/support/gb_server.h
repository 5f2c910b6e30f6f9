#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "scenario/support/camera.h"
#include "scenario/support/gb_peer.h"

namespace weir::test {

// A server that devices register with, each stream at a port of its own, and how a test asks it.
struct GbServer {
  explicit GbServer(const std::string& caster = "on_demand on;", const std::string& sip = "",
                    const std::string& vhost = "publish { grace 1; }") {
    server.emplace(vhost,
                   "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } stream_caster { "
                   "enabled on; caster gb28181; output rtmp://127.0.0.1/live/[stream]; media_ports " +
                       std::to_string(ports) + "-" + std::to_string(ports + 40) + "; " + caster +
                       " sip { listen 127.0.0.1:" + std::to_string(port) + "; reinvite 0.2; timeout 2; " + sip +
                       " } }");
  }
  nlohmann::json ask(const std::string& path, const char* method = "GET") {
    Socket socket(server->http_port());
    socket.send(std::string(method) + " " + path + " HTTP/1.0\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    std::string all;
    base::Buffer room(64 * 1024);
    for (int count = 1; count > 0;) {
      count = socket.receive({room.data(), room.size()}, std::chrono::seconds(10));
      if (count > 0) all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
    }
    const auto body = all.find("\r\n\r\n");
    return nlohmann::json::parse(body == std::string::npos ? "" : all.substr(body + 4), nullptr, false);
  }
  nlohmann::json device(const std::string& id) {
    const nlohmann::json answer = ask("/gb/v1/devices/" + id);
    return answer.is_object() && answer.contains("devices") ? answer["devices"][0] : nlohmann::json::object();
  }
  // Steps the camera while it waits.
  template <class Condition>
  static bool until(GbPeer& camera, Condition condition) {
    return soon([&] {
      camera.step();
      return condition();
    });
  }
  bool registers(GbPeer& camera) {
    camera.device.register_now();
    return until(camera, [&] { return device(camera.device.id).value("catalog", "") == "complete"; });
  }
  static bool sees(GbPeer& camera, RtmpPeer& player, std::size_t most = 10) {
    return until(camera, [&] {
      player.run_until([&] { return pictures(player) >= most; }, std::chrono::milliseconds(5));
      return pictures(player) >= most;
    });
  }

  // A range that nobody else has: SIP and its media by the same number of the test.
  std::uint16_t port = free_port();
  std::uint16_t ports = free_ports(41);
  std::optional<LiveServer> server;
};

}  // namespace weir::test
