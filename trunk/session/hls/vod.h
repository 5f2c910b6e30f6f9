#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/router.h"
#include "session/common/file_standing.h"
#include "session/hls/service.h"
#include "session/hls/vod_file.h"

// Recorded files as HLS: "/live/cam.1.mp4.m3u8" is "/live/cam.1.mp4", cut at its key frames as it is asked for.
namespace weir::session::hls {

struct VodPath {
  enum class What : std::uint8_t { playlist, init, segment };
  std::string file{};  // the path of the recording
  What what = What::playlist;
  std::uint64_t number = 0;            // of a segment, from 0
  VodFormat format = VodFormat::fmp4;  // likewise
};
// "x.mp4.m3u8", "x.mp4-init.mp4", "x.mp4-12.m4s", "x.mp4-12.ts"; .flv likewise. None: it is no such path.
std::optional<VodPath> vod_path_of(std::string_view path);

struct VodText {
  std::string name;   // of the file, without its folder
  std::string query;  // of every URI; empty: none
};
std::string vod_playlist(const VodFile& film, const VodText& text);

// The file of the web root that a path names, for a request of that host. Waits for the disk elsewhere.
using FindFile = std::function<net::Task<FileStanding>(http::Exchange& exchange, std::string path)>;

// To be asked before the routes of live streams, and within each folder of files; a stream that is published with such
// a name goes before the file. Copies share one shelf of what was cut. The Service outlives them.
http::Router::Matcher vod_matcher(Service& service, FindFile find);

}  // namespace weir::session::hls
