#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/exec/command.h"
#include "base/ids.h"
#include "config/config.h"
#include "hub/request.h"

namespace weir::ffmpeg {

// One FFmpeg that is to run.
struct Plan {
  std::string name;  // for logs: "transcode ff of live/cam", "ingest livestream"
  exec::Command command;
  // The stream of this server that it makes; none where it writes to elsewhere.
  std::optional<base::StreamKey> makes;
  std::string fault;  // why it is not run; empty: it is
};

// What the transcode blocks of the stream's virtual host want: those of the host, of its application, of the stream.
std::vector<Plan> transcodes_of(const config::Config& config, const hub::Request& stream);

// What the ingest blocks of a virtual host want. Those without a program are not among them; see session/pull.
std::vector<Plan> ingests_of(const config::Config& config, const std::shared_ptr<const config::Vhost>& vhost);

// The stream of this server that an RTMP URL means; none if it means another server.
std::optional<base::StreamKey> own_stream(const config::Config& config, const std::string& url);

}  // namespace weir::ffmpeg
