#include "app/ffmpeg/arguments.h"

#include <fmt/format.h>

namespace weir::ffmpeg {

namespace {

using Words = std::vector<std::string>;

void add(Words& words, const config::Engine::Options& options) {
  for (const auto& [name, value] : options) {
    words.push_back(name.starts_with('-') ? name : "-" + name);
    if (!value.empty()) words.push_back(value);
  }
}

void add(Words& words, const char* name, std::string value) {
  words.emplace_back(name);
  words.push_back(std::move(value));
}

void add_format(Words& words, const std::string& format) {
  if (!format.empty() && format != "off") add(words, "-f", format);
}

void add_video(Words& words, const config::Engine& engine) {
  if (engine.vcodec == "vn") words.emplace_back("-vn");
  if (engine.vcodec.empty() || engine.vcodec == "vn") return;
  add(words, "-vcodec", engine.vcodec);
  if (engine.vcodec == "copy") return;
  if (engine.vbitrate > 0) add(words, "-b:v", fmt::format("{}", std::uint64_t{engine.vbitrate} * 1000));
  if (engine.vfps > 0) add(words, "-r", fmt::format("{:.2f}", engine.vfps));
  // Encoders want even sizes.
  const std::uint32_t width = engine.vwidth & ~1U, height = engine.vheight & ~1U;
  if (width > 0 && height > 0) {
    add(words, "-s", fmt::format("{}x{}", width, height));
    add(words, "-aspect", fmt::format("{}:{}", width, height));
  }
  if (engine.vthreads > 0) add(words, "-threads", fmt::format("{}", engine.vthreads));
  if (!engine.vprofile.empty()) add(words, "-profile:v", engine.vprofile);
  if (!engine.vpreset.empty()) add(words, "-preset", engine.vpreset);
  add(words, engine.vparams);
}

void add_audio(Words& words, const config::Engine& engine) {
  if (engine.acodec == "an") words.emplace_back("-an");
  if (engine.acodec.empty() || engine.acodec == "an") return;
  add(words, "-acodec", engine.acodec);
  if (engine.acodec == "copy") {
    // The one thing that is said of sound which is copied: AAC of a transport stream needs it on its way to FLV.
    for (const auto& [name, value] : engine.aparams) {
      if (name == "bsf:a" && value == "aac_adtstoasc") add(words, "-bsf:a", value);
    }
    return;
  }
  if (engine.abitrate > 0) add(words, "-b:a", fmt::format("{}", std::uint64_t{engine.abitrate} * 1000));
  if (engine.asample_rate > 0) add(words, "-ar", fmt::format("{}", engine.asample_rate));
  if (engine.achannels > 0) add(words, "-ac", fmt::format("{}", engine.achannels));
  add(words, engine.aparams);
}

}  // namespace

std::vector<std::string> arguments_of(const Job& job) {
  Words words{job.program};
  if (!job.log_level.empty()) add(words, "-loglevel", job.log_level);
  if (job.paced) words.emplace_back("-re");
  add(words, job.engine.perfile);
  // Of an input that is neither RTMP nor a pipe of ours FFmpeg finds the format itself, as SRS has it.
  if (job.input.starts_with("rtmp://") || job.input.starts_with("pipe:")) add_format(words, job.engine.iformat);
  add(words, "-i", job.input);
  if (job.copies) {
    add(words, "-vcodec", "copy");
    add(words, "-acodec", "copy");
  } else {
    add(words, job.engine.vfilter);
    add_video(words, job.engine);
    add_audio(words, job.engine);
  }
  add_format(words, job.engine.oformat);
  words.emplace_back("-y");
  words.push_back(job.output);
  return words;
}

}  // namespace weir::ffmpeg
