#include <utility>

#include "base/byte_reader.h"
#include "codec/aac.h"
#include "codec/ac3.h"
#include "codec/mp3.h"
#include "codec/opus.h"
#include "format/ts/elementary_parts.h"
#include "media/describe.h"

namespace weir::ts {
namespace {

using base::Bytes;
using media::Codec;

// What the header at the begin of a frame says, the same for all codecs with sync words.
struct Head {
  std::size_t bytes = 0;   // the whole frame
  std::size_t offset = 0;  // of the access unit in it
  std::uint32_t samples = 0;
  std::uint32_t sample_rate = 0;
  std::uint32_t look = 0;  // another value means other parameters
};

constexpr std::size_t longest_head = 9;  // enough for each parse_head below

struct Adts {
  static base::Result<Head> parse(Bytes in) {
    TRY(const auto header, codec::aac::parse_adts_header(in));
    if (header.raw_blocks != 1) return codec::Errc::bad_parameter;  // several units behind one header: nobody sends it
    return Head{
        header.frame_bytes, header.header_bytes, 1024, header.sample_rate,
        header.sample_rate << 8 | static_cast<std::uint32_t>(header.object_type << 4) | header.channel_configuration};
  }
  static std::shared_ptr<const media::CodecParameters> describe(Codec codec, Bytes frame) {
    return described(codec, codec::aac::configuration_of_adts(frame));
  }
};

std::shared_ptr<const media::CodecParameters> described_by_frame(Codec codec, Bytes frame) {
  auto parameters = media::describe_by_frame(codec, frame);
  return std::make_shared<const media::CodecParameters>(parameters ? *std::move(parameters)
                                                                   : media::without_description(codec, {}));
}

struct Mp3 {
  static base::Result<Head> parse(Bytes in) {
    TRY(const auto header, codec::mp3::parse_frame_header(in));
    return Head{header.frame_bytes, 0, header.frame_samples, header.sample_rate,
                header.sample_rate << 4 | static_cast<std::uint32_t>(header.layer << 2) | header.channels};
  }
  // The stream type says the same for all three layers; only a frame tells which it is.
  static std::shared_ptr<const media::CodecParameters> describe(Codec, Bytes frame) {
    const auto header = codec::mp3::parse_frame_header(frame);
    return described_by_frame(header && header->layer != 3 ? Codec::mp2 : Codec::mp3, frame);
  }
};

struct Ac3 {
  static base::Result<Head> parse(Bytes in) {
    TRY(const auto header, codec::ac3::parse_frame_header(in));
    return Head{header.frame_bytes, 0, header.frame_samples, header.sample_rate,
                header.sample_rate << 4 | header.channels};
  }
  static std::shared_ptr<const media::CodecParameters> describe(Codec codec, Bytes frame) {
    return described_by_frame(codec, frame);
  }
};

template <class Format>
class Framed final : public Elementary {
 public:
  explicit Framed(Codec codec) : codec_(codec) {}

  void input(Bytes payload, const Time& said, std::vector<AccessUnit>& out) override {
    const Time time = settled(said, clock_.known(), clock_.now(rate_));
    const std::size_t carried = carry_.size();
    carry_.append(payload);
    const Bytes all = carry_;
    bool timed = !time.known;                        // the time was given away, or there is none
    std::size_t at = 0, end = 0;                     // `end`: of the last frame
    std::size_t candidate = std::string_view::npos;  // what looks like a frame that is not whole yet
    while (all.size() - at >= longest_head) {
      const auto head = Format::parse(all.subspan(at));
      if (!head || head->bytes <= head->offset) {
        synced_ = false;
        ++at;
        continue;
      }
      if (head->bytes > all.size() - at) {
        if (synced_) break;
        // Perhaps chance: nothing that is whole waits for it.
        candidate = std::min(candidate, at++);
        continue;
      }
      const Bytes behind = all.subspan(at + head->bytes);
      if (cut_ && behind.size() >= longest_head && !Format::parse(behind)) {  // chance: a frame follows a frame
        ++at;
        continue;
      }
      // ISO 13818-1 2.4.3.7: the time is that of the first unit that begins in this PES packet.
      if (!timed && at >= carried) {
        clock_.set(time.pts);
        timed = true;
        loss_.found(head->bytes, 0);
      } else {
        clock_.advance(loss_.found(head->bytes, at - end) * head->samples);
      }
      emit(*head, all.subspan(at, head->bytes), out);
      counts_.skipped_bytes += at - end;
      at += head->bytes;
      end = at;
      synced_ = true;
      cut_ = false;
      candidate = std::string_view::npos;
    }
    at = std::min(at, candidate);
    counts_.skipped_bytes += at - end;
    carry_.consume(at);
    if (carry_.size() > largest_carry) {
      counts_.skipped_bytes += carry_.size();
      carry_.clear();
    }
    // A unit that begins here and ends in the next packet has this one's time.
    if (!timed && !carry_.empty() && at >= carried) clock_.set(time.pts);
  }

  void lose(std::size_t bytes) override {
    loss_.lose(carry_.size() + bytes);
    counts_.skipped_bytes += carry_.size();
    carry_.clear();
    synced_ = false;
    cut_ = true;
  }

