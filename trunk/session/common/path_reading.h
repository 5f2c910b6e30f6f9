#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::session {

// The other way of fill_path(): which stream a path is of that a pattern made, as "live/cam.m3u8" by
// "[app]/[stream].m3u8" is of live and cam. Where several could be, [app] is as long as can be; [stream] has no "/",
// and one that the pattern does not have stays empty. None: the pattern makes no such path.
struct NamedStream {
  std::string app, stream;
};
std::optional<NamedStream> named_by(std::string_view pattern, std::string_view vhost, std::string_view path);

}  // namespace weir::session
