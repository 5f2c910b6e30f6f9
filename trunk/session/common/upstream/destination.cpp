#include "session/common/upstream/destination.h"

#include "base/redact.h"
#include "base/text.h"
#include "base/url.h"
#include "config/source_rules.h"
#include "config/udp_url.h"
#include "net/http/request_head.h"
#include "session/common/upstream/rtmp_link.h"
#include "session/common/upstream/srt.h"

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

Result<void> add_srt(Destination& destination, const std::string& text, const hub::Request& request,
                     std::string_view mode, std::string_view way) {
  std::string fault;
  const auto parsed = config::parse_srt_url(text, fault);
  if (!parsed) return Errc::bad_srt_url;
  TRY(config::SrtUrl url, named_for(*parsed, request, mode, way));
  destination.shown += (destination.shown.empty() ? "" : " ") + shown_of(url);
  for (std::string& secret : secrets_of(url)) destination.secrets.push_back(std::move(secret));
  destination.urls.emplace_back(std::move(url));
  return {};
}

// `user:password@` is sent as Basic authentication (RFC 7617).
Result<Destination> http_destination_of(const std::string& text, const hub::Request& request) {
  std::string filled = base::replace_all(text, "[vhost]", base::percent_encode(request.vhost->name));
  filled = base::replace_all(filled, "[app]", base::percent_encode(request.app));
  filled = base::replace_all(filled, "[stream]", base::percent_encode(request.stream));
  const auto parts = base::parse_url(filled);
  auto url = http::parse_url(filled);
  if (!parts || !url || url->host.empty()) return Errc::bad_address;
  Destination destination{.text = text, .urls = {}, .shown = base::without_secrets(filled), .secrets = {}};
  if (!parts->query.empty()) destination.secrets.push_back(parts->query);
  HttpTarget target{.url = *std::move(url)};
  if (!parts->user.empty()) {
    destination.secrets.push_back(parts->user);
    target.authorization = http::basic_authorization(base::percent_decode(parts->user));
  }
  destination.urls.emplace_back(std::move(target));
  return destination;
}

}  // namespace

Result<Destination> destination_of(const std::string& text, const hub::Request& request, std::string_view way) {
  TRY_VOID(proto::check_names(request.app, request.stream));
  if (config::is_srt_url(text)) {
    Destination destination{.text = text, .urls = {}, .shown = {}, .secrets = {}};
    TRY_VOID(add_srt(destination, text, request, "publish", way));
    return destination;
  }
  if (config::is_udp_url(text)) {
    std::string fault;
    auto target = config::parse_udp_target(text, fault);
    if (!target) return Errc::bad_udp_url;
    Destination destination{.text = text, .urls = {}, .shown = config::shown(*target), .secrets = {}};
    destination.urls.emplace_back(*std::move(target));
    return destination;
  }
  if (config::is_rist_url(text)) {
    std::string fault;
    auto target = config::parse_rist_target(text, fault);
    if (!target) return Errc::bad_rist_url;
    Destination destination{.text = text, .urls = {}, .shown = config::shown(*target), .secrets = {}};
    destination.secrets = config::secrets_of(*target);
    destination.urls.emplace_back(*std::move(target));
    return destination;
  }
  if (text.starts_with("http://") || text.starts_with("https://")) return http_destination_of(text, request);
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
  destination.urls.emplace_back(std::move(url));
  return destination;
}

Result<Destination> origins_of(const config::Cluster& cluster, const hub::Request& request, std::string_view mode,
                               std::string_view way) {
  if (cluster.origin.empty()) return Errc::nowhere;
  TRY_VOID(proto::check_names(request.app, request.stream));
  Destination destination;
  const std::string vhost = base::replace_all(cluster.vhost, "[vhost]", request.vhost->name);
  for (const std::string& origin : cluster.origin) {
    if (config::is_source_url(origin)) continue;  // from there streams only come
    destination.text += (destination.text.empty() ? "origin " : " ") + origin;
    destination.names.push_back(origin);
    if (config::is_srt_url(origin)) {
      TRY_VOID(add_srt(destination, origin, request, mode, way));
      continue;
    }
    TRY(proto::StreamUrl url, parse_rtmp_url("rtmp://" + origin));
    url.app = request.app;
    url.stream = request.stream;
    url.param = param_with_vhost(request, vhost);
    destination.shown += (destination.shown.empty() ? "" : " ") + shown(url, false);
    if (url.param.size() > 1) destination.secrets.push_back(url.param.substr(1));
    destination.urls.emplace_back(std::move(url));
  }
  if (destination.urls.empty()) return Errc::nowhere;
  return destination;
}

std::string without_secrets_of(const Destination& destination, std::string text) {
  for (const std::string& secret : destination.secrets) text = base::replace_all(text, secret, "***");
  return text;
}

}  // namespace weir::session::upstream