 private:
  static constexpr std::size_t largest_carry = 64 * 1024;

  void emit(const Head& head, Bytes frame, std::vector<AccessUnit>& out) {
    if (!clock_.known()) {
      ++counts_.without_time;
      return;
    }
    if (!parameters_ || head.look != look_) {
      clock_.change_rate(rate_);
      parameters_ = Format::describe(codec_, frame);
      look_ = head.look;
      rate_ = head.sample_rate;
    }
    ++counts_.units;
    out.push_back({.dts = clock_.now(rate_),
                   .key = true,
                   .payload = base::SharedBytes::copy_of(frame.subspan(head.offset)),
                   .parameters = parameters_});
    clock_.advance(head.samples);
  }

  Codec codec_;
  base::Buffer carry_;
  bool synced_ = false;  // a frame ended where carry_ begins
  bool cut_ = false;     // bytes were lost, and no frame was found since: what looks like one must be followed by one
  SampleClock clock_;
  LossEstimate loss_;
  std::shared_ptr<const media::CodecParameters> parameters_;
  std::uint32_t look_ = 0;
  std::uint32_t rate_ = 0;
};

class Opus final : public Elementary {
 public:
  explicit Opus(std::uint8_t channels) {
    // Codes 1 to 8 are the channels, coupled as RFC 7845 5.1.1.2 says; others tell that in bytes that nobody sends.
    if (channels >= 1 && channels <= 8)
      parameters_ = described(Codec::opus, codec::opus::build_head({.channels = channels}));
  }

  void input(Bytes payload, const Time& said, std::vector<AccessUnit>& out) override {
    const Time time = settled(said, known_, time_);
    if (time.known) time_ = time.pts;
    known_ |= time.known;
    if (std::exchange(lost_, false)) {
      if (!time.known) time_ += last_;  // the packet that was cut
      payload = behind_rest(payload);
    }
    base::ByteReader r{payload};
    while (r.left() != 0) {
      const std::size_t size = read_control_header(r);
      const Bytes packet = r.take(size);
      if (!r.ok() || packet.empty()) {
        counts_.skipped_bytes += payload.size() - (r.ok() ? r.left() : 0);
        return;
      }
      const auto told = codec::opus::parse_packet(packet);
      if (!told) continue;
      if (!parameters_) ++counts_.before_header;
      if (!known_) ++counts_.without_time;
      if (parameters_ && known_) {
        ++counts_.units;
        out.push_back(
            {.dts = time_, .key = true, .payload = base::SharedBytes::copy_of(packet), .parameters = parameters_});
      }
      time_ += told->duration;
      last_ = told->duration;
    }
  }
  void lose(std::size_t) override { lost_ = true; }

 private:
  // From the next control header on.
  static Bytes behind_rest(Bytes payload) {
    while (payload.size() >= 2 && ((payload[0] << 8 | payload[1]) & 0xffe0) != 0x7fe0) payload = payload.subspan(1);
    return payload;
  }

  // "Opus in MPEG-2 TS", opus_control_header; 0 if it is none.
  static std::size_t read_control_header(base::ByteReader& r) {
    const std::uint16_t head = r.u16();
    if ((head & 0xffe0) != 0x7fe0) return 0;
    std::size_t size = 0;
    for (;;) {
      const std::uint8_t byte = r.u8();
      size += byte;
      if (byte != 0xff) break;
    }
    if ((head & 0x10) != 0) r.skip(2);       // start trim
    if ((head & 0x08) != 0) r.skip(2);       // end trim
    if ((head & 0x04) != 0) r.skip(r.u8());  // extension
    return size;
  }

  std::shared_ptr<const media::CodecParameters> parameters_;
  base::Ticks time_{}, last_{};
  bool known_ = false, lost_ = false;
};

}  // namespace

std::shared_ptr<const media::CodecParameters> described(Codec codec, Bytes extradata) {
  const auto shared = base::SharedBytes::copy_of(extradata);
  auto parameters = media::describe(codec, shared);
  return std::make_shared<const media::CodecParameters>(parameters ? *std::move(parameters)
                                                                   : media::without_description(codec, shared));
}

std::unique_ptr<Elementary> make_adts() { return std::make_unique<Framed<Adts>>(Codec::aac); }
std::unique_ptr<Elementary> make_framed_audio(Codec codec) {
  if (codec == Codec::mp3) return std::make_unique<Framed<Mp3>>(codec);
  return std::make_unique<Framed<Ac3>>(codec);
}
std::unique_ptr<Elementary> make_opus(std::uint8_t channels) { return std::make_unique<Opus>(channels); }

std::unique_ptr<Elementary> make_elementary(const Content& content) {
  switch (content.codec) {
    case Codec::h264:
    case Codec::hevc:
      return make_video(content.codec);
    case Codec::av1:
      return make_av1();
    case Codec::aac:
      return content.latm ? make_latm() : make_adts();
    case Codec::mp3:
    case Codec::ac3:
    case Codec::eac3:
      return make_framed_audio(content.codec);
    case Codec::opus:
      return make_opus(content.channels);
    default:
      return nullptr;
  }
}

}  // namespace weir::ts
