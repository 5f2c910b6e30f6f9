#pragma once

#include <memory>
#include <string>

#include "base/ids.h"
#include "net/http/file.h"

namespace weir::session {

// A file of the web root as it may be played, and for whom it is.
struct FileStanding {
  http::File::Status status = http::File::Status::missing;  // forbidden: it is for nobody
  std::shared_ptr<const http::File> file;                   // if it is ok
  // Of which stream it is a recording; without a virtual host where that is not known.
  base::StreamKey key{};
  bool guarded = false;  // for those alone who may play that stream
  bool counted = false;  // who plays it is one of its players, though nobody is kept from it
};

}  // namespace weir::session
