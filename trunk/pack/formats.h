#pragma once

#include "hub/packager.h"

namespace weir::pack {

// The formats that players read. The hub knows them by number alone.
inline constexpr hub::FormatId flv{1};          // FLV tags, over HTTP/1.0
inline constexpr hub::FormatId ws_flv{2};       // FLV tags, each in a WebSocket frame
inline constexpr hub::FormatId rtmp{3};         // RTMP messages, chunked
inline constexpr hub::FormatId chunked_flv{4};  // FLV tags, each a chunk of an HTTP/1.1 body

// Every format of this server with the way to make its packager.
hub::Formats all_formats();

}  // namespace weir::pack
