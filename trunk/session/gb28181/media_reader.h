#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "format/ps/demuxer.h"
#include "format/ts/demuxer.h"
#include "proto/rtp/reorder.h"
#include "session/common/media_sink.h"
#include "session/gb28181/raw_reader.h"

namespace weir::session::gb28181 {

// From the RTP packets of one device to the frames of a stream. What the payloads are, they themselves say: a program
// stream, a transport stream, and if neither, a single codec by its payload type; one source may mix them. No socket,
// and the clock is given.
//
//   reader.input(datagram, MediaReader::Way::udp, now);
//   if (reader.has_media()) CO_TRY_VOID(reader.drain(publisher));
class MediaReader {
 public:
  enum class Way : std::uint8_t {
    udp,  // packets are lost, and overtake one another
    tcp,  // they come in order, and what is missing the device has left out
  };
  static constexpr auto reorder_wait = std::chrono::milliseconds(50);

  // A packet that rtp::parse understood.
  void input(const rtp::Packet& packet, base::Bytes bytes, Way way, base::Instant now);
  // Packets wait for one that is missing; at that time poll() goes on without it.
  bool waits() const { return reorder_.deadline(reorder_wait).has_value(); }
  void poll(base::Instant now);
  // The source is another one, or goes on elsewhere in time: what is gathered is dropped.
  void begin_anew();

  bool has_media() const { return !ready_.empty(); }
  // Hands over what is there. What MediaSink::set_tracks says.
  base::Result<void> drain(MediaSink& sink);
  // Bytes that came since the last drain().
  std::size_t waiting_bytes() const { return waiting_bytes_; }

  struct Counts {
    std::uint64_t lost = 0, late = 0, duplicates = 0;                       // packets
    std::uint64_t frames = 0, key_frames = 0, damaged = 0, before_key = 0;  // pictures and frames
  };
  Counts counts() const;
  // What it looks like: "program stream", "transport stream", "H264", "nothing that is known".
  std::string what() const;
  // What of it is left out, once each: "G.722.1".
  std::optional<std::string> poll_left_out();

 private:
  struct Unit {
    std::shared_ptr<const media::Tracks> tracks;
    media::Frame frame;
  };
  void take(const rtp::Reorder::Ordered& packet);
  void take_container(const rtp::Packet& packet, bool after_gap);
  void take_raw(media::Codec codec, const rtp::Reorder::Ordered& packet);
  void add(media::Frame frame);
  void merge_tracks();
  void forget_order();

  // owned
  rtp::Reorder reorder_;
  std::unique_ptr<ps::Demuxer> ps_;
  std::unique_ptr<ts::Demuxer> ts_;
  std::array<std::unique_ptr<RawReader>, 2> raw_;  // video, audio
  std::deque<Unit> ready_;
  std::vector<media::Frame> found_;

  // state
  rtp::Unwrapper<std::uint32_t> clock_;
  std::optional<std::uint16_t> last_;  // by TCP
  unsigned late_in_a_row_ = 0;
  media::Tracks container_tracks_;
  std::array<media::Track, 2> raw_tracks_{};  // as they were told last
  std::shared_ptr<const media::Tracks> changed_;
  std::optional<base::Ticks> newest_;
  std::uint32_t next_raw_generation_ = 1U << 16;  // apart from those of containers
  std::size_t waiting_bytes_ = 0;
  Counts counts_, before_;  // the latter: by readers of sources that are gone
};

}  // namespace weir::session::gb28181
