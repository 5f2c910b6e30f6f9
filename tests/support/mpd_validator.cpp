#include "support/mpd_validator.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <utility>

namespace weir::test {
namespace {

using Attributes = std::map<std::string, std::string>;

struct Element {
  std::string name;
  Attributes attributes;
  std::vector<Element> children;
};

struct Rule {
  std::vector<std::string> children;  // in this order, any number of each
  std::vector<std::string> required;
};

// RepresentationBaseType comes first in both that extend it.
std::vector<std::string> with_base(std::vector<std::string> own) {
  std::vector<std::string> all{"FramePacking",
                               "AudioChannelConfiguration",
                               "ContentProtection",
                               "OutputProtection",
                               "EssentialProperty",
                               "SupplementalProperty",
                               "InbandEventStream",
                               "Switching",
                               "RandomAccess",
                               "GroupLabel",
                               "Label",
                               "ProducerReferenceTime",
                               "ContentPopularityRate",
                               "Resync"};
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> all{
      {"MPD",
       {{"ProgramInformation", "BaseURL", "Location", "PatchLocation", "ServiceDescription", "InitializationSet",
         "Period", "Metrics", "EssentialProperty", "SupplementalProperty", "UTCTiming"},
        {"xmlns", "profiles", "type", "minBufferTime"}}},
      {"ServiceDescription", {{"Scope", "Latency", "PlaybackRate", "OperatingQuality"}, {}}},
      {"Latency", {}},
      {"PlaybackRate", {}},
      {"Period",
       {{"BaseURL", "SegmentTemplate", "AssetIdentifier", "EventStream", "AdaptationSet", "Subset"}, {"id", "start"}}},
      {"AdaptationSet",
       {with_base({"Accessibility", "Role", "Rating", "Viewpoint", "ContentComponent", "BaseURL", "SegmentTemplate",
                   "Representation"}),
        {"id", "contentType", "mimeType"}}},
      {"Representation", {with_base({"BaseURL", "SegmentTemplate"}), {"id", "codecs", "bandwidth"}}},
      {"ProducerReferenceTime", {{"UTCTiming"}, {"id", "wallClockTime", "presentationTime"}}},
      {"InbandEventStream", {{}, {"schemeIdUri"}}},
      {"AudioChannelConfiguration", {{}, {"schemeIdUri", "value"}}},
      {"Role", {{}, {"schemeIdUri", "value"}}},
      {"Label", {}},
      {"Resync", {}},
      {"SegmentTemplate", {{"SegmentTimeline"}, {"timescale", "media", "initialization", "startNumber"}}},
      {"SegmentTimeline", {{"S"}, {}}},
      {"S", {{}, {"d"}}},
      {"UTCTiming", {{}, {"schemeIdUri", "value"}}}};
  return all;
}

class Validator {
 public:
  std::vector<std::string> validate(const std::string& text) {
    if (!text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")) fault("no XML declaration");
    const Element root = parse(text);
    if (root.children.size() != 1 || root.children.front().name != "MPD") {
      fault("the root is no MPD");
      return faults_;
    }
    check(root.children.front());
    check_presentation(root.children.front());
    return faults_;
  }

 private:
  void fault(std::string what) { faults_.push_back(std::move(what)); }

  Element parse(const std::string& text) {
    static const std::regex tag(R"(<(/?)([A-Za-z]+)((?:\s+[A-Za-z:]+="[^"<]*")*)\s*(/?)>)");
    static const std::regex attribute(R"re(([A-Za-z:]+)="([^"]*)")re");
    Element root;
    std::vector<Element> open{Element{}};
    for (std::sregex_iterator it(text.begin(), text.end(), tag), end; it != end; ++it) {
      const std::smatch& found = *it;
      if (found[1].length() > 0) {
        if (open.size() < 2 || open.back().name != found[2]) {
          fault("an end without its begin: " + found[2].str());
          break;
        }
        Element done = std::move(open.back());
        open.pop_back();
        open.back().children.push_back(std::move(done));
        continue;
      }
      Element element{.name = found[2]};
      const std::string given = found[3];
      for (std::sregex_iterator one(given.begin(), given.end(), attribute), last; one != last; ++one) {
        if (!element.attributes.emplace((*one)[1], (*one)[2]).second) fault("an attribute twice: " + (*one)[1].str());
      }
      if (found[4].length() > 0) {
        open.back().children.push_back(std::move(element));
      } else {
        open.push_back(std::move(element));
      }
    }
    if (open.size() != 1) fault("an element without its end: " + open.back().name);
    return std::move(open.front());
  }

  void check(const Element& element) {
    const auto rule = rules().find(element.name);
    if (rule == rules().end()) return fault("an element that is not known: " + element.name);
    for (const std::string& name : rule->second.required) {
      if (!element.attributes.contains(name)) fault(element.name + " without " + name);
    }
    std::size_t at = 0;
    for (const Element& child : element.children) {
      const auto& order = rule->second.children;
      const auto place = std::find(order.begin(), order.end(), child.name);
      if (place == order.end()) {
        fault(child.name + " inside " + element.name);
      } else if (static_cast<std::size_t>(place - order.begin()) < at) {
        fault(child.name + " is out of order inside " + element.name);
      } else {
        at = static_cast<std::size_t>(place - order.begin());
      }
      check(child);
    }
  }

  static double seconds(const std::string& duration) {
    return duration.starts_with("PT") && duration.ends_with("S") ? std::stod(duration.substr(2)) : -1;
  }
  static std::uint64_t number(const Element& element, const std::string& name, std::uint64_t otherwise = 0) {
    const auto found = element.attributes.find(name);
    return found == element.attributes.end() ? otherwise : std::stoull(found->second);
  }

  void check_presentation(const Element& mpd) {
    const bool dynamic = mpd.attributes.contains("type") && mpd.attributes.at("type") == "dynamic";
    for (const char* name : {"availabilityStartTime", "publishTime", "minimumUpdatePeriod"}) {
      if (dynamic != mpd.attributes.contains(name))
        fault(std::string(name) + " of a presentation that is not, or is, live");
    }
    if (!dynamic && !mpd.attributes.contains("mediaPresentationDuration")) fault("a recording without its length");
    std::set<std::string> ids;
    double before = -1;
    std::size_t periods = 0, clocks = 0;
    for (const Element& period : mpd.children) {
      clocks += period.name == "UTCTiming";
      if (period.name != "Period") continue;
      ++periods;
      if (!ids.insert(period.attributes.at("id")).second) fault("two periods of one id");
      const double start = seconds(period.attributes.at("start"));
      if (start <= before) fault("periods that do not follow one another");
      before = start;
      check_period(period);
    }
    if (periods == 0) fault("no period");
    if (dynamic && clocks == 0) fault("live without a clock");
  }

  void check_period(const Element& period) {
    std::set<std::string> ids, sets;
    for (const Element& set : period.children) {
      if (set.name != "AdaptationSet") continue;
      if (!sets.insert(set.attributes.at("id")).second) fault("two sets of one id");
      std::size_t representations = 0;
      for (const Element& one : set.children) {
        if (one.name != "Representation") continue;
        ++representations;
        const std::string& id = one.attributes.at("id");
        if (id.find(' ') != std::string::npos) fault("an id with a blank");
        if (!ids.insert(id).second) fault("two representations of one id: " + id);
        for (const Element& child : one.children) {
          if (child.name == "SegmentTemplate") check_template(child);
        }
      }
      if (representations == 0) fault("a set of nothing");
    }
  }

  // 5.3.9.2.1: one length for all, or a timeline.
  void check_template(const Element& given) {
    const bool timeline = !given.children.empty();
    if (timeline == given.attributes.contains("duration"))
      fault("a template with both a length and a timeline, or neither");
    if (given.attributes.at("media").find("$Number$") == std::string::npos) fault("a template of one segment");
    if (!timeline) return;
    std::uint64_t end = 0;
    bool first = true;
    for (const Element& s : given.children.front().children) {
      const std::uint64_t begin = number(s, "t", end), length = number(s, "d");
      // Encoders stamp in milliseconds what is a little longer: half a frame is nothing.
      if (!std::exchange(first, false) && begin + number(given, "timescale") / 100 < end)
        fault("segments that overlap: " + std::to_string(end - begin) + " at " + std::to_string(begin));
      if (length == 0) fault("a segment of nothing");
      end = begin + length * (number(s, "r") + 1);
    }
    if (first) fault("a timeline of nothing");
  }

  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> validate_mpd(const std::string& text) { return Validator().validate(text); }

}  // namespace weir::test
