#include "app/bench/target.h"

#include <charconv>

#include "app/bench/errc.h"

namespace weir::bench {

Target Target::numbered(std::uint32_t index) const {
  Target out = *this;
  const std::string suffix = "_" + std::to_string(index);
  const std::size_t dot = protocol == Protocol::http ? stream.rfind('.') : std::string::npos;
  out.stream.insert(dot == std::string::npos || dot < stream.rfind('/') + 1 ? stream.size() : dot, suffix);
  return out;
}

std::string Target::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const bool usual = port == (protocol == Protocol::rtmp ? 1935 : 80);
  return usual ? name : name + ":" + std::to_string(port);
}

std::string Target::tc_url() const { return "rtmp://" + authority() + "/" + app; }

base::Result<Target> parse_target(std::string_view url) {
  Target out;
  if (url.starts_with("rtmp://")) {
    url.remove_prefix(7);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    out.protocol = Target::Protocol::http;
    out.port = 80;
  } else {
    return Errc::bad_url;
  }
  const std::size_t slash = url.find('/');
  if (slash == std::string_view::npos) return Errc::bad_url;
  std::string_view authority = url.substr(0, slash);
  std::string_view path = url.substr(slash);

  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return Errc::bad_url;
    out.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    out.host = authority.substr(0, colon);
    authority.remove_prefix(colon == std::string_view::npos ? authority.size() : colon);
  }
  if (!authority.empty()) {
    const char* const end = authority.data() + authority.size();
    const auto [at, fault] = std::from_chars(authority.data() + 1, end, out.port);
    if (authority[0] != ':' || fault != std::errc{} || at != end) return Errc::bad_url;
  }
  if (out.host.empty()) return Errc::bad_url;

  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    out.query = path.substr(mark);
    path = path.substr(0, mark);
  }
  if (out.protocol == Target::Protocol::http) {
    if (path.size() < 2) return Errc::bad_url;
    out.stream = path;
    return out;
  }
  const std::size_t last = path.rfind('/');
  if (last == 0 || last + 1 == path.size()) return Errc::bad_url;
  out.app = path.substr(1, last - 1);
  out.stream = path.substr(last + 1);
  return out;
}

}  // namespace weir::bench
