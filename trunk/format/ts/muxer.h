#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "format/audio_timing.h"
#include "format/ts/access_unit.h"
#include "format/ts/packet.h"
#include "format/ts/psi.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::ts {

// Makes a transport stream of frames. One for each output; single-threaded. Continuity counters run on for its whole
// life, so that segments cut from it follow one another. Writes into memory of the caller and allocates nothing per
// frame, but for references to audio that it holds.
//
//   muxer.set_tracks(tracks);
//   muxer.begin_segment();
//   const auto room = slab.reserve(muxer.bound(frame));
//   const auto wire = slab.commit(muxer.write(frame, room));
class Muxer {
 public:
  struct Options {
    // The tables come at each start of a segment, before key frames, and otherwise this far apart; a newcomer in the
    // middle waits so long. Each time costs 376 bytes. Never closer than 100 ms but at the start of a segment.
    base::Ticks table_interval = std::chrono::seconds(1);
    base::Ticks pcr_interval = std::chrono::milliseconds(40);  // ISO 13818-1 2.7.2 allows 100 ms
    // Audio frames are gathered into one PES packet for so long: small frames alone leave half their last packet empty.
    // With zero each goes at once.
    base::Ticks audio_hold = std::chrono::milliseconds(200);
    // The clock says when a frame arrives, so long before it is due; at least audio_hold and a little.
    base::Ticks pcr_lead = std::chrono::milliseconds(200);
    // Added to all times, so that a clock of a stream that begins at zero does not begin below.
    base::Ticks offset = std::chrono::seconds(1);
    Pid pmt_pid = 0x1001, first_video_pid = 0x100, first_audio_pid = 0x101, first_data_pid = 0x180;
    Pid metadata_pid = 0x1f0, cue_pid = 0x1f1;
  };
  static constexpr std::size_t largest_tracks = 16;
  static constexpr std::size_t largest_audio_pes = 16 * 1024;  // of gathered audio

  Muxer() : Muxer(Options{}) {}
  explicit Muxer(Options options);

  // The tracks from the next frame on; those that a transport stream cannot carry are left out. If the program map
  // becomes another, its version grows and it is written before the next frame. Held audio of a track that changes
  // should be flushed first: it is written with the new parameters, and lost if they cannot carry it.
  void set_tracks(const media::Tracks& tracks);
  bool carries(media::TrackId id) const;

  // The tables and a clock reference come before the next frame. Flush first: what is held belongs to the segment
  // before.
  void begin_segment() { tables_due_ = clock_due_ = true; }
  // The time of the next frame does not follow from the one before; also begins a segment. Found by the muxer itself
  // where a track goes back by more than a second or all go ahead by more than ten. 2.4.3.5
  void begin_discontinuity();
  // For a reader that skipped what lies before the segment that begins now: the tables, and for each stream a packet
  // that says that its counter may jump here. Before begin_segment() and the next frame.
  base::Buffer resumption() const;

  // The most that write() may need for this frame.
  std::size_t bound(const media::Frame& frame) const;
  // Writes the frame, or holds it, and whatever is due before it. Returns how much of `out` is filled, a multiple of
  // 188; nothing for a frame of an unknown track or without content.
  std::size_t write(const media::Frame& frame, base::MutableBytes out);
  // The same for held audio.
  std::size_t flush_bound() const;
  std::size_t flush(base::MutableBytes out);

  // Appends to a growing buffer.
  void append(const media::Frame& frame, base::Buffer& out);
  void append_flush(base::Buffer& out);
  // Timed metadata: a tag of ID3 for this moment, at most id3::largest_tag_bytes. The program map names its stream from
  // the first one on. Nothing without another stream.
  void append_metadata(base::Ticks at, base::Bytes tag, base::Buffer& out);
  // A section of SCTE 35 about this moment, which is written into it by our clock. The program map names its stream
  // from the first one on, or where a track says that there will be some. Nothing without another stream.
  void append_cue(base::Ticks at, base::Bytes section, base::Buffer& out);
  // A PES packet of media::Codec::ts_data, with its times by our clock. Nothing without another stream.
  void append_data(const media::Frame& frame, base::Buffer& out);

