#include "base/bit_reader.h"
#include "codec/aac.h"
#include "format/ts/elementary_parts.h"

// AAC in LATM/LOAS: ISO 14496-3 1.7. One program of one layer, which is what broadcasts send.
namespace weir::ts {
namespace {

using base::BitReader;
using base::Bytes;

std::uint32_t latm_value(BitReader& r) {
  const unsigned bytes = r.bits(2) + 1;
  return r.bits(8 * bytes);
}

// Moves `r` past an AudioSpecificConfig of the general audio kinds; false for others. 1.6.2.1
bool skip_configuration(BitReader& r) {
  const auto object_type = [&] {
    const std::uint32_t type = r.bits(5);
    return type == 31 ? 32 + r.bits(6) : type;
  };
  const auto rate = [&] {
    if (r.bits(4) == 15) r.skip(24);
  };
  std::uint32_t type = object_type();
  rate();
  const std::uint32_t channels = r.bits(4);
  if (type == 5 || type == 29) {
    rate();
    type = object_type();
  }
  if (type < 1 || type > 4 || channels == 0) return false;
  r.skip(1);                 // frameLengthFlag
  if (r.flag()) r.skip(14);  // coreCoderDelay
  r.skip(1);                 // extensionFlag, zero for these types
  return r.ok();
}

std::vector<std::uint8_t> copy_bits(Bytes in, std::size_t from, std::size_t count) {
  BitReader r(in);
  r.skip(from);
  std::vector<std::uint8_t> out;
  for (; count >= 8; count -= 8) out.push_back(static_cast<std::uint8_t>(r.bits(8)));
  const auto rest = static_cast<unsigned>(count);
  if (rest != 0) out.push_back(static_cast<std::uint8_t>(r.bits(rest) << (8 - rest)));
  return out;
}

class Latm final : public Elementary {
 public:
  void input(Bytes payload, const Time& said, std::vector<AccessUnit>& out) override {
    const Time time = settled(said, clock_.known(), clock_.now(configuration_.sample_rate));
    const std::size_t carried = carry_.size();
    carry_.append(payload);
    const Bytes all = carry_;
    bool timed = !time.known;
    std::size_t at = 0, end = 0;  // `end`: of the last element
    while (all.size() - at >= 3) {
      // AudioSyncStream: eleven bits 0x2b7, thirteen of length.
      if (all[at] != 0x56 || (all[at + 1] & 0xe0) != 0xe0) {
        ++at;
        ++counts_.skipped_bytes;
        continue;
      }
      const std::size_t size = static_cast<std::size_t>(all[at + 1] & 0x1f) << 8 | all[at + 2];
      if (size > all.size() - at - 3) break;
      const Bytes behind = all.subspan(at + 3 + size);
      if (!synced_ && behind.size() >= 2 && (behind[0] != 0x56 || (behind[1] & 0xe0) != 0xe0)) {  // chance
        ++at;
        ++counts_.skipped_bytes;
        continue;
      }
      if (!timed && at >= carried) {
        clock_.set(time.pts);
        timed = true;
        loss_.found(3 + size, 0);
      } else {
        const std::uint32_t lost = loss_.found(3 + size, at - end);
        clock_.advance(lost * sub_frames_ * configuration_.frame_samples);
      }
      synced_ = true;
      element(all.subspan(at + 3, size), out);
      at += 3 + size;
      end = at;
    }
    carry_.consume(at);  // less than one element of at most 8 KiB is left
    if (!timed && !carry_.empty() && at >= carried) clock_.set(time.pts);
  }
  void lose(std::size_t bytes) override {
    loss_.lose(carry_.size() + bytes);
    counts_.skipped_bytes += carry_.size();
    carry_.clear();
    synced_ = false;
  }

 private:
  // AudioMuxElement(1)
  void element(Bytes in, std::vector<AccessUnit>& out) {
    BitReader r(in);
    if (!r.flag() && !configure(r, in)) parameters_.reset();
    if (!r.ok() || !parameters_) {
      ++counts_.before_header;
      return;
    }
    for (unsigned i = 0; i < sub_frames_; ++i) {
      std::size_t size = 0;
      for (;;) {
        const std::uint32_t byte = r.bits(8);
        size += byte;
        if (byte != 255 || !r.ok()) break;
      }
      if (!r.ok() || size == 0 || size * 8 > r.left()) {
        counts_.skipped_bytes += in.size();
        return;
      }
      const auto unit = copy_bits(in, r.position(), size * 8);
      r.skip(size * 8);
      if (!clock_.known()) {
        ++counts_.without_time;
        continue;
      }
      ++counts_.units;
      out.push_back({.dts = clock_.now(configuration_.sample_rate),
                     .key = true,
                     .payload = base::SharedBytes::copy_of(unit),
                     .parameters = parameters_});
      clock_.advance(configuration_.frame_samples);
    }
  }

  // StreamMuxConfig, 1.7.3.1. False for what is not played.
  bool configure(BitReader& r, Bytes in) {
    const bool version = r.flag();
    if (version && r.flag()) return false;  // audioMuxVersionA: reserved
    if (version) latm_value(r);             // taraBufferFullness
    r.skip(1);                              // allStreamsSameTimeFraming
    const unsigned sub_frames = r.bits(6) + 1;
    if (r.bits(4) != 0 || r.bits(3) != 0) return false;  // more programs or layers
    const std::uint32_t told = version ? latm_value(r) : 0;
    const std::size_t start = r.position();
    if (version) {
      r.skip(told);
    } else if (!skip_configuration(r)) {
      return false;
    }
    const std::size_t size = r.position() - start;
    if (!r.ok() || size > 8 * 256) return false;
    const auto extradata = copy_bits(in, start, size);
    if (r.bits(3) != 0) return false;  // frameLengthType: units of variable size
    r.skip(8);                         // latmBufferFullness
    if (r.flag()) {                    // otherDataPresent
      if (version) {
        latm_value(r);
      } else {
        bool more = true;
        while (more && r.ok()) {
          more = r.flag();
          r.skip(8);
        }
      }
    }
    if (r.flag()) r.skip(8);  // crcCheckSum
    if (!r.ok()) return false;
    sub_frames_ = sub_frames;
    if (parameters_ && extradata == extradata_) return true;
    const auto parsed = codec::aac::parse_configuration(extradata);
    if (!parsed) return false;
    clock_.change_rate(configuration_.sample_rate);
    configuration_ = *parsed;
    extradata_ = extradata;
    parameters_ = described(media::Codec::aac, extradata_);
    return true;
  }

  base::Buffer carry_;
  SampleClock clock_;
  LossEstimate loss_;
  bool synced_ = true;
  codec::aac::Configuration configuration_;
  std::vector<std::uint8_t> extradata_;
  std::shared_ptr<const media::CodecParameters> parameters_;
  unsigned sub_frames_ = 1;
};

}  // namespace

std::unique_ptr<Elementary> make_latm() { return std::make_unique<Latm>(); }

}  // namespace weir::ts
