#include "config/srt_servers.h"
#include "main/process.h"
#include "main/server.h"

namespace weir::server {

std::vector<std::string> Server::urls() const {
  std::vector<std::string> lines;
  std::string host = process::local_address();
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  const auto port_of = [](const std::vector<config::Endpoint>& endpoints, std::uint16_t usual) {
    if (endpoints.empty() || endpoints.front().port == usual) return std::string();
    return ":" + std::to_string(endpoints.front().port);
  };
  const config::Config& c = *config_;
  const std::string rtmp = "rtmp://" + host + port_of(c.rtmp.listen, 1935);
  lines.push_back("publish  " + rtmp + "/live/NAME   (OBS: server " + rtmp + "/live, stream key NAME)");
  lines.push_back("play     " + rtmp + "/live/NAME");
  if (c.rtmps.enabled)
    lines.push_back("publish  rtmps://" + host + port_of(c.rtmps.listen, 443) + "/live/NAME   (and play)");
  const auto vhost = c.match_vhost(config::default_vhost_name);
  const auto srt = [&](config::SrtServer::Direction direction, const std::string& what, const std::string& mode) {
    const config::SrtServer* server = config::srt_server_for(c, direction);
    if (!server || !vhost || !vhost->srt.enabled) return;
    const std::string port = port_of(server->listen, 0);
    lines.push_back(what + "srt://" + host + port + "?streamid=#!::r=live/NAME,m=" + mode);
  };
  srt(config::SrtServer::Direction::in, "publish  ", "publish   (OBS: server; no stream key)");
  srt(config::SrtServer::Direction::out, "play     ", "request");
  const bool flv = vhost && vhost->http_remux.enabled;
  const auto http = [&](const std::string& scheme, const std::string& websocket, const std::string& authority) {
    if (flv) {
      lines.push_back("play     " + scheme + authority + "/live/NAME.flv   (also " + websocket + authority +
                      "/live/NAME.flv; and .ts, .mp4, .aac, .mp3)");
    }
    if (c.rtc_server.enabled && vhost && vhost->rtc.enabled) {
      lines.push_back("WebRTC   " + scheme + authority + "/live/NAME/whip   (WHIP: publish), /whep (WHEP: play)");
    }
    if (vhost && vhost->hls.enabled) lines.push_back("play     " + scheme + authority + "/live/NAME.m3u8");
    if (vhost && vhost->dash.enabled) lines.push_back("play     " + scheme + authority + "/live/NAME.mpd");
    lines.push_back("page     " + scheme + authority + "/");
  };
  if (c.http_server.enabled) http("http://", "ws://", host + port_of(c.http_server.listen, 80));
  if (c.http_server.enabled && c.http_server.https.enabled) {
    http("https://", "wss://", host + port_of(c.http_server.https.listen, 443));
  }
  if (c.http_api.enabled) {
    const std::string api = "http://" + host + port_of(c.http_api.listen, 80);
    lines.push_back("API      " + api + "/api/v1/versions");
    if (c.http_api.console.enabled) lines.push_back("console  " + api + "/console/");
  }
  if (c.exporter.enabled) lines.push_back("metrics  http://" + host + port_of(c.exporter.listen, 80) + "/metrics");
  return lines;
}

}  // namespace weir::server
