#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "config/vhost.h"
#include "hub/fit.h"
#include "hub/wire.h"
#include "media/frame.h"

namespace weir::hub {

// Turns frames into the wire bytes of one format: one for each source and format, made when the first reader comes,
// whatever the number of readers. Lives on the source's worker.
class Packager {
 public:
  virtual ~Packager() = default;
  // The tracks as they are from the next frame on. Appends what running players must hear of the change, if anything.
  virtual void set_tracks(const media::Tracks& tracks, std::vector<Wire>& out) = 0;
  // Appends the frame's message or messages; none if the format cannot carry it. `entry`: a newcomer may start here, so
  // the first message carries `setup`.
  virtual void package(const media::Frame& frame, bool entry, std::vector<Wire>& out) = 0;
  // Nothing more comes for now: appends what was held back.
  virtual void end(std::vector<Wire>& out) { (void)out; }
  // Whether any of the tracks has a place in this format.
  virtual bool carries_media() const = 0;
  // How sound of this codec suits the format: where the stream has it in several codecs, or could have it made, the one
  // that suits best is told by set_tracks, as the main sound. Does not change.
  virtual Fit fit(media::Codec audio) const { return usual_fit(audio); }
  // Whether frames of all tracks come in the order of time, though sound that is made here comes a moment later than
  // the picture; else each as soon as it is there.
  virtual bool in_step() const { return true; }
  // Whether it takes packets of a transport stream as they came (media::Codec::ts_packets), and what to do with them
  // and with the frames that were made of them is its matter.
  virtual bool takes_packets() const { return false; }
  // What every reader is sent once, before anything else (the FLV file header); may be empty.
  virtual base::SharedBytes header() const = 0;
};

using PackagerFactory = std::function<std::unique_ptr<Packager>(const config::Vhost&)>;

// Which formats exist. Filled in main, then read by all workers.
using Formats = std::map<FormatId, PackagerFactory>;

}  // namespace weir::hub
