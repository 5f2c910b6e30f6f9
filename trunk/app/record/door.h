#pragma once

#include "hub/hub.h"
#include "net/http/static_files.h"
#include "session/common/file_standing.h"

namespace weir::record {

// Who may have a file of the web root: of what was recorded of a guarded virtual host, whoever may play that stream
// (rules, tokens, hooks are asked as for a player, who is listed while it is sent to him); of the rest, anybody. Of one
// worker, with what it is given. `files` is where the disk is waited for.
http::StaticFiles::Judge make_judge(hub::Hub& hub, net::BlockingPool& files);

// The same of a file that is to be made into something else, for who makes it to ask its players. `path` is where it
// was found; `opened` with what is kept back.
net::Task<session::FileStanding> standing_of(hub::Hub& hub, net::BlockingPool& files, std::string path,
                                             http::File::Opened opened);

}  // namespace weir::record
