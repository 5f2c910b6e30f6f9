#pragma once

#include <string>
#include <vector>

#include "format/hls/playlist.h"
#include "session/hls/segmenter.h"

namespace weir::session::hls {

// The HLS of one stream to who packages it: one playlist, or one for each track under a multivariant one. Lives on the
// stream's home worker.
class Output : public SegmentSink {
 public:
  // Of the playlist that the stream is asked for by.
  virtual const std::string& place() const = 0;
  virtual void follow(const Segmenter& segmenter) = 0;
  // The publisher left. Players stay for the next one, unless this is the `end`.
  virtual void leave(bool end) = 0;
  // What it has on the disk, below its root; none if that is to stay.
  virtual std::vector<std::string> files() const = 0;
  // Another worker goes on with the window; what it does not know of goes off the shelf.
  virtual void abandon() = 0;
  // Takes everything off the shelf, and off the disk if `files` and hls_cleanup say so.
  virtual void remove(bool files) = 0;
  virtual bool empty() const = 0;
  // How many it has numbered.
  virtual std::uint64_t segments() const = 0;
  // The multivariant playlist names these beside it.
  virtual void tell_texts(std::vector<::weir::hls::Text> texts) = 0;
};

}  // namespace weir::session::hls
