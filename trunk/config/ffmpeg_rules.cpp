#include "config/ffmpeg_rules.h"

#include <algorithm>

#include "base/text.h"

namespace weir::config {

std::string fault_of(const Engine& engine, bool copies) {
  if (engine.output.empty()) return "it names no output";
  if (copies) return {};
  const bool no_video = engine.vcodec == "vn", no_audio = engine.acodec == "an";
  if (no_video && no_audio) return "it leaves out both video (vn) and audio (an)";
  const bool encodes_video = !engine.vcodec.empty() && !no_video && engine.vcodec != "copy" && engine.vcodec != "png";
  if (encodes_video && engine.vprofile.empty()) return "it encodes video, and names no vprofile";
  if (encodes_video && engine.vpreset.empty()) return "it encodes video, and names no vpreset";
  const bool encodes_audio = !engine.acodec.empty() && !no_audio && engine.acodec != "copy";
  if (encodes_audio && engine.achannels > 2) return "FLV has no place for more than 2 channels";
  return {};
}

namespace {

// "rtmp://127.0.0.1:[port]/...": which port that is the server sees when it runs.
bool is_own_rtmp_url(std::string_view text) {
  constexpr std::string_view scheme = "rtmp://";
  if (!text.starts_with(scheme)) return false;
  const std::string_view place = text.substr(scheme.size(), text.find('/', scheme.size()) - scheme.size());
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"127.0.0.1", "localhost", "[::1]"},
      [&](std::string_view host) { return place == host || place.starts_with(std::string(host) + ":"); });
}

bool is_redirection(std::string_view word) {
  return word.starts_with(">") || word.starts_with("1>") || word.starts_with("<");
}

}  // namespace

std::string fault_of_piped(const Engine& engine) {
  const auto is_one_of = [](const std::string& text, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), text) != all.end();
  };
  if (!is_own_rtmp_url(engine.output)) {
    return "with 'pipe' its output is a stream of this server, rtmp://127.0.0.1:[port]/APP/STREAM";
  }
  if (engine.vcodec == "png") return "with 'pipe' it makes a stream, and png makes pictures";
  if (!is_one_of(engine.iformat, {"", "flv", "mpegts", "off"})) return "with 'pipe' it reads flv or mpegts (iformat)";
  if (!is_one_of(engine.oformat, {"flv", "mpegts"})) return "with 'pipe' it writes flv or mpegts (oformat)";
  return {};
}

std::string output_of(const Engine& engine) { return base::replace_all(engine.output, "[engine]", engine.name); }

std::string fault_of(const StreamProcess& process) {
  if (process.exec.empty()) return "it names no program (exec)";
  if (process.exec.front().starts_with('[')) return "which program runs is not a variable's to say";
  if (std::any_of(process.exec.begin(), process.exec.end(), is_redirection)) {
    return "its standard input and output are streams, not files";
  }
  const std::string& output = process.output;
  if (output.empty()) return "it names no output: tracks cannot be added to the stream that it reads";
  const std::size_t slash = output.rfind('/');
  const bool has_names = slash != std::string::npos && slash > 0 && slash + 1 < output.size();
  if (!has_names || output.starts_with('/') || output.find("://") != std::string::npos) {
    return "its output is not APP/STREAM";
  }
  if (output == "[app]/[stream]") return "its output is its input";
  return {};
}

bool applies(const StreamProcess& process, std::string_view app, std::string_view stream) {
  return std::any_of(process.apply.begin(), process.apply.end(), [&](std::string_view one) {
    if (one == "all" || one == app) return true;
    return one.size() == app.size() + 1 + stream.size() && one.starts_with(app) && one[app.size()] == '/' &&
           one.ends_with(stream);
  });
}

}  // namespace weir::config
