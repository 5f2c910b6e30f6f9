#include <ctime>
#include <set>

#include "support/playlist_attributes.h"
#include "support/playlist_validator.h"

namespace weir::test {
namespace {

// Multivariant playlists, 4.4.6.
class MasterChecker {
 public:
  std::vector<std::string> run(std::string_view text) {
    if (text.substr(0, 8) != "#EXTM3U\n") fault("the first line is not #EXTM3U");
    if (const auto wrong = fault_of_text(text); !wrong.empty()) fault(wrong);
    while (!text.empty()) {
      const auto end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty()) continue;
      if (line[0] != '#') {
        if (!expects_uri_) fault("a URI without EXT-X-STREAM-INF");
        expects_uri_ = false;
      } else if (line.substr(0, 4) == "#EXT") {
        if (expects_uri_) fault("a variant without URI");
        tag(line);
      }
    }
    if (expects_uri_ || variants_ == 0) fault("no variant");
    check_groups();
    return std::move(faults_);
  }

 private:
  void fault(const std::string& what) { faults_.push_back(what); }
  AttributeList attributes(std::string_view text) {
    return AttributeList::parse(text, [this](const std::string& what) { fault(what); });
  }

  void tag(std::string_view line) {
    const auto complain = [this](const std::string& what) { fault(what); };
    const auto colon = line.find(':');
    const std::string name(line.substr(0, colon));
    const std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (name == "#EXT-X-STREAM-INF") {
      stream(attributes(value));
      expects_uri_ = true;
      ++variants_;
    } else if (name == "#EXT-X-I-FRAME-STREAM-INF") {
      const AttributeList given = attributes(value);
      given.need("URI", complain);
      common(given);
      for (const char* wrong : {"FRAME-RATE", "AUDIO", "SUBTITLES", "CLOSED-CAPTIONS"}) {
        if (given.has(wrong)) fault(std::string(wrong) + " of I-frames");
      }
    } else if (name == "#EXT-X-MEDIA") {
      media(attributes(value));
    } else if (name == "#EXT-X-VERSION" || name == "#EXT-X-INDEPENDENT-SEGMENTS" || name == "#EXTM3U") {
      if (!once_.insert(name).second) fault(name + " twice");
    } else if (name == "#EXT-X-START" || name == "#EXT-X-DEFINE" || name == "#EXT-X-SESSION-DATA" ||
               name == "#EXT-X-SESSION-KEY" || name == "#EXT-X-CONTENT-STEERING") {
      attributes(value);
    } else if (name == "#EXTINF" || name == "#EXT-X-TARGETDURATION" || name == "#EXT-X-MEDIA-SEQUENCE" ||
               name == "#EXT-X-ENDLIST" || name == "#EXT-X-MAP" || name == "#EXT-X-KEY" || name == "#EXT-X-PART") {
      fault("a tag of media playlists: " + name);  // 4.4
    } else {
      fault("a tag that is not known: " + name);
    }
  }

  void common(const AttributeList& given) {
    const auto complain = [this](const std::string& what) { fault(what); };
    if (!is_integer(given.need("BANDWIDTH", complain)) || given.text("BANDWIDTH") == "0") fault("BANDWIDTH of nothing");
    if (given.has("AVERAGE-BANDWIDTH")) {
      if (!is_integer(given.text("AVERAGE-BANDWIDTH"))) fault("AVERAGE-BANDWIDTH is no number");
      if (std::strtoull(given.text("AVERAGE-BANDWIDTH").c_str(), nullptr, 10) >
          std::strtoull(given.text("BANDWIDTH").c_str(), nullptr, 10)) {
        fault("the average is above the peak");
      }
    }
    if (given.has("RESOLUTION")) {
      const std::string size = given.text("RESOLUTION");
      const auto x = size.find('x');
      if (x == std::string::npos || !is_integer(size.substr(0, x)) || !is_integer(size.substr(x + 1))) {
        fault("RESOLUTION is no size: " + size);
      }
    }
    given.one_of("VIDEO-RANGE", {"SDR", "HLG", "PQ"}, complain);
    given.one_of("HDCP-LEVEL", {"NONE", "TYPE-0", "TYPE-1"}, complain);
    if (given.has("CODECS") && given.text("CODECS").empty()) fault("CODECS of nothing");
  }

