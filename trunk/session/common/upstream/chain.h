#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "session/common/frame_publisher.h"
#include "session/common/upstream/attempt.h"

namespace weir::session::upstream {

// The stream of an attempt, made of one file after another: each has readers of its own, whose generations of tracks
// begin anew. What has the same parameters as before goes on as the same track. Part of a fetcher's task.
//
//   Chain chain(attempt);
//   for (each file) {
//     CO_TRY_VOID(co_await chain.open(protocol));   // once media came
//     ... set_tracks(), put() ...
//   }
class Chain final : public MediaSink {
 public:
  explicit Chain(Attempt& attempt) : attempt_(attempt) {}
  Chain(const Chain&) = delete;

  // The stream is published, if it is not yet. What Hub::publish says, which no other file would change.
  net::Task<base::Result<void>> open(hub::ProtocolId protocol);
  bool is_open() const { return publisher_.has_value(); }
  bool refused() const { return refused_; }

  base::Result<void> set_tracks(media::Tracks tracks) override;
  void expect(media::TrackProbe::Expected expected) override { publisher_->expect(expected); }
  using MediaSink::put;
  void put(std::span<media::Frame> frames) override;
  void complain(const std::string& what) override { publisher_->complain(what); }

 private:
  // given
  Attempt& attempt_;

  // owned
  std::optional<FramePublisher> publisher_;

  // state
  std::map<media::TrackId, media::Track> told_;  // with generations of the stream
  bool refused_ = false;
};

}  // namespace weir::session::upstream
