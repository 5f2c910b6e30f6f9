#pragma once

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "scenario/support/camera.h"

// What the API changes and an overlay keeps: a place for the overlay, and calls that have an answer in JSON.
namespace weir::test {

struct OverlayFolder {
  explicit OverlayFolder(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("weir-" + name + "-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~OverlayFolder() { std::filesystem::remove_all(path); }
  // Directives of a server whose API keeps its changes here.
  std::string root(const std::string& allow = "overlay_allow local;", const std::string& more = "") const {
    return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; overlay " + (path / "overlay.conf").string() +
           "; " + allow + " } " + more;
  }
  std::filesystem::path path;
};

struct ApiAnswer {
  int status = 0;
  nlohmann::json body;
};

inline ApiAnswer ask_api(const LiveServer& server, const std::string& method, const std::string& target,
                         const nlohmann::json& body = {}) {
  const std::string text = body.is_null() ? "" : body.dump();
  Socket socket(server.http_port());
  socket.send(method + " /api/v1/" + target +
              " HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
  std::string all;
  base::Buffer room(16 * 1024);
  for (int count = 0; (count = socket.receive({room.data(), room.size()}, std::chrono::seconds(10))) > 0;) {
    all.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(count));
  }
  const auto end = all.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  return {std::stoi(all.substr(9, 3)), nlohmann::json::parse(all.substr(end + 4), nullptr, false)};
}

inline std::string flv_of(const LiveServer& server, const std::string& stream = "cam") {
  return "http://127.0.0.1:" + std::to_string(server.http_port()) + "/live/" + stream + ".flv";
}

}  // namespace weir::test
