#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/clock_unwrap.h"
#include "format/ps/picture_joiner.h"
#include "format/ps/recognise.h"
#include "format/ps/syntax.h"
#include "format/ts/elementary.h"
#include "format/ts/pes.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::ps {

struct Counts {
  std::uint64_t packs = 0;
  std::uint64_t frames = 0, key_frames = 0;
  std::uint64_t damaged = 0;        // pictures and packets that lost something and were dropped
  std::uint64_t lying_lengths = 0;  // packets longer or shorter than they say
  std::uint64_t skipped_bytes = 0;  // what stood where a start code should
  std::uint64_t other_packets = 0;  // private data, padding, streams beside the first of each kind
  std::uint64_t unknown_codec = 0;  // packets of a stream whose codec is not known, or not yet
  std::uint64_t before_key = 0;     // pictures before the first parameter sets
};

// Reads a program stream in pieces of any size: payloads of RTP packets, or parts of a file. Never fails: damage is
// counted, and behind a loss the next pack header is waited for. Takes the first video and the first audio stream.
// Everything is bounded, whatever the bytes say.
//
//   demuxer.input(payload, sent);
//   if (marker) demuxer.mark();
//   while (auto unit = demuxer.poll()) { if (unit->tracks) ...; place the time, append the frame }
class Demuxer {
 public:
  struct Options {
    std::size_t largest_picture_bytes = 8 * 1024 * 1024;
  };
  struct Unit {
    // Set on the first frame after the tracks have become others: all of them, and this frame's among them.
    std::shared_ptr<const media::Tracks> tracks;
    // Time as the stream has it, unwrapped but not repaired (media::Timeline does that).
    media::Frame frame;
  };

  Demuxer() : Demuxer(Options{}) {}
  explicit Demuxer(Options options);

  // `sent` is the time of the RTP packet, unwrapped; none: of a file. It stands in where packets have no times.
  void input(base::Bytes piece, std::optional<base::Ticks> sent = {});
  // The packet whose payload came last had RTP's marker.
  void mark();
  // Packets are missing before the next piece.
  void lose();
  // The stream is at its end: gives what a next packet would have completed.
  void finish();
  std::optional<Unit> poll();

  const media::Tracks& tracks() const { return tracks_; }
  const Counts& counts() const { return counts_; }
  // What of the stream is left out, for the log, once each: "G.722.1".
  std::optional<std::string> poll_left_out();

 private:
  // Of one kind, video or audio.
  struct Stream {
    std::optional<std::uint8_t> id, announced;  // the latter: its type in the map
    media::Codec codec = media::Codec::none;
    std::unique_ptr<ts::Elementary> elementary;
    std::shared_ptr<const media::CodecParameters> parameters;
    std::uint32_t generation = 0;
  };

  bool parse_one();
  bool parse_packet(std::uint8_t id, base::Bytes rest, std::size_t length);
  bool parse_open_packet(base::Bytes rest);
  void resynchronise(std::uint8_t id);
  void adopt_map(base::Bytes packet);
  void put_pes(base::Bytes packet);
  void put_video(const ts::PesHeader& header, base::Bytes payload);
  void put_audio(const ts::PesHeader& header, base::Bytes payload);
  void give(std::optional<PictureJoiner::Picture> picture);
  void choose(Stream& stream, media::Codec codec);
  void yield(Stream& stream, media::TrackId track, ts::AccessUnit unit);
  void rebuild_tracks();
  void leave_out(std::uint8_t type);
  std::optional<base::Ticks> sent() const;
  base::Ticks near_video(base::Ticks time);

  // owned
  base::Buffer buffer_;
  PictureJoiner joiner_;
  AudioGuess guess_;
  std::deque<Unit> ready_;
  std::deque<std::string> left_out_;

  // state
  enum class Place : std::uint8_t {
    lost,      // a pack header is looked for
    between,   // a start code comes next
    in_video,  // the payload of video that goes on to the next start code
    in_other,  // the same of something that is dropped
  } place_ = Place::lost;
  std::size_t at_ = 0;                             // in the buffer
  std::size_t scanned_ = 0;                        // how far the packet there was looked through
  std::size_t fresh_ = 0;                          // where the last piece begins in it
  std::optional<base::Ticks> sent_, sent_before_;  // of the last piece and of what stands before it
  std::optional<base::Ticks> pack_clock_;
  bool behind_pack_ = false, behind_video_ = false;
  base::ClockUnwrap clock_, pack_unwrap_;
  Stream video_, audio_;
  std::vector<MapEntry> map_;
  std::vector<ts::AccessUnit> found_;
  std::vector<std::uint8_t> told_;  // types that are left out
  std::optional<base::Ticks> newest_video_;
  base::Ticks audio_shift_{};
  media::Tracks tracks_;
  bool tracks_changed_ = false;
  std::uint32_t next_generation_ = 0;
  Counts counts_;
};

}  // namespace weir::ps
