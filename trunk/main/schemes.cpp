#include "main/schemes.h"

#include "app/exec/sources.h"
#include "session/pull/file.h"
#include "session/pull/http.h"
#include "session/pull/rist.h"
#include "session/pull/rtmp.h"
#include "session/pull/srt.h"
#include "session/pull/standard_input.h"
#include "session/pull/tcp.h"
#include "session/pull/udp.h"

namespace weir::server {

session::upstream::Schemes make_schemes(hub::Hub& hub, net::BlockingPool& files, const session::upstream::SrtLine& srt,
                                        const session::upstream::RistLine& rist) {
  const auto programs = std::make_shared<exec::Sources>(hub);  // of this worker, and of nobody but the table
  return session::upstream::Schemes({
      {"-", session::pull::standard_input_place_of},
      {"exec", [programs](const std::string& url) { return programs->place_of(url); }},
      {"file", [&files](const std::string& url) { return session::pull::file_place_of(files, url); }},
      {"http", session::pull::http_place_of},
      {"https", session::pull::http_place_of},
      {"rist", [&rist](const std::string& url) { return session::pull::rist_place_of(rist, url); }},
      {"rtmp", session::pull::rtmp_place_of},
      {"rtmps", session::pull::rtmp_place_of},
      {"rtp", session::pull::udp_place_of},
      {"tcp", session::pull::tcp_place_of},
      {"udp", session::pull::udp_place_of},
      {"srt", [&srt](const std::string& url) { return session::pull::srt_place_of(srt, url); }},
  });
}

}  // namespace weir::server
