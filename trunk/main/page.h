#pragma once

#include <functional>

#include "hub/hub.h"
#include "net/http/router.h"

namespace weir::server {

// The file that a path names: false, and nothing is answered, if there is none.
using ServeFile = std::function<net::Task<bool>(http::Exchange&)>;

// What the pages of research/players want of the server. Call it after the routes of media, which go first.
// * /endpoints.json, by which they learn the ports that they cannot see: {"rtmp":1935,"rtmps":443,"https":8088,
//   "api":1985,"apis":1990,"srt":10080,"rtc":8000,"rtc_tcp":8000}, and what there is: "rtmp_to_rtc", "hls", "dash".
//   Members of what is off are left out, and those of an API on the page's own port.
// * /embed/APP/STREAM, the address of the page for frames of other sites: leads to embed.html, which tells pages of
//   any depth apart by what stands behind its '#'. A file of that path goes before.
void add_page_routes(http::Router& router, hub::Hub& hub, ServeFile file);

}  // namespace weir::server
