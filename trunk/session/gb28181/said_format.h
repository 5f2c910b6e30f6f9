#pragma once

#include <string>
#include <string_view>

namespace weir::session::gb28181 {

// What a device says of its stream in f= of SDP (GB/T 28181-2016 annex F), "v/2/5/25/1/4096a/1/8/1", in words: "H.264
// 720P 25 fps 4096 kb/s CBR, G.711 64 kb/s 8 kHz". It is shown and nothing else: many write zeros there, or what is not
// so. What is unknown or left out is not in it; empty: it says nothing.
std::string said_format(std::string_view value);

}  // namespace weir::session::gb28181