 private:
  struct Stream {
    media::TrackId id{};
    Pid pid = null_pid;
    std::uint8_t stream_id = 0;
    std::uint8_t continuity = 0;
    AccessUnitWriter unit;
    format::AudioTiming timing;
    // audio that waits to share a PES packet
    std::vector<base::SharedBytes> held;
    std::size_t held_bytes = 0;
    base::Ticks held_since{}, held_until{};
    // its own pace
    bool begun = false;
    base::Ticks last{};        // when its newest frame is decoded
    base::Ticks shift{};       // so much earlier than it says, for pictures that are shown before that
    base::Ticks lag{};         // the most that others were ahead when one of its frames came
    base::Ticks step{};        // the least distance of its frames lately
    std::uint32_t frames = 0;  // as far as that counts
  };
  struct Data {  // of media::Codec::ts_data
    media::TrackId id{};
    Pid pid = null_pid;
    PmtStream announced;
    std::uint8_t continuity = 0;
  };
  // A place in the caller's memory.
  struct Out {
    std::uint8_t* at;
    std::uint8_t* end;
  };

  Stream* find(media::TrackId id);
  const Stream* find(media::TrackId id) const;
  Pid pid_of(media::TrackId id, Pid wanted);
  void set_data(const media::Tracks& tracks, std::vector<PmtStream>& program);
  static void take_held(Stream& from, Stream& to);
  void announce();
  std::uint64_t clock(base::Ticks time) const;
  void restart();
  base::Ticks decoded_at(Stream& stream, const media::Frame& frame);
  base::Ticks goal() const;
  // Of tables and a clock reference before a PES packet.
  std::size_t due_bound() const { return pat_.size() + pmt_.size() + packet_bytes; }
  std::size_t catch_up_bound(base::Ticks dts) const;
  void write_tables(Out& out);
  void write_due(Out& out, const Stream& next, bool key);
  void write_clock(Out& out, base::Ticks time);
  void catch_up(Out& out, const Stream& next);
  void hold(Out& out, Stream& stream, const media::Frame& frame, std::size_t bytes);
  void write_held(Out& out, Stream& stream);
  void write_stale(Out& out, base::Ticks now);
  void write_video(Out& out, Stream& stream, const media::Frame& frame, base::Ticks dts, std::size_t bytes);
  PacketHead head_of(const Stream& stream, bool key);

  // given
  Options options_;
  // owned
  std::vector<Stream> streams_;
  std::vector<Data> data_;
  base::Buffer pat_, pmt_;  // as packets; their continuity is written each time
  // state
  std::size_t clock_stream_ = 0;  // whose PID has the clock references
  std::vector<PmtStream> announced_;
  std::uint8_t version_ = 0;
  std::uint8_t pat_continuity_ = 0, pmt_continuity_ = 0, metadata_continuity_ = 0, cue_continuity_ = 0;
  bool has_metadata_ = false, has_cues_ = false;
  std::vector<std::pair<media::TrackId, Pid>> assigned_;  // a track keeps its PID
  std::vector<std::pair<Pid, std::uint8_t>> counters_;    // of PIDs that may come back
  bool tables_due_ = true;
  bool clock_due_ = true;
  bool discontinuity_ = false;
  base::Ticks started_at_{}, newest_{};       // of all streams, since the last discontinuity
  const Stream* in_hand_ = nullptr;           // whose newest frame is being written: it is not behind the clock yet
  bool running_ = false;                      // a frame came since
  bool clock_runs_ = false;                   // a reference was written since
  base::Ticks last_tables_{}, last_clock_{};  // by the clock, which is the frames' time less its lead
};

}  // namespace weir::ts
