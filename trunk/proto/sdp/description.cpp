#include "proto/sdp/description.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"

namespace weir::sdp {

using base::Result;

namespace {

struct StaticPayload {  // RFC 3551 6
  std::uint8_t number;
  std::string_view codec;
  std::uint32_t clock_rate;
};
constexpr std::array<StaticPayload, 4> static_payloads{
    {{0, "PCMU", 8000}, {8, "PCMA", 8000}, {9, "G722", 8000}, {13, "CN", 8000}}};

template <class Number>
std::optional<Number> number(std::string_view text) {
  const auto value = base::parse_number(text);
  if (!value || *value > std::numeric_limits<Number>::max()) return std::nullopt;
  return static_cast<Number>(*value);
}

std::optional<Direction> direction_of(std::string_view text) {
  for (const Direction d : {Direction::sendrecv, Direction::sendonly, Direction::recvonly, Direction::inactive}) {
    if (text == name_of(d)) return d;
  }
  return std::nullopt;
}

Setup setup_of(std::string_view text) {
  if (text == "actpass") return Setup::actpass;
  if (text == "active") return Setup::active;
  if (text == "passive") return Setup::passive;
  if (text == "holdconn") return Setup::holdconn;
  return Setup::none;
}

// One pass over the lines; `media_` is the line that attributes belong to, null before the first.
class Parser {
 public:
  Result<void> line(char type, std::string_view value) {
    switch (type) {
      case 'o':
        out_.session_id = base::split_first(base::split_first(value, ' ').second, ' ').first;
        return {};
      case 'm':
        return media_line(value);
      case 'a': {
        const auto [name, rest] = base::split_first(value, ':');
        if (transport_attribute(media_ ? media_->transport : out_.transport, name, rest)) return {};
        return media_ ? media_attribute(name, rest) : session_attribute(name, rest);
      }
      default:
        return {};
    }
  }
  Description take() { return std::move(out_); }

 private:
  Result<void> media_line(std::string_view value) {
    if (out_.media.size() == most_media) return Errc::too_many;
    std::vector<std::string_view> words = base::split(base::trim(value), ' ');
    std::erase(words, std::string_view{});
    if (words.size() < 4) return Errc::bad_media_line;
    const auto port = number<std::uint16_t>(base::split_first(words[1], '/').first);
    if (!port) return Errc::bad_media_line;
    media_ = &out_.media.emplace_back();
    media_->kind_text = words[0];
    media_->kind = words[0] == "audio"         ? Kind::audio
                   : words[0] == "video"       ? Kind::video
                   : words[0] == "application" ? Kind::application
                                               : Kind::other;
    media_->port = *port;
    media_->protocol = words[2];
    for (std::size_t i = 3; i < words.size(); ++i) {
      if (i - 3 == most_payloads) return Errc::too_many;
      if (media_->protocol.find("RTP/") == std::string::npos) {
        media_->formats.emplace_back(words[i]);
        continue;
      }
      const auto payload = number<std::uint8_t>(words[i]);
      if (!payload || *payload > 127) return Errc::bad_media_line;
      if (media_->find(*payload)) continue;
      Payload& made = media_->payloads.emplace_back();
      made.number = *payload;
      for (const StaticPayload& known : static_payloads) {
        if (known.number != *payload) continue;
        made.codec = known.codec;
        made.clock_rate = known.clock_rate;
      }
    }
    return {};
  }

  static bool transport_attribute(Transport& transport, std::string_view name, std::string_view value) {
    if (name == "ice-ufrag") {
      transport.ufrag = base::trim(value);
    } else if (name == "ice-pwd") {
      transport.password = base::trim(value);
    } else if (name == "fingerprint") {
      const auto [hash, digest] = base::split_first(base::trim(value), ' ');
      if (transport.fingerprints.size() < 8) {
        transport.fingerprints.push_back({std::string(hash), std::string(base::trim(digest))});
      }
    } else if (name == "setup") {
      transport.setup = setup_of(base::trim(value));
    } else {
      return false;
    }
    return true;
  }

