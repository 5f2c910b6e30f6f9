#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock_unwrap.h"
#include "format/ts/elementary.h"
#include "format/ts/packet.h"
#include "format/ts/packet_finder.h"
#include "format/ts/passage.h"
#include "format/ts/pes.h"
#include "format/ts/psi.h"
#include "media/frame.h"

namespace weir::ts {

struct PidCounts {
  Pid pid = null_pid;
  std::uint64_t packets = 0;
  std::uint64_t transport_errors = 0;  // marked by whoever received them
  std::uint64_t scrambled = 0;
  std::uint64_t malformed = 0;          // packet, section or PES header that cannot be read; wrong checksums
  std::uint64_t continuity_errors = 0;  // packets are missing
  std::uint64_t duplicates = 0;         // sent twice, which is allowed
  std::uint64_t damaged_units = 0;      // PES packets that lost something by one of these
  std::uint64_t timed_by_clock = 0;     // PES packets without a time, which got that of the program's clock
  std::uint64_t without_time = 0;       // PES packets that could not be given one
};

// Reads a transport stream in pieces of any size, with packets of 188, 192 or 204 bytes. Never fails: damage is
// counted, and a lost packet costs what it held: audio goes on with the next frame, a picture is shown as far as it
// goes. What comes without any time is played by the clock references. Plays one program: the one that is asked for,
// else the first that has something known. Everything is bounded, whatever the bytes say.
//
//   demuxer.input(piece);
//   while (auto unit = demuxer.poll()) { if (unit->tracks) ...; place the time, append the frame }
class Demuxer {
 public:
  struct Options {
    std::size_t largest_pes_bytes = 8 * 1024 * 1024;
    std::size_t largest_streams = 16;
    std::uint16_t program = 0;  // the number of the program that is played; 0: the first with something known
    bool passes = false;        // packets are kept for passage(), of a stream with one program
  };
  struct Unit {
    // Set on the first frame after the tracks have become others: all of them, and this frame's among them.
    std::shared_ptr<const media::Tracks> tracks;
    // Time as the stream has it, unwrapped but not repaired (media::Timeline does that).
    media::FrameRef frame;
  };

  Demuxer() : Demuxer(Options{}) {}
  explicit Demuxer(Options options);

  void input(base::Bytes in);
  // The stream is at its end: gives what a next packet would have completed.
  void finish();
  std::optional<Unit> poll();

  // What goes on as it came; whoever asks for it takes its pieces.
  Passage& passage() { return passage_; }
  const Passage& passage() const { return passage_; }
  // The time of what came last, as frames have it; none yet.
  std::optional<base::Ticks> newest() const { return newest_; }
  // Streams of the program that cannot be played are not among them.
  const media::Tracks& tracks() const { return tracks_; }
  // Numbers of the programs that the last table named, at most 16.
  const std::vector<std::uint16_t>& programs() const { return programs_; }
  // Tables, streams of the program, and up to 32 others.
  const std::vector<PidCounts>& counts() const { return counts_; }
  std::uint64_t lost_sync() const { return finder_.lost_sync(); }
  std::uint64_t skipped_bytes() const { return finder_.skipped_bytes(); }
  std::optional<std::uint64_t> pcr() const { return pcr_; }  // the last one of the program, 27 MHz
  std::size_t packet_size() const { return finder_.stride(); }

 private:
  struct Pmts {
    Pid pid = null_pid;
    SectionJoiner sections;
  };
  struct Stream {
    Pid pid = null_pid;
    PmtStream announced;
    media::TrackId track{};
    std::unique_ptr<Elementary> elementary;
    std::shared_ptr<const media::CodecParameters> parameters;
    std::uint32_t generation = 0;
    base::Buffer pes;
    std::size_t goal = 0;  // bytes of the PES packet with its header, if it says so
    bool collecting = false;
    bool headless = false;           // packets were lost, and what is gathered has no PES header
    std::vector<std::size_t> holes;  // where in `pes`, of video
    // What has no time is played by the clock.
    std::optional<std::uint64_t> began;  // the clock when `pes` did, 33 bits, if it was told anew since the one before
    std::uint64_t references = 0;        // how often the clock had been told then
    bool timed = false;                  // some packet had a time, or got one
    bool by_clock = false;               // the last one got it
    unsigned since_clock = 0;            // packets without a time since,
    unsigned untimed = 0;                // and since one that had its own
  };
  struct Data {  // of media::Codec::ts_data
    Pid pid = null_pid;
    PmtStream announced;
    media::TrackId track{};
    std::shared_ptr<const media::CodecParameters> parameters;
    base::Buffer pes;
    bool collecting = false;
  };
  struct Cues {  // SCTE 35
    Pid pid = null_pid;
    SectionJoiner sections;
  };
  struct Continuity {
    std::uint8_t last = 0;
    bool started = false;
    std::array<std::uint8_t, 4> tail{};  // of the payload: a duplicate has the same
  };

  void packet(base::Bytes bytes);
  void pass(base::Bytes bytes, const Packet* packet);
  std::size_t slot_of(Pid pid);
  bool continuous(const Packet& packet, std::size_t slot);
  void read_pat(base::Bytes section, PidCounts& counts);
  void read_pmt(Pid pid, base::Bytes section, PidCounts& counts);
  void adopt(const Pmt& pmt);
  void adopt_cues(const Pmt& pmt);
  void read_cue(base::Bytes section, PidCounts& counts);
  void adopt_data(const Pmt& pmt);
  Data* data_of(Pid pid);
  void collect_data(Data& data, const Packet& packet, PidCounts& counts);
  void give_data(Data& data, PidCounts& counts);
  void give(media::Frame frame);
  void tell_clock(std::uint64_t pcr);
  void learn_lead(const Stream& stream, std::uint64_t dts);
  bool time_by_clock(Stream& stream, Elementary::Time& time, PidCounts& counts);
  Stream* stream_of(Pid pid);
  void collect(Stream& stream, const Packet& packet, PidCounts& counts);
  void complete(Stream& stream, PidCounts& counts);
  void lose(Pid pid, PidCounts& counts, std::size_t packets);
  void lose(Stream& stream, PidCounts& counts, std::size_t packets);
  void yield(Stream& stream, AccessUnit unit);
  media::TrackId free_track(media::Kind kind) const;
  void rebuild_tracks();

  // given
  Options options_;
  // owned
  PacketFinder finder_;
  SectionJoiner pat_sections_;
  std::vector<Pmts> pmts_;
  std::vector<std::uint16_t> programs_;
  std::vector<Stream> streams_;
  std::vector<Cues> cues_;
  std::vector<Data> data_;
  std::deque<Unit> ready_;
  Passage passage_;
  // state
  media::Tracks tracks_;
  bool tracks_changed_ = false;
  std::uint32_t next_generation_ = 0;
  std::optional<Pid> program_pid_;  // of the program map that is played
  Pid pcr_pid_ = null_pid;
  std::optional<std::uint64_t> pcr_;
  std::uint64_t references_ = 0;      // how often it was told
  std::optional<std::int64_t> lead_;  // of what has times before its clock, 90 kHz; the mean of the last ones
  base::ClockUnwrap clock_{clock_bits};
  std::optional<base::Ticks> newest_;  // of what came last
  std::vector<AccessUnit> found_;
  std::vector<PidCounts> counts_;
  std::vector<Continuity> continuity_;      // beside counts_
  std::array<std::uint8_t, 8192> slots_{};  // PID to index in counts_, plus one
};

}  // namespace weir::ts
