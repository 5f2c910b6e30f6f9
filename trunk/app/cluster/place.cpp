#include "app/cluster/place.h"

#include "base/text.h"
#include "base/url.h"
#include "session/common/protocol.h"
#include "session/hls/dash_output.h"
#include "session/hls/hls_output.h"

namespace weir::cluster {

namespace {

namespace protocols = session::protocols;

// Without what is this server's own: the id of a session of HLS. With the virtual host, which the address does not say.
std::string parameters_of(const hub::Request& request) {
  std::string out;
  bool says_vhost = request.vhost->name == config::default_vhost_name;
  const std::string_view given = request.param;
  for (const std::string_view pair : base::split(given.substr(given.starts_with('?') ? 1 : 0), '&')) {
    if (pair.empty() || pair.starts_with("hls_ctx=")) continue;
    says_vhost = says_vhost || pair.starts_with("vhost=") || pair.starts_with("domain=");
    out.append(out.empty() ? "?" : "&").append(pair);
  }
  if (!says_vhost) out.append(out.empty() ? "?" : "&").append("vhost=").append(request.vhost->name);
  return out;
}

std::string path_of(std::string_view path) {
  std::string out;
  for (const std::string_view element : base::split(path, '/')) out += "/" + base::percent_encode(element);
  return out;
}

std::string_view extension_of(const hub::Request& request) {
  if (request.protocol == protocols::flv.id) return ".flv";
  if (request.protocol == protocols::ts.id) return ".ts";
  if (request.protocol == protocols::mp4.id) return ".mp4";
  if (request.protocol == protocols::aac.id) return ".aac";
  if (request.protocol == protocols::mp3.id) return ".mp3";
  return {};
}

}  // namespace

std::string url_at(const Origin& origin, const hub::Request& request) {
  const std::string parameters = parameters_of(request);
  if (request.protocol == protocols::rtmp.id) {
    return "rtmp://" + base::format_host_port(origin.host, origin.rtmp_port) + "/" + request.app + "/" +
           request.stream + parameters;
  }
  const std::string http = "http://" + base::format_host_port(origin.host, origin.http_port);
  if (request.protocol == protocols::hls.id) {
    return http + path_of(session::hls::HlsOutput::playlist_path(*request.vhost, request.app, request.stream)) +
           parameters;
  }
  if (request.protocol == protocols::dash.id) {
    return http + path_of(session::hls::DashOutput::manifest_path(*request.vhost, request.app, request.stream)) +
           parameters;
  }
  if (request.protocol == protocols::rtc.id) {
    return http + path_of(request.app + "/" + request.stream) + "/whep" + parameters;
  }
  const std::string_view extension = extension_of(request);
  if (extension.empty()) return {};
  return http + path_of(request.app + "/" + request.stream).append(extension) + parameters;
}

}  // namespace weir::cluster
