#pragma once

#include <string>
#include <thread>

#include "format/ts/demuxer.h"
#include "scenario/support/live_server.h"
#include "support/media_files.h"
#include "support/srt_peer.h"

namespace weir::test {

using namespace std::chrono_literals;

// A whole server that speaks SRT too, and the API on its HTTP port.
class SrtServer {
 public:
  // `vhost` stands in the default virtual host, `settings` in srt_server, `root` at the root.
  explicit SrtServer(const std::string& vhost = "", const std::string& settings = "", const std::string& root = "")
      : port_(free_port()), server_("min_latency on; srt { enabled on; }" + vhost, root_of(settings) + root) {}

  std::uint16_t port() const { return port_; }
  LiveServer& live() { return server_; }
  std::string root_of(const std::string& settings) const {
    return "workers 2; http_api { enabled on; listen 127.0.0.1:{HTTP}; } srt_server { enabled on; listen 127.0.0.1:" +
           std::to_string(port_) + "; tlpktdrop off; " + settings + "}\n";
  }

 private:
  std::uint16_t port_;
  LiveServer server_;
};

inline std::string publish_id(const std::string& stream) { return "#!::r=live/" + stream + ",m=publish"; }
inline std::string play_id(const std::string& stream) { return "#!::r=live/" + stream + ",m=request"; }

// What an SRT player got, as frames.
class SrtPlayer {
 public:
  SrtPlayer(std::uint16_t port, const std::string& stream_id, const SrtPeer::Options& options = {})
      : peer(port, stream_id, options) {}

  bool wait_frames(std::size_t count, std::chrono::milliseconds limit = 30s) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (file.frames.size() < count && std::chrono::steady_clock::now() < until) {
      const auto message = peer.receive(200ms);
      if (!message) {
        if (!peer.alive()) break;
        continue;
      }
      if (first.empty()) first = *message;
      whole_packets = whole_packets && message->size() % 188 == 0 && message->size() <= 1316;
      demuxer.input(*message);
      while (const auto unit = demuxer.poll()) file.frames.push_back(unit->frame);
    }
    file.tracks = demuxer.tracks();
    return file.frames.size() >= count;
  }

  // Nothing more comes: the last picture, which does not say where it ends, is whole.
  void finish() {
    demuxer.finish();
    while (const auto unit = demuxer.poll()) file.frames.push_back(unit->frame);
  }

  SrtPeer peer;
  MediaFile file;
  ts::Demuxer demuxer;
  ByteVector first;
  bool whole_packets = true;
};

}  // namespace weir::test
