#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/srt_url.h"
#include "hub/request.h"
#include "net/life.h"
#include "net/srt/caller.h"

namespace weir::session::upstream {

// A worker's way to open SRT connections: none until a configuration asks for SRT, as libsrt starts threads.
struct SrtLine {
  net::SrtCaller* caller = nullptr;
};

// Opens one; a host by name is looked up anew each time. `examine` may look at the other side's address first. As
// SrtCaller::open; Errc::no_srt.
net::Task<base::Result<std::unique_ptr<net::SrtSocket>>> open_srt(
    net::Life& life, const SrtLine& line, config::SrtUrl url, std::string& why,
    std::function<base::Result<void>(const net::UdpAddress&)> examine = {});

// The place for one stream: [vhost], [app] and [stream] stand in its stream id for what the stream is called here, and
// a place without a stream id gets "#!::r=APP/STREAM,m=MODE", with "h=VHOST" for one that is not the default. A
// non-empty `way` goes along, where a stream id can have parameters (way.h). Errc::no_stream_id: what it is called here
// would say something else there.
base::Result<config::SrtUrl> named_for(config::SrtUrl url, const hub::Request& request, std::string_view mode,
                                       std::string_view way);

// For whoever reads logs: without parameters.
std::string shown_of(const config::SrtUrl& url);
// What the other side may repeat in its answers.
std::vector<std::string> secrets_of(const config::SrtUrl& url);

}  // namespace weir::session::upstream
