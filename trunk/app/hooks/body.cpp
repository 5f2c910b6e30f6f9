#include "app/hooks/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "app/api/json_writer.h"
#include "session/common/protocol.h"

namespace weir::hooks {

using api::JsonWriter;

namespace {

bool is_whole_url(std::string_view uri) { return uri.starts_with("http://") || uri.starts_with("https://"); }

// What a client named goes into a request line: whatever could end it, or is no ASCII, is written as %XX.
void append_as_url(std::string& url, std::string_view text) {
  for (const char c : text) {
    if (c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>') {
      url += c;
    } else {
      fmt::format_to(std::back_inserter(url), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

// Members in the order of the calls.
class Body {
 public:
  Body(const Origin& origin, std::string_view action, const Subject& subject)
      : subject_(subject), request_(subject.request) {
    json_.begin_object()
        .field("server_id", origin.server_id)
        .field("service_id", origin.service_id)
        .field("action", action)
        .field("client_id", subject.client.view())
        .field("ip", request_.peer.address)
        .field("vhost", request_.vhost->name)
        .field("app", request_.app);
  }
  template <class T>
  Body& add(std::string_view name, const T& value) {
    json_.field(name, value);
    return *this;
  }
  Body& tc_url() { return add("tcUrl", request_.facts.find(session::facts::tc_url)); }
  Body& stream() { return add("stream", std::string_view(request_.stream)); }
  Body& param() { return add("param", param_of(request_)); }
  Body& page() { return add("pageUrl", request_.facts.find(session::facts::page_url)); }
  Body& stream_url() {
    add("stream_url", std::string_view(request_.url()));
    if (!subject_.stream_id.empty()) add("stream_id", std::string_view(subject_.stream_id));
    return *this;
  }
  std::string text() {
    json_.end_object();
    return std::string(json_.text());
  }

 private:
  const Subject& subject_;
  const hub::Request& request_;
  JsonWriter json_;
};

}  // namespace

std::string_view param_of(const hub::Request& request) {
  std::string_view param = request.param;
  if (session::protocol_of(request).bare_param && param.starts_with('?')) param.remove_prefix(1);
  return param;
}

std::string on_connect(const Origin& origin, const Subject& subject) {
  return Body(origin, "on_connect", subject).stream().param().tc_url().page().text();
}

std::string on_close(const Origin& origin, const Subject& subject, std::uint64_t sent_bytes,
                     std::uint64_t received_bytes) {
  return Body(origin, "on_close", subject).add("send_bytes", sent_bytes).add("recv_bytes", received_bytes).text();
}

std::string on_session(const Origin& origin, std::string_view action, const Subject& subject) {
  return Body(origin, action, subject).tc_url().stream().param().stream_url().text();
}

std::string on_play(const Origin& origin, const Subject& subject) {
  return Body(origin, "on_play", subject).stream().tc_url().param().page().stream_url().text();
}

std::string on_dvr(const Origin& origin, const Subject& subject, std::string_view file) {
  return Body(origin, "on_dvr", subject)
      .tc_url()
      .stream()
      .param()
      .add("cwd", std::string_view(origin.cwd))
      .add("file", file)
      .stream_url()
      .text();
}

std::string on_hls(const Origin& origin, const Subject& subject, const hub::HlsSegment& segment) {
  const std::size_t slash = segment.playlist_url.rfind('/');
  const std::string_view directory =
      slash == std::string_view::npos ? std::string_view("./") : segment.playlist_url.substr(0, slash + 1);
  const std::string url = (is_whole_url(segment.uri) ? "" : std::string(directory)) + std::string(segment.uri);
  return Body(origin, "on_hls", subject)
      .tc_url()
      .stream()
      .param()
      .add("duration", segment.duration.count())
      .add("cwd", std::string_view(origin.cwd))
      .add("file", segment.path)
      .add("url", std::string_view(url))
      .add("m3u8", segment.playlist_path)
      .add("m3u8_url", segment.playlist_url)
      .add("seq_no", segment.sequence_number)
      .stream_url()
      .text();
}

std::string on_srt_passphrase(const Origin& origin, const session::srt::KeyQuestion& question) {
  JsonWriter json;
  json.begin_object()
      .field("server_id", origin.server_id)
      .field("service_id", origin.service_id)
      .field("action", "on_srt_passphrase")
      .field("vhost", question.vhost)
      .field("app", question.app)
      .field("stream", question.stream)
      .field("mode", std::string_view(question.publishes ? "publish" : "play"))
      .end_object();
  return std::string(json.text());
}

std::string on_device(const Origin& origin, std::string_view action, std::string_view vhost,
                      const session::gb28181::DeviceEvent& event) {
  const session::gb28181::Device& device = event.device;
  JsonWriter json;
  json.begin_object()
      .field("server_id", origin.server_id)
      .field("service_id", origin.service_id)
      .field("action", action)
      .field("ip", device.source.address)
      .field("port", device.source.port)
      .field("vhost", vhost)
      .field("device", device.id)
      .field("name", device.name);
  using Kind = session::gb28181::DeviceEvent::Kind;
  const bool talks = event.kind == Kind::talk || event.kind == Kind::talk_over;
  if (talks) json.field("channel", event.channel);
  if (event.kind == Kind::offline || event.kind == Kind::talk_over) json.field("reason", event.reason);
  if (event.alarm) {
    json.field("channel", event.channel)
        .field("priority", event.alarm->priority)
        .field("method", event.alarm->method)
        .field("type", event.alarm->type)
        .field("time", event.alarm->time)
        .field("description", event.alarm->description);
  }
  json.end_object();
  return std::string(json.text());
}

std::string on_forward(const Origin& origin, const Subject& subject) {
  const hub::Request& request = subject.request;
  JsonWriter json;
  json.begin_object()
      .field("action", "on_forward")
      .field("server_id", origin.server_id)
      .field("service_id", origin.service_id)
      .field("client_id", subject.client.view())
      .field("ip", request.peer.address)
      .field("vhost", request.vhost->name)
      .field("app", request.app)
      .field("tcUrl", request.facts.find(session::facts::tc_url))
      .field("stream", request.stream)
      .field("param", param_of(request))
      .end_object();
  return std::string(json.text());
}

std::string hls_notify_url(std::string_view pattern, const Origin& origin, const hub::HlsSegment& segment) {
  if (is_whole_url(segment.uri)) return std::string(segment.uri);
  const hub::Request& request = segment.request;
  const std::pair<std::string_view, std::string_view> variables[] = {
      {"[server_id]", origin.server_id}, {"[service_id]", origin.service_id}, {"[app]", request.app},
      {"[stream]", request.stream},      {"[ts_url]", segment.uri},           {"[param]", param_of(request)},
  };
  std::string url;
  while (!pattern.empty()) {
    const auto* variable = std::find_if(std::begin(variables), std::end(variables),
                                        [&](const auto& one) { return pattern.starts_with(one.first); });
    if (variable == std::end(variables)) {
      url += pattern.front();
      pattern.remove_prefix(1);
    } else {
      append_as_url(url, variable->second);
      pattern.remove_prefix(variable->first.size());
    }
  }
  return url;
}

}  // namespace weir::hooks
