#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weir::config {

// One FFmpeg command. Options are name and value as written, without the leading dash added.
struct Engine {
  using Options = std::vector<std::pair<std::string, std::string>>;
  std::string name;
  bool enabled = false;
  Options perfile;
  std::string iformat = "flv";
  Options vfilter;
  std::string vcodec;
  std::uint32_t vbitrate = 0;  // kilobits per second
  double vfps = 0;
  std::uint32_t vwidth = 0;
  std::uint32_t vheight = 0;
  std::uint32_t vthreads = 1;
  std::string vprofile;
  std::string vpreset;
  Options vparams;
  std::string acodec;
  std::uint32_t abitrate = 0;  // kilobits per second
  std::uint32_t asample_rate = 0;
  std::uint32_t achannels = 0;
  Options aparams;
  std::string oformat = "flv";
  std::string output;
  bool operator==(const Engine&) const = default;
};

struct Transcode {
  std::string scope;  // empty: the whole vhost; "app"; "app/stream"
  bool enabled = false;
  bool pipe = false;  // by standard input and output, not by RTMP
  std::string ffmpeg;
  std::vector<Engine> engines;
  bool operator==(const Transcode&) const = default;
};

// A program that reads a stream on its standard input, and whose standard output is another stream.
struct StreamProcess {
  enum class Tracks { all, video, audio };
  enum class Format { flv, ts };
  std::string name;
  bool enabled = true;
  std::vector<std::string> apply{"all"};  // "all", "app", "app/stream"
  std::vector<std::string> exec;          // the program and its arguments
  Tracks tracks = Tracks::all;
  std::string output;           // "APP/STREAM", with variables
  Format format = Format::flv;  // of what it reads
  bool operator==(const StreamProcess&) const = default;
};

// Pictures of streams, APP/STREAM.jpg.
struct Snapshot {
  bool enabled = false;
  std::string ffmpeg = "ffmpeg";
  std::uint32_t width = 0;                                    // pixels; 0: that of the stream
  std::chrono::milliseconds cache = std::chrono::seconds(5);  // a picture is given out for so long
  bool operator==(const Snapshot&) const = default;
};

struct Ingest {
  enum class Input { file, stream };
  std::string id;
  bool enabled = false;
  Input input_type = Input::file;
  std::string input_url;
  std::string ffmpeg;
  std::vector<Engine> engines;
  bool operator==(const Ingest&) const = default;
};

}  // namespace weir::config
