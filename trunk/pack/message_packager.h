#pragma once

#include <map>
#include <vector>

#include "base/slab.h"
#include "format/flv/body_writer.h"
#include "hub/packager.h"
#include "pack/entries.h"

namespace weir::pack {

// What FLV and RTMP have in common: the same message bodies (FLV tag bodies), framed differently. A message is
// serialised once, into a slab, so that neighbours leave in one send.
class MessagePackager : public hub::Packager {
 public:
  struct Drop {
    bool audio = false, video = false;  // kinds that this format leaves out altogether
  };

  // Tracks beside the main ones: plain messages name no track.
  enum class Further : std::uint8_t { left_out, multitrack };

  void set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) final;
  void package(const media::Frame& frame, bool entry, std::vector<hub::Wire>& out) final;
  bool carries_media() const final;

 protected:
  explicit MessagePackager(Drop drop, Further further = Further::left_out) : drop_(drop), further_(further) {}
  const media::Tracks& tracks() const { return tracks_; }

  // What every setup begins with, if anything.
  virtual base::Bytes preamble() const { return {}; }
  // The size of a framed message, and the message itself in exactly that room. `head` and `payload` are its body.
  virtual std::size_t framed_bytes(flv::TagType type, base::Ticks time, std::size_t body_bytes) const = 0;
  virtual void write_framed(base::MutableBytes room, flv::TagType type, base::Ticks time, base::Bytes head,
                            base::Bytes payload) const = 0;

 private:
  struct Lane {
    media::Track track;
    flv::BodyWriter writer;
  };
  const Lane* lane(media::TrackId id) const;
  flv::WireOptions options_of(const media::Track& track) const;
  bool carries(const media::Track& track) const;
  base::Bytes metadata();
  base::SharedBytes frame_body(flv::TagType type, base::Ticks time, base::Bytes head, base::Bytes payload);
  base::SharedBytes setup(base::Ticks time);

  // given
  Drop drop_;
  Further further_;

  // owned
  base::Slab slab_;
  media::Tracks tracks_;
  std::vector<Lane> lanes_;
  Entries sound_entries_;  // where newcomers start when the picture is left out; else on the stream's own entries
  base::Buffer metadata_;  // body of onMetaData as it is sent, with the server's name

  // state
  base::Ticks last_dts_{};
  bool started_ = false;
};

}  // namespace weir::pack
