#include "session/common/upstream/rist.h"

#include "net/error.h"
#include "session/common/upstream/reach.h"

namespace weir::session::upstream {

using namespace std::chrono_literals;
using base::Result;

namespace {

constexpr auto name_limit = 5s;

net::RistSettings settings_of(const config::RistUrl& url, const net::UdpAddress& address) {
  net::RistSettings out;
  out.simple = url.profile == config::RistUrl::Profile::simple;
  out.listens = url.listens;
  out.address = address;
  out.address.port = url.port;
  out.secret = url.secret;
  out.aes_bits = url.aes_bits;
  out.cname = url.cname;
  out.interface = url.interface;
  out.buffer_min = url.buffer_min;
  out.buffer_max = url.buffer_max;
  out.reorder_buffer = url.reorder_buffer;
  out.rtt_min = url.rtt_min;
  out.rtt_max = url.rtt_max;
  out.session_timeout = url.session_timeout;
  out.keepalive = url.keepalive;
  out.bandwidth_kbps = url.bandwidth_kbps;
  out.return_bandwidth_kbps = url.return_bandwidth_kbps;
  out.min_retries = url.min_retries;
  out.max_retries = url.max_retries;
  out.key_rotation = url.key_rotation;
  out.congestion_control = url.congestion_control;
  out.virtual_port = url.virtual_port;
  out.weight = url.weight;
  return out;
}

net::Task<Result<net::RistSettings>> settings_of_one(const RistLine& line, const config::RistUrl& url,
                                                     const Trust& trust, std::string& why) {
  if (url.listens) {
    const auto own = net::udp_address(url.host.empty() ? "0.0.0.0" : url.host, url.port);
    if (!own) co_return net::Errc::timed_out;  // checked when the URL was read
    co_return settings_of(url, *own);
  }
  why = "the address of the host";
  const auto addresses = co_await line.names.find(url.host, name_limit);
  if (addresses.empty()) co_return net::Errc::timed_out;
  if (const auto may = may_dial(trust, net::ip_text(addresses.front()), why); !may) co_return may.error();
  why.clear();
  co_return settings_of(url, addresses.front());
}

}  // namespace

// Of several whoever cannot be found is left out: the others are there for that.
net::Task<Result<net::RistSettings>> rist_settings(const RistLine& line, const config::RistUrl& url, const Trust& trust,
                                                   std::string& why) {
  std::vector<net::RistSettings> all;
  const std::size_t count = 1 + url.more.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto one = co_await settings_of_one(line, i == 0 ? url : url.more[i - 1], trust, why);
    if (one) {
      all.push_back(*std::move(one));
    } else if (one.error() != net::Errc::timed_out || (all.empty() && i + 1 == count)) {
      co_return one.error();
    }
  }
  why.clear();
  net::RistSettings first = std::move(all.front());
  all.erase(all.begin());
  first.more = std::move(all);
  co_return first;
}

std::string rist_addresses(const net::RistSettings& settings) {
  std::string text = net::to_text(settings.address);
  for (const net::RistSettings& one : settings.more) text += ", " + net::to_text(one.address);
  return text;
}

}  // namespace weir::session::upstream
