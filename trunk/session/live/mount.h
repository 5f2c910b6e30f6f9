#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/vhost.h"
#include "pack/formats.h"
#include "session/common/protocol.h"

namespace weir::session::live {

// Whether a path is one of those that a mount template names, such as "[vhost]/[app]/[stream].flv". The virtual host is
// matched elsewhere; [app] takes one or more elements, [stream] one.
bool mount_matches(std::string_view mount, std::string_view path);

// The format that a path's extension asks for, if it is one that we stream: .flv, .ts, .mp4, .aac, .mp3.
std::optional<pack::Live> format_of_path(std::string_view path);
// The live format at a path: that of the mount's extension; a mount that ends in .flv, as the default does, serves the
// other formats beside it under their own extensions.
std::optional<pack::Live> mounted_format(std::string_view mount, std::string_view path);

// Whether a player of a stream that nobody publishes waits for it, or has asked for a file that is not there: it waits
// where the mount itself puts streams (its extension, as deep as it is), and for the formats beside it in `wait_apps`,
// or everywhere if the stream can be `brought`; never for what is named as segments and recordings of the virtual host
// are.
bool may_wait(const config::Vhost& vhost, std::string_view path, bool brought = false);

std::string_view extension_of(pack::Live live);     // with the dot
std::string_view content_type_of(pack::Live live);  // what players expect
Protocol protocol_of(pack::Live live);
std::string_view title_of(pack::Live live);  // for the log: "FLV", "TS", ...

}  // namespace weir::session::live