  Result<void> session_attribute(std::string_view name, std::string_view value) {
    if (name == "ice-lite") {
      out_.ice_lite = true;
    } else if (name == "extmap-allow-mixed") {
      out_.mixed_extensions = true;
    } else if (name == "group" && out_.bundle.empty()) {
      const auto words = base::split(base::trim(value), ' ');
      if (words[0] != "BUNDLE") return {};
      for (std::size_t i = 1; i < words.size() && i <= most_media; ++i) {
        if (!words[i].empty()) out_.bundle.emplace_back(words[i]);
      }
    }
    return {};
  }

  Result<void> media_attribute(std::string_view name, std::string_view value) {
    value = base::trim(value);
    if (const auto direction = direction_of(name)) {
      media_->direction = *direction;
      return {};
    }
    if (name == "mid") media_->mid = value;
    if (name == "rtcp-mux") media_->rtcp_mux = true;
    if (name == "rtcp-rsize") media_->rtcp_reduced = true;
    if (name == "bundle-only") media_->bundle_only = true;
    if (name == "msid") media_->msid = value;
    if (name == "rtpmap") return rtpmap(value);
    if (name == "fmtp") return format_parameters(value);
    if (name == "rtcp-fb") return feedback(value);
    if (name == "extmap") return extension(value);
    if (name == "ssrc") return source(value);
    if (name == "ssrc-group") return source_group(value);
    if (name == "rid") return restriction(value);
    return {};
  }

  Payload* payload(std::string_view text) {
    const auto wanted = number<std::uint8_t>(text);
    if (!wanted) return nullptr;
    const auto found = std::find_if(media_->payloads.begin(), media_->payloads.end(),
                                    [&](const Payload& p) { return p.number == *wanted; });
    return found == media_->payloads.end() ? nullptr : &*found;
  }

  // "111 opus/48000/2"
  Result<void> rtpmap(std::string_view value) {
    const auto [type, rest] = base::split_first(value, ' ');
    if (!number<std::uint8_t>(type)) return Errc::bad_attribute;
    Payload* const target = payload(type);
    if (!target) return {};  // of a type that the media line does not name
    const auto words = base::split(base::trim(rest), '/');
    const auto rate = words.size() < 2 ? std::nullopt : number<std::uint32_t>(words[1]);
    if (!rate || words[0].empty() || *rate == 0) return Errc::bad_attribute;
    target->codec = words[0];
    target->clock_rate = *rate;
    target->channels = 1;
    if (words.size() > 2) {
      const auto channels = number<std::uint8_t>(words[2]);
      if (!channels || *channels == 0) return Errc::bad_attribute;
      target->channels = *channels;
    }
    return {};
  }

  Result<void> format_parameters(std::string_view value) {
    const auto [type, rest] = base::split_first(value, ' ');
    if (Payload* const target = payload(type)) target->parameters = base::trim(rest);
    return {};
  }

  // "96 nack pli", or "*" for all types
  Result<void> feedback(std::string_view value) {
    const auto [type, rest] = base::split_first(value, ' ');
    const std::string kind(base::trim(rest));
    const auto add = [&](Payload& target) {
      if (!target.has_feedback(kind) && target.feedback.size() < 16) target.feedback.push_back(kind);
    };
    if (type == "*") {
      for (Payload& target : media_->payloads) add(target);
    } else if (Payload* const target = payload(type)) {
      add(*target);
    }
    return {};
  }

  // "3 http://...", "6/recvonly http://... attributes"
  Result<void> extension(std::string_view value) {
    const auto [head, rest] = base::split_first(value, ' ');
    const auto [id_text, direction] = base::split_first(head, '/');
    const auto id = number<std::uint8_t>(id_text);
    const std::string_view uri = base::split_first(base::trim(rest), ' ').first;
    if (!id || *id == 0 || uri.empty()) return Errc::bad_attribute;
    if (media_->find_extension(uri)) return {};
    if (media_->extensions.size() == most_extensions) return Errc::too_many;
    media_->extensions.push_back({*id, std::string(uri), direction_of(direction)});
    return {};
  }

