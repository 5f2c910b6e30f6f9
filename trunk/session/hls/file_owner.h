#pragma once

#include <string>

#include "base/ids.h"
#include "net/http/file_mark.h"

namespace weir::session::hls {

// Whose the files of a stream's HLS and DASH are. Virtual hosts may have one hls_path and one pattern of names, as
// SRS's defaults are: then two streams have the same files by their names, and what one of them has is not the other's
// to go on with, to write over or to remove.
struct FileOwner {
  std::string text;        // as the file is marked (http::FileMark); unlike the mark of a recording
  bool kept_back = false;  // likewise

  static FileOwner of(const base::StreamKey& key, bool kept_back);
  http::FileMark mark() const { return {.owner = text, .kept_back = kept_back}; }
  // Of a file without an owner, from before there were any or on a file system that keeps none: it is kept back or not
  // as ours are. True where there is no file. Waits for the disk.
  bool has(const std::string& path) const;
};

}  // namespace weir::session::hls