  void stream(const AttributeList& given) {
    common(given);
    if (given.has("FRAME-RATE") && !is_decimal(given.text("FRAME-RATE"))) fault("FRAME-RATE is no number");
    for (const char* type : {"AUDIO", "VIDEO", "SUBTITLES"}) {
      if (given.has(type)) wanted_.insert({type, given.text(type)});
    }
    if (!given.has("CLOSED-CAPTIONS")) return;
    const bool none = !given.values.at("CLOSED-CAPTIONS").quoted;
    if (none && given.text("CLOSED-CAPTIONS") != "NONE") fault("CLOSED-CAPTIONS is neither a group nor NONE");
    (none ? no_captions_ : with_captions_) = true;
    if (!none) wanted_.insert({"CLOSED-CAPTIONS", given.text("CLOSED-CAPTIONS")});
  }

  void media(const AttributeList& given) {
    const auto complain = [this](const std::string& what) { fault(what); };
    const std::string type = given.need("TYPE", complain), group = given.need("GROUP-ID", complain),
                      name = given.need("NAME", complain);
    given.one_of("TYPE", {"AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"}, complain);
    for (const char* flag : {"DEFAULT", "AUTOSELECT", "FORCED"}) given.one_of(flag, {"YES", "NO"}, complain);
    if (given.yes("DEFAULT") && given.has("AUTOSELECT") && !given.yes("AUTOSELECT")) {
      fault("a default that is not selected by itself");
    }
    const bool captions = type == "CLOSED-CAPTIONS";
    if (captions && given.has("URI")) fault("closed captions with a URI");
    if (captions != given.has("INSTREAM-ID")) fault("INSTREAM-ID belongs to closed captions, and to them alone");
    if (captions && given.text("INSTREAM-ID").substr(0, 2) != "CC" &&
        given.text("INSTREAM-ID").substr(0, 7) != "SERVICE")
      fault("INSTREAM-ID is neither CC nor SERVICE");
    if (type == "SUBTITLES" && !given.has("URI")) fault("subtitles without a URI");
    if (given.has("FORCED") && type != "SUBTITLES") fault("FORCED of something else than subtitles");
    if (!names_.insert({type, group, name}).second) fault("two renditions of a group with the name " + name);
    if (given.yes("DEFAULT") && !defaults_.insert({type, group}).second) fault("two defaults in group " + group);
    groups_.insert({type, group});
  }

  void check_groups() {
    for (const auto& one : wanted_) {
      if (groups_.count(one) == 0) fault("no rendition of the group " + one.second);
    }
    if (no_captions_ && with_captions_) fault("CLOSED-CAPTIONS=NONE of some variants only");
  }

  using Group = std::pair<std::string, std::string>;
  std::vector<std::string> faults_;
  std::set<std::string> once_;
  std::set<Group> wanted_, groups_, defaults_;
  std::set<std::tuple<std::string, std::string, std::string>> names_;
  bool expects_uri_ = false, no_captions_ = false, with_captions_ = false;
  int variants_ = 0;
};

}  // namespace

std::vector<std::string> validate_master(std::string_view text) { return MasterChecker().run(text); }

long long parse_date_time(std::string_view text) {
  std::tm tm{};
  const std::string copy(text);
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
  if (!rest) return -1;
  double fraction = 0;
  if (*rest == '.') {
    char* end = nullptr;
    fraction = std::strtod(rest, &end);
    rest = end;
  }
  const std::string_view zone(rest);
  const bool numeric =
      zone.size() >= 3 && (zone[0] == '+' || zone[0] == '-') && all_of_kind(zone.substr(1), "0123456789:");
  if (zone != "Z" && !numeric) return -1;
  return static_cast<long long>(timegm(&tm)) * 1000 + static_cast<long long>(fraction * 1000 + 0.5);
}

}  // namespace weir::test
