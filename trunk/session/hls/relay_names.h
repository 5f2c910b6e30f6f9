#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::session::hls {

// What an edge that relays HLS tells by the names of files and by what stands in playlists. No state.

// What a path may be of a stream's HLS, by its extension.
enum class RelayKind : std::uint8_t { none, playlist, media };
RelayKind relay_kind_of(std::string_view path);
// A live stream may go by such a name as well as a segment: "a-1.ts".
bool may_be_live(std::string_view path);

// What the files of a stream have in common: "live/cam" of "/live/cam.m3u8", "/live/cam-12.ts", "/live/cam-12.3.m4s"
// and "/live/cam/init.mp4". Of a playlist no number is taken away.
std::string relay_stem_of(std::string_view path);

// What the origin is asked: the path, coded, and of the query what changes the answer. A player's own words (tokens,
// ids) stay here, so that one answer is for all.
std::string relay_target_of(std::string_view path, std::string_view query, std::string_view vhost);

// The playlists that a multivariant playlist at `path` names, as paths; none of other servers, 64 at most.
std::vector<std::string> playlists_named_in(std::string_view text, std::string_view path);
// The playlist with one more query parameter in each address.
std::string with_own_query(std::string_view text, std::string_view query);
// EXT-X-MEDIA-SEQUENCE; 0 where there is none.
std::uint64_t media_sequence_of(std::string_view text);

// For how long an answer is kept: as Cache-Control says; a playlist that says nothing of the kind for a moment, so that
// those who ask together are told together.
std::chrono::milliseconds relay_life_of(int status, std::string_view cache_control, RelayKind kind, bool blocking);

}  // namespace weir::session::hls
