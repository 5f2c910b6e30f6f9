#include "session/common/upstream/srt.h"

#include <algorithm>

#include "base/text.h"
#include "base/url.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"

namespace weir::session::upstream {

using base::Result;
using config::SrtUrl;
using net::Task;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_stream_id_bytes = 512;
constexpr auto beyond_its_own = 5s;  // libsrt keeps time itself; this is for when it does not

std::chrono::milliseconds limit_of(const SrtUrl& url) {
  const std::chrono::milliseconds own(url.number_of("conntimeo").value_or(net::SrtCaller::connect_timeout.count()));
  return own * (url.mode == SrtUrl::Mode::rendezvous ? 10 : 1) + beyond_its_own;
}

}  // namespace

Task<Result<std::unique_ptr<net::SrtSocket>>> open_srt(net::Life& life, const SrtLine& line, SrtUrl url,
                                                       std::string& why,
                                                       std::function<Result<void>(const net::UdpAddress&)> examine) {
  using Mode = net::SrtPlace::Mode;
  if (!line.caller) co_return Errc::no_srt;
  net::SrtCaller& caller = *line.caller;
  net::SrtPlace place;
  place.settings = url.settings;
  why = "the address of the host";
  if (url.mode == SrtUrl::Mode::listener) {
    place.mode = Mode::listener;
    CO_TRY(place.local, co_await caller.address_of(url.host.empty() ? "0.0.0.0" : url.host, url.port));
    co_return co_await caller.open(std::move(place), why);
  }
  CO_TRY(place.remote, co_await caller.address_of(url.host, url.port));
  why.clear();
  if (examine) CO_TRY_VOID(examine(place.remote));
  const bool meets = url.mode == SrtUrl::Mode::rendezvous;
  if (meets) place.mode = Mode::rendezvous;
  if (meets || url.local_port != 0 || !url.adapter.empty()) {
    const std::uint16_t port = url.local_port == 0 && meets ? url.port : url.local_port;
    why = "our own address";
    const std::string any = place.remote.v6 ? "::" : "0.0.0.0";
    CO_TRY(place.local, co_await caller.address_of(url.adapter.empty() ? any : url.adapter, port));
  }
  life.watchdog.arm(limit_of(url));
  auto opened = co_await caller.open(std::move(place), why);
  life.watchdog.disarm();
  co_return opened;
}

Result<SrtUrl> named_for(SrtUrl url, const hub::Request& request, std::string_view mode, std::string_view way) {
  if (url.mode == SrtUrl::Mode::listener) return url;
  const auto found =
      std::find_if(url.settings.begin(), url.settings.end(), [](const auto& one) { return one.first == "streamid"; });
  const bool says_vhost = request.vhost->name != config::default_vhost_name;
  std::string id = (says_vhost ? "#!::h=[vhost],r=[app]/[stream],m=" : "#!::r=[app]/[stream],m=") + std::string(mode);
  if (found != url.settings.end()) id = std::get<std::string>(found->second);
  const std::pair<std::string_view, const std::string*> names[] = {
      {"[vhost]", &request.vhost->name}, {"[app]", &request.app}, {"[stream]", &request.stream}};
  for (const auto& [variable, name] : names) {
    if (id.find(variable) == std::string::npos) continue;
    if (name->find_first_of(",?&#") != std::string::npos) return Errc::no_stream_id;
    id = base::replace_all(id, variable, *name);
  }
  if (!way.empty() && id.starts_with("#!::")) {
    id.append(",").append(way_argument).append("=").append(base::replace_all(way, ",", "."));
  }
  if (id.size() > most_stream_id_bytes) return Errc::no_stream_id;
  if (found != url.settings.end()) {
    found->second = std::move(id);
  } else {
    url.settings.emplace_back("streamid", std::move(id));
  }
  return url;
}

std::string shown_of(const SrtUrl& url) { return "srt://" + base::format_host_port(url.host, url.port); }

std::vector<std::string> secrets_of(const SrtUrl& url) {
  std::vector<std::string> secrets;
  for (const std::string_view name : {"passphrase", "streamid"}) {
    if (const auto text = url.text_of(name); !text.empty()) secrets.emplace_back(text);
  }
  return secrets;
}

}  // namespace weir::session::upstream
