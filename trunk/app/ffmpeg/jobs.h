#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/exec/command.h"
#include "app/exec/pipe.h"
#include "base/ids.h"
#include "config/config.h"
#include "hub/request.h"

namespace weir::ffmpeg {

// One FFmpeg that is to run, or another program.
struct Plan {
  std::string name;  // for logs: "transcode ff of live/cam", "ingest livestream", "process blur of live/cam"
  exec::Command command;
  // Of one between two streams (exec::Pipe): its command where it reads a transport stream, and not FLV; where its
  // standard error goes; what it reads.
  exec::Command command_for_ts{};
  std::string log_file{};
  exec::Pipe::Form form = exec::Pipe::Form::fitting;
  pack::Only only = pack::Only::all;
  // The stream of this server that it makes; none where it writes to elsewhere.
  std::optional<base::StreamKey> makes;
  std::string fault;  // why it is not run; empty: it is
};

// What the transcode blocks of the stream's virtual host want that go by RTMP: those of the host, of its application,
// of the stream.
std::vector<Plan> transcodes_of(const config::Config& config, const hub::Request& stream);
// Those that go by pipes, and what its process blocks want. All of them make a stream of this server.
std::vector<Plan> pipes_of(const config::Config& config, const hub::Request& stream);

// What the ingest blocks of a virtual host want. Those without a program are not among them; see session/pull.
std::vector<Plan> ingests_of(const config::Config& config, const std::shared_ptr<const config::Vhost>& vhost);

// The stream of this server that an RTMP URL means; none if it means another server.
std::optional<base::StreamKey> own_stream(const config::Config& config, const std::string& url);

}  // namespace weir::ffmpeg
