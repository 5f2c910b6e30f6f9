#pragma once

#include <memory>
#include <string>

#include "config/rist_url.h"
#include "net/life.h"
#include "net/names.h"
#include "net/rist/link.h"
#include "session/common/upstream/tls_clients.h"

namespace weir::session::upstream {

// A worker's way to RIST, and to the names of those that it calls. Outlives whatever is opened by it.
struct RistLine {
  net::RistLibrary& library;
  net::Names& names;
};

// The address that is called or listened at; a host by name is looked up anew each time, and asked about as whatever
// is dialled (reach.h). Of several places those that are not found are left out, if one is. net::Errc::timed_out,
// Errc::leads_inside; `why` says which step it was.
net::Task<base::Result<net::RistSettings>> rist_settings(const RistLine& line, const config::RistUrl& url,
                                                         const Trust& trust, std::string& why);

// "ADDRESS:PORT, ADDRESS:PORT"
std::string rist_addresses(const net::RistSettings& settings);

// How long who is called may take to answer.
inline constexpr std::chrono::seconds rist_answer_limit{5};

}  // namespace weir::session::upstream
