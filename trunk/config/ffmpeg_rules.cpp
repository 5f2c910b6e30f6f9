#include "config/ffmpeg_rules.h"

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

}  // namespace weir::config
