#include "session/common/upstream/destination.h"

#include "base/text.h"
#include "base/url.h"
#include "session/common/upstream/rtmp_link.h"

namespace weir::session::upstream {

using base::Result;

namespace {

// The parameters of the stream, with its virtual host unless they name one.
std::string param_with_vhost(const hub::Request& request, std::string_view vhost) {
  std::string param = request.param.substr(0, request.param.find('#'));
  const auto parameters = base::parse_query(std::string_view(param).substr(param.empty() ? 0 : 1));
  const bool said =
      !base::find_parameter(parameters, "vhost").empty() || !base::find_parameter(parameters, "domain").empty();
  if (said || vhost == config::default_vhost_name) return param;
  return param + (param.empty() ? "?" : "&") + "vhost=" + std::string(vhost);
}

std::string shown(const proto::StreamUrl& url, bool hides_stream) {
  return proto::tc_url_of(url) + "/" + (hides_stream ? "***" : url.stream);
}

}  // namespace

Result<Destination> destination_of(const std::string& text, const hub::Request& request) {
  const bool is_url = text.find("://") != std::string::npos;
  TRY(proto::StreamUrl url, parse_rtmp_url(is_url ? text : "rtmp://" + text));
  Destination destination{.text = text, .urls = {}, .shown = {}, .secrets = {}};
  if (url.app == proto::default_app) url.app = request.app;
  const bool own_key = !url.stream.empty();
  if (!own_key) {
    url.stream = request.stream;
    url.param = param_with_vhost(request, request.vhost->name);
  }
  destination.shown = shown(url, own_key);
  if (url.param.size() > 1) destination.secrets.push_back(url.param.substr(1));
  if (own_key) destination.secrets.push_back(url.stream);
  destination.urls.push_back(std::move(url));
  return destination;
}

Result<Destination> origins_of(const config::Cluster& cluster, const hub::Request& request) {
  if (cluster.origin.empty()) return Errc::nowhere;
  Destination destination;
  const std::string vhost = base::replace_all(cluster.vhost, "[vhost]", request.vhost->name);
  for (const std::string& origin : cluster.origin) {
    TRY(proto::StreamUrl url, parse_rtmp_url("rtmp://" + origin));
    url.app = request.app;
    url.stream = request.stream;
    url.param = param_with_vhost(request, vhost);
    destination.text += (destination.text.empty() ? "origin " : " ") + origin;
    destination.shown += (destination.shown.empty() ? "" : " ") + shown(url, false);
    destination.urls.push_back(std::move(url));
  }
  if (const std::string& param = destination.urls.front().param; param.size() > 1) {
    destination.secrets.push_back(param.substr(1));
  }
  return destination;
}

std::string without_secrets_of(const Destination& destination, std::string text) {
  for (const std::string& secret : destination.secrets) text = base::replace_all(text, secret, "***");
  return text;
}

}  // namespace weir::session::upstream
