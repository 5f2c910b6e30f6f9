#pragma once

#include <string_view>

#include "hub/request.h"

namespace weir::session {

// A protocol as the layers above the hub tell it from others. Its numbers are given out here; the hub knows none.
struct Protocol {
  hub::ProtocolId id;
  std::string_view name;         // in the API's types, in rules, metrics and filters
  bool bare_param = false;       // hooks hear its query string without the '?', as SRS has it
  bool asks_to_connect = false;  // its sessions are asked about by on_connect, too
  bool pageless = false;         // its clients stand on no page, so that `refer` has nothing to look at
};

namespace protocols {
inline constexpr Protocol other{.id = hub::ProtocolId{0}, .name = "other", .pageless = true};
inline constexpr Protocol rtmp{.id = hub::ProtocolId{1}, .name = "rtmp", .asks_to_connect = true};
inline constexpr Protocol flv{.id = hub::ProtocolId{2}, .name = "flv"};
inline constexpr Protocol ts{.id = hub::ProtocolId{3}, .name = "ts"};
inline constexpr Protocol mp4{.id = hub::ProtocolId{4}, .name = "mp4"};
inline constexpr Protocol aac{.id = hub::ProtocolId{5}, .name = "aac"};
inline constexpr Protocol mp3{.id = hub::ProtocolId{6}, .name = "mp3"};
inline constexpr Protocol hls{.id = hub::ProtocolId{7}, .name = "hls"};
inline constexpr Protocol dash{.id = hub::ProtocolId{8}, .name = "dash"};
inline constexpr Protocol srt{
    .id = hub::ProtocolId{9}, .name = "srt", .bare_param = true, .asks_to_connect = true, .pageless = true};
inline constexpr Protocol rtc{.id = hub::ProtocolId{10}, .name = "rtc", .bare_param = true};
inline constexpr Protocol rtsp{.id = hub::ProtocolId{11}, .name = "rtsp", .pageless = true};
inline constexpr Protocol gb28181{.id = hub::ProtocolId{12}, .name = "gb28181", .pageless = true};
inline constexpr Protocol rist{.id = hub::ProtocolId{13}, .name = "rist", .pageless = true};
inline constexpr Protocol all[] = {other, rtmp, flv, ts, mp4, aac, mp3, hls, dash, srt, rtc, rtsp, gb28181, rist};
}  // namespace protocols

constexpr const Protocol& protocol_of(hub::ProtocolId id) {
  for (const Protocol& protocol : protocols::all) {
    if (protocol.id == id) return protocol;
  }
  return protocols::all[0];
}
constexpr const Protocol& protocol_of(const hub::Request& request) { return protocol_of(request.protocol); }

// What requests carry besides, by the names that hooks know.
namespace facts {
inline constexpr std::string_view tc_url = "tcUrl", page_url = "pageUrl", swf_url = "swfUrl";
inline constexpr std::string_view encoder =
    "encoder";  // the dialect of an RTMP publisher: "fmle", "flash", "haivision"
// The second object of an RTMP connect, in AMF0; said where an origin judges it (token_traverse).
inline constexpr std::string_view connect_arguments = "connect_arguments";
// "on": on_connect was asked when it connected.
inline constexpr std::string_view connect_judged = "connect_judged";
}  // namespace facts

}  // namespace weir::session