  // "42 cname:x"
  Result<void> source(std::string_view value) {
    const auto [ssrc_text, attribute] = base::split_first(value, ' ');
    const auto ssrc = number<std::uint32_t>(ssrc_text);
    if (!ssrc) return Errc::bad_attribute;
    auto found =
        std::find_if(media_->sources.begin(), media_->sources.end(), [&](const Source& s) { return s.ssrc == *ssrc; });
    if (found == media_->sources.end()) {
      if (media_->sources.size() == most_sources) return Errc::too_many;
      found = media_->sources.insert(found, Source{*ssrc, {}});
    }
    const auto [name, text] = base::split_first(attribute, ':');
    if (name == "cname") found->cname = text;
    return {};
  }

  Result<void> source_group(std::string_view value) {
    const auto words = base::split(value, ' ');
    if (words[0] != "FID") return {};
    const auto first = words.size() < 3 ? std::nullopt : number<std::uint32_t>(words[1]);
    const auto second = words.size() < 3 ? std::nullopt : number<std::uint32_t>(words[2]);
    if (!first || !second) return Errc::bad_attribute;
    if (media_->retransmissions.size() == most_sources) return Errc::too_many;
    media_->retransmissions.emplace_back(*first, *second);
    return {};
  }

  // RFC 8851 10: "h send ..."
  Result<void> restriction(std::string_view value) {
    const auto words = base::split(value, ' ');
    if (words.size() < 2) return Errc::bad_attribute;
    if (words[1] == "send" && media_->rids.size() < most_sources) media_->rids.emplace_back(words[0]);
    return {};
  }

  Description out_;
  Media* media_ = nullptr;  // its place changes only when the next media line begins
};

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::audio:
      return "audio";
    case Kind::video:
      return "video";
    case Kind::application:
      return "application";
    case Kind::other:
      break;
  }
  return "other";
}

std::string_view name_of(Direction direction) {
  switch (direction) {
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::sendonly:
      return "sendonly";
    case Direction::recvonly:
      return "recvonly";
    case Direction::inactive:
      break;
  }
  return "inactive";
}

bool Payload::has_feedback(std::string_view kind) const {
  return std::find(feedback.begin(), feedback.end(), kind) != feedback.end();
}

std::optional<std::string_view> Payload::parameter(std::string_view name) const {
  for (const std::string_view part : base::split(parameters, ';')) {
    const auto [key, value] = base::split_first(base::trim(part), '=');
    if (base::iequals(base::trim(key), name)) return base::trim(value);
  }
  return std::nullopt;
}

const Payload* Media::find(std::uint8_t number) const {
  const auto found =
      std::find_if(payloads.begin(), payloads.end(), [&](const Payload& p) { return p.number == number; });
  return found == payloads.end() ? nullptr : &*found;
}

const Extension* Media::find_extension(std::string_view uri) const {
  const auto found =
      std::find_if(extensions.begin(), extensions.end(), [&](const Extension& e) { return e.uri == uri; });
  return found == extensions.end() ? nullptr : &*found;
}

Transport Description::transport_of(const Media& line) const {
  Transport merged = line.transport;
  if (merged.ufrag.empty()) merged.ufrag = transport.ufrag;
  if (merged.password.empty()) merged.password = transport.password;
  if (merged.fingerprints.empty()) merged.fingerprints = transport.fingerprints;
  if (merged.setup == Setup::none) merged.setup = transport.setup;
  return merged;
}

Result<Description> parse(std::string_view text, Fault& fault) {
  fault = {};
  if (text.size() > most_bytes) return Errc::too_long;
  Parser parser;
  std::size_t count = 0;
  while (!text.empty()) {
    auto [line, rest] = base::split_first(text, '\n');
    text = rest;
    ++count;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() && count > 1) continue;  // many end with an empty line
    const auto refuse = [&](base::ErrorCode code) {
      fault = {count, base::printable(line, 120)};
      return code;
    };
    if (count == 1 && line != "v=0") return refuse(Errc::no_version);
    if (line.size() < 2 || line[1] != '=') return refuse(Errc::bad_line);
    if (const auto taken = parser.line(line[0], line.substr(2)); !taken) return refuse(taken.error());
  }
  if (count == 0) {
    fault = {1, ""};
    return Errc::no_version;
  }
  return parser.take();
}

}  // namespace weir::sdp
