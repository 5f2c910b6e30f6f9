#pragma once

#include "format/flv/ingest.h"
#include "session/common/frame_publisher.h"

namespace weir::session {

// From messages to the stream: what RTMP and FLV publishers share. Counts what it had to leave out.
class FlvPublisher {
 public:
  FlvPublisher(net::Life& life, hub::Input& input);
  ~FlvPublisher();

  // One audio, video or data message. An error ends the publisher: too many messages in a row that mean nothing, or
  // Errc::tracks_change_too_often.
  base::Result<void> input(flv::TagType type, base::Millis time, const base::SharedBytes& body);

 private:
  base::Result<void> take_tracks();
  void complain(const base::ErrorCode& why, const char* where = "");

  // given
  net::Life& life_;
  bool atc_auto_;

  // owned
  flv::Ingest ingest_;
  flv::Yield yield_;
  FramePublisher publisher_;

  // state
  unsigned bad_in_a_row_ = 0;
};

}  // namespace weir::session
