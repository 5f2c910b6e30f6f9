#pragma once

#include "config/vhost.h"

namespace weir::session::hls {

// Whether somebody may be kept from playing the streams of this virtual host: a token, an address, a page or a hook
// server decides. Limits of numbers decide about load, not about persons.
bool judges_players(const config::Vhost& vhost);

// Whether that holds for what a playlist names, too, as it does unless hls_guard is off (SRS's way). Then segments,
// parts, initialisations and keys are for those alone whom the playlist was given to: every address that a playlist
// gives away carries the id of its session, caches may not keep what it leads to, and files on the disk are not served
// as files. Else segments are anybody's.
bool guarded(const config::Vhost& vhost);

}  // namespace weir::session::hls
