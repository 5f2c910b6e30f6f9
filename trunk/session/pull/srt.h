#pragma once

#include "session/common/upstream/fetcher.h"
#include "session/common/upstream/srt.h"

namespace weir::session::pull {

// A transport stream by SRT: we call, are called, or meet half-way, as the URL says. `line` outlives the fetcher.
std::shared_ptr<const upstream::Fetcher> make_srt_fetcher(const upstream::SrtLine& line, config::SrtUrl url);

// upstream::Errc::bad_srt_url.
base::Result<upstream::Place> srt_place_of(const upstream::SrtLine& line, const std::string& url);

}  // namespace weir::session::pull
