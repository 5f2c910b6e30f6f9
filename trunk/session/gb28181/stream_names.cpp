#include "session/gb28181/stream_names.h"

#include <algorithm>

#include "base/text.h"
#include "base/url.h"
#include "config/vhost.h"
#include "format/manscdp/message.h"

namespace weir::session::gb28181 {

namespace {

constexpr std::string_view usual_path = "live/[stream]";

bool is_id_character(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "live/[stream]" of "rtmp://host/live/[stream]?vhost=v"; brackets are no part of a URL that would be read.
std::string path_of(const std::string& output, std::string& query) {
  std::string_view rest = output;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    rest.remove_prefix(scheme + 3);
    const auto slash = rest.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  }
  const auto [path, behind] = base::split_first(rest, '?');
  query = behind;
  return std::string(base::trim(path, "/"));
}

}  // namespace

std::string StreamNames::complaint(const std::string& output) {
  if (output.empty()) return {};
  std::string query;
  const std::string path = path_of(output, query);
  if (path.find('/') == std::string::npos) return "names no application and stream, as rtmp://127.0.0.1/live/[stream]";
  const bool whole = path.find("[stream]") != std::string::npos;
  const bool both = path.find("[device]") != std::string::npos && path.find("[channel]") != std::string::npos;
  if (!whole && !both) return "needs [stream], or [device] and [channel]: all channels would be one stream";
  if (path.find("][") != std::string::npos) return "needs something between two variables";
  return {};
}

StreamNames::StreamNames(const std::string& output) {
  std::string query;
  std::string path = complaint(output).empty() ? path_of(output, query) : std::string();
  if (path.empty()) path = usual_path;
  vhost_ = config::default_vhost_name;
  for (const std::string_view parameter : base::split(query, '&')) {
    const auto [name, value] = base::split_first(parameter, '=');
    if (name == "vhost" && !value.empty()) vhost_ = value;
  }
  std::string_view rest = path;
  while (!rest.empty()) {
    Piece piece;
    if (rest.starts_with("[stream]")) {
      piece.part = Part::stream;
      rest.remove_prefix(8);
    } else if (rest.starts_with("[device]")) {
      piece.part = Part::device;
      rest.remove_prefix(8);
    } else if (rest.starts_with("[channel]")) {
      piece.part = Part::channel;
      rest.remove_prefix(9);
    } else {
      const auto end = std::min(rest.find('[', 1), rest.size());
      piece.text = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    pieces_.push_back(std::move(piece));
  }
}

StreamNames::Name StreamNames::of(std::string_view device, std::string_view channel) const {
  std::string path;
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::text:
        path += piece.text;
        break;
      case Part::stream:
        path += device;
        if (!channel.empty()) path += "_" + std::string(channel);
        break;
      case Part::device:
        path += device;
        break;
      case Part::channel:
        path += channel.empty() ? device : channel;
        break;
    }
  }
  const auto slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::optional<StreamNames::Place> StreamNames::find(std::string_view app, std::string_view stream) const {
  const std::string path = std::string(app) + "/" + std::string(stream);
  std::string_view rest = path;
  const auto take_id = [&rest] {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_id_character);
    const std::string id(rest.begin(), end);
    rest.remove_prefix(id.size());
    return id;
  };
  Place place;
  const auto agree = [](std::string& known, std::string id) {
    if (!manscdp::is_id(id) || (!known.empty() && known != id)) return false;
    known = std::move(id);
    return true;
  };
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::text:
        if (!rest.starts_with(piece.text)) return std::nullopt;
        rest.remove_prefix(piece.text.size());
        break;
      case Part::stream:
        if (!agree(place.device, take_id())) return std::nullopt;
        if (rest.starts_with('_')) {
          rest.remove_prefix(1);
          if (!agree(place.channel, take_id())) return std::nullopt;
        }
        break;
      case Part::device:
        if (!agree(place.device, take_id())) return std::nullopt;
        break;
      case Part::channel:
        if (!agree(place.channel, take_id())) return std::nullopt;
        break;
    }
  }
  if (!rest.empty() || place.device.empty()) return std::nullopt;
  return place;
}

}  // namespace weir::session::gb28181
