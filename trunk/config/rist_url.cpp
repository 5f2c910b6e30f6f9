#include "config/rist_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/address.h"
#include "base/text.h"
#include "base/url.h"
#include "config/protocols.h"
#include "config/udp_url.h"

namespace weir::config {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view scheme = "rist://";
constexpr std::size_t most_characters = 1024;  // of each
constexpr std::size_t most_peers = 8;
constexpr std::size_t longest_word = 127;  // RIST_MAX_STRING_SHORT of librist, with its end

struct Time {
  std::string_view name;
  std::optional<milliseconds> RistUrl::* member;
  int least, most;
};
constexpr std::array times{Time{"buffer-min", &RistUrl::buffer_min, 1, 30'000},
                           Time{"buffer-max", &RistUrl::buffer_max, 1, 30'000},
                           Time{"reorder-buffer", &RistUrl::reorder_buffer, 0, 10'000},
                           Time{"rtt-min", &RistUrl::rtt_min, 1, 10'000},
                           Time{"rtt-max", &RistUrl::rtt_max, 1, 10'000},
                           Time{"session-timeout", &RistUrl::session_timeout, 250, 60'000},
                           Time{"keepalive-interval", &RistUrl::keepalive, 1, 30'000}};

struct Number {
  std::string_view name;
  std::optional<std::uint32_t> RistUrl::* member;
  int least, most;
};
constexpr std::array numbers{Number{"bandwidth", &RistUrl::bandwidth_kbps, 1, 10'000'000},
                             Number{"return-bandwidth", &RistUrl::return_bandwidth_kbps, 0, 10'000'000},
                             Number{"min-retries", &RistUrl::min_retries, 0, 100},
                             Number{"max-retries", &RistUrl::max_retries, 0, 100},
                             Number{"key-rotation", &RistUrl::key_rotation, 1, 1'000'000'000},
                             Number{"congestion-control", &RistUrl::congestion_control, 0, 2}};

// Into both members of a range.
bool take_range(std::string_view name, const std::string& value, RistUrl& url, std::string& fault) {
  const bool is_buffer = name == "buffer";
  if (!is_buffer && name != "rtt") return false;
  const int most = is_buffer ? 30'000 : 10'000;
  const auto number = udp_number(value, 1, most);
  if (!number) fault = fmt::format("{} is a number of milliseconds from 1 to {}", name, most);
  const milliseconds time(number.value_or(1));
  (is_buffer ? url.buffer_min : url.rtt_min) = time;
  (is_buffer ? url.buffer_max : url.rtt_max) = time;
  return true;
}

bool take_number(std::string_view name, const std::string& value, RistUrl& url, std::string& fault) {
  for (const Time& one : times) {
    if (one.name != name) continue;
    const auto number = udp_number(value, one.least, one.most);
    if (!number) fault = fmt::format("{} is a number of milliseconds from {} to {}", name, one.least, one.most);
    url.*one.member = milliseconds(number.value_or(one.least));
    return true;
  }
  for (const Number& one : numbers) {
    if (one.name != name) continue;
    const auto number = udp_number(value, one.least, one.most);
    if (!number) fault = fmt::format("{} is a number from {} to {}", name, one.least, one.most);
    url.*one.member = static_cast<std::uint32_t>(number.value_or(one.least));
    return true;
  }
  return take_range(name, value, url, fault);
}

bool is_of_names(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == ':' || c == '%';
}

// What goes into a field of the library of 128 bytes, as text.
bool is_word(const std::string& value) {
  return !value.empty() && value.size() <= longest_word && value.find('\0') == std::string::npos;
}

void take(std::string_view name, const std::string& value, bool source, RistUrl& url, std::string& fault) {
  if (name == "profile") {
    if (value != "simple" && value != "main") fault = "profile is simple or main";
    url.profile = value == "simple" ? RistUrl::Profile::simple : RistUrl::Profile::main;
  } else if (name == "secret") {
    if (!is_word(value)) fault = fmt::format("secret has 1 to {} characters", longest_word);
    url.secret = value;
  } else if (name == "aes-type") {
    if (value != "128" && value != "256") fault = "aes-type is 128 or 256";
    url.aes_bits = value == "256" ? 256 : 128;
  } else if (name == "cname") {
    if (!is_word(value)) fault = fmt::format("cname has 1 to {} characters", longest_word);
    url.cname = value;
  } else if (name == "miface") {
    if (!is_word(value)) fault = "miface is the name of an interface";
    url.interface = value;
  } else if (name == "virt-dst-port") {
    const auto port = udp_number(value, 1, 65'535);
    if (!port) fault = "virt-dst-port is a number from 1 to 65535";
    url.virtual_port = static_cast<std::uint16_t>(port.value_or(1));
  } else if (name == "weight" && !source) {
    const auto weight = udp_number(value, 0, 100);
    if (!weight) fault = "weight is a number from 0 to 100";
    url.weight = static_cast<std::uint32_t>(weight.value_or(0));
  } else if (name == "program" && source) {
    const auto program = udp_number(value, 1, 65'535);
    if (!program) fault = "program is a number from 1 to 65535";
    url.program = static_cast<std::uint16_t>(program.value_or(0));
  } else if (!take_number(name, value, url, fault)) {
    fault = fmt::format("RIST has no option '{}'{}", base::printable(name, 40), source ? "" : " for who sends");
  }
}

std::string fault_of(const RistUrl& url, bool source) {
  const auto above = [](const auto& least, const auto& most) { return least && most && *least > *most; };
  if (url.aes_bits != 0 && url.secret.empty()) return "aes-type without a secret";
  if (above(url.buffer_min, url.buffer_max)) return "buffer-min is above buffer-max";
  if (above(url.rtt_min, url.rtt_max)) return "rtt-min is above rtt-max";
  if (above(url.min_retries, url.max_retries)) return "min-retries is above max-retries";
  if (url.profile == RistUrl::Profile::main) return {};
  if (!url.secret.empty()) return "the simple profile has no encryption";
  if (url.virtual_port) return "virt-dst-port is of the main profile";
  if (url.port % 2 != 0 || url.port == 65'534) {
    return "the simple profile needs an even port, and the one behind it (TR-06-1 5.1.1)";
  }
  if (source && !url.listens) return "in the simple profile who sends calls: rist://@:PORT waits for it";
  if (!source && url.listens) return "in the simple profile who sends calls: rist://HOST:PORT";
  return {};
}

std::optional<RistUrl> parse_one(std::string_view text, bool source, std::string& fault) {
  fault.clear();
  if (!is_rist_url(text) || text.size() > most_characters) {
    fault = "it is no URL of RIST";
    return std::nullopt;
  }
  const auto [whole_place, query] = base::split_first(text.substr(scheme.size()), '?');
  std::string_view place = base::trim(whole_place, "/");
  RistUrl url;
  url.listens = place.starts_with('@');
  if (url.listens) place.remove_prefix(1);
  const bool bare = place.starts_with(':') && place.find(':', 1) == std::string_view::npos;
  auto host_port = base::parse_host_port(bare ? "0.0.0.0" + std::string(place) : std::string(place));
  if (!host_port || host_port->second == 0 || host_port->first.empty()) {
    fault = "it names no port";
    return std::nullopt;
  }
  if (bare && !url.listens) {
    fault = "it names no host; 'rist://@:PORT' waits for the other side";
    return std::nullopt;
  }
  url.port = host_port->second;
  if (!bare) url.host = std::move(host_port->first);
  if (url.listens && !bare) {
    const auto address = base::numeric_address(url.host);
    if (!address) fault = "the address behind '@' is not numeric";
    url.host = address.value_or("");
  }
  // The library keeps names in 256 bytes, and reads them as a URL again.
  if (url.host.size() > 255) fault = "the name of the host is too long";
  if (!std::all_of(url.host.begin(), url.host.end(), is_of_names)) fault = "this is no name of a host";
  for (const std::string_view part : base::split(query, '&')) {
    if (!fault.empty()) break;
    if (part.empty()) continue;
    const auto [name, value] = base::split_first(part, '=');
    take(name, base::percent_decode(value), source, url, fault);
  }
  if (fault.empty()) fault = fault_of(url, source);
  if (!fault.empty()) return std::nullopt;
  if (!url.secret.empty() && url.aes_bits == 0) url.aes_bits = 128;
  return url;
}

std::string fault_of_several(const RistUrl& url, bool source) {
  if (url.more.empty()) return url.weight ? "weight is of one of several places" : "";
  if (url.more.size() >= most_peers) return fmt::format("more than {} places", most_peers);
  std::vector<const RistUrl*> all{&url};
  for (const RistUrl& one : url.more) all.push_back(&one);
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i]->profile != url.profile) return "all places are of one profile";
    if (source && all[i]->program != 0) return "program stands with the first place";
    for (std::size_t k = 0; k < i; ++k) {
      if (all[k]->listens == all[i]->listens && all[k]->host == all[i]->host && all[k]->port == all[i]->port) {
        return "a place stands there twice";
      }
    }
  }
  const auto shares = [](const RistUrl* one) { return one->weight.value_or(0) > 0; };
  if (std::any_of(all.begin(), all.end(), shares) && !std::all_of(all.begin(), all.end(), shares)) {
    return "either every place has a weight, or none";
  }
  return {};
}

// A comma is one between URLs if "rist://" stands behind it; in a value it is %2C.
std::optional<RistUrl> parse(std::string_view text, bool source, std::string& fault) {
  std::optional<RistUrl> url;
  while (!text.empty() || !url) {
    std::size_t end = 0;
    do {
      end = std::min(text.find(',', end + 1), text.size());
    } while (end < text.size() && !is_rist_url(text.substr(end + 1)));
    auto one = parse_one(text.substr(0, end), source, fault);
    if (!one) return std::nullopt;
    if (!url) {
      url = std::move(one);
    } else {
      url->more.push_back(*std::move(one));
    }
    if (url->more.size() >= most_peers) break;
    text = text.substr(std::min(end + 1, text.size()));
  }
  fault = fault_of_several(*url, source);
  if (!fault.empty()) return std::nullopt;
  return url;
}

std::string one_shown(const RistUrl& url) {
  const std::string at = url.listens ? "@" : "";
  if (url.host.empty()) return fmt::format("{}{}:{}", scheme, at, url.port);
  return std::string(scheme) + at + base::format_host_port(url.host, url.port);
}

}  // namespace

bool is_rist_url(std::string_view text) { return base::iequals(text.substr(0, scheme.size()), scheme); }

std::optional<RistUrl> parse_rist_source(std::string_view text, std::string& fault) { return parse(text, true, fault); }
std::optional<RistUrl> parse_rist_target(std::string_view text, std::string& fault) {
  return parse(text, false, fault);
}

std::string shown(const RistUrl& url) {
  std::string text = one_shown(url);
  for (const RistUrl& one : url.more) text += "," + one_shown(one);
  return text;
}

std::vector<std::string> secrets_of(const RistUrl& url) {
  std::vector<std::string> all;
  if (!url.secret.empty()) all.push_back(url.secret);
  for (const RistUrl& one : url.more) {
    if (!one.secret.empty()) all.push_back(one.secret);
  }
  return all;
}

bool waits(const RistUrl& url) {
  return url.listens || std::any_of(url.more.begin(), url.more.end(), [](const RistUrl& one) { return one.listens; });
}

std::string rist_url_of(const StreamCaster& caster) {
  if (caster.listen.empty()) return {};
  const Endpoint& port = caster.listen.front();
  const bool simple = caster.profile == StreamCaster::RistProfile::simple;
  std::string text = fmt::format(
      "{}@{}?profile={}&buffer={}", scheme,
      port.address.empty() ? fmt::format(":{}", port.port) : base::format_host_port(port.address, port.port),
      simple ? "simple" : "main", caster.buffer.count());
  if (caster.secret.empty()) return text;
  return text + fmt::format("&secret={}&aes-type={}", base::percent_encode(caster.secret), caster.aes_type);
}

bool has_rist() {
#ifdef WEIR_HAS_RIST
  return true;
#else
  return false;
#endif
}

}  // namespace weir::config
