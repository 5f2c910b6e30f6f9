#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "net/http/file.h"

namespace weir::api {

// Where the HTTP server gives a recording away: below http_static of its virtual host, or the root of all; as the path
// of a URL. Empty if it does not.
std::string url_of_recording(const config::Config& config, const std::string& vhost, const std::string& path);

// Where recordings are: the patterns of all virtual hosts, each once, with the first that has it.
struct RecordingPlace {
  std::string vhost, path_template;
};
std::vector<RecordingPlace> recording_places(const config::Config& config);

// Opens what the list of recordings may tell of: a file that a pattern may have named, below its folder. Waits for the
// disk.
http::File::Opened open_recording(const std::vector<RecordingPlace>& places, const std::string& path);

}  // namespace weir::api
