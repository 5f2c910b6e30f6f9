#include "proto/rtp/pack_h26x.h"

#include <algorithm>
#include <vector>

#include "base/bit_reader.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"

namespace weir::rtp {

using base::Bytes;

namespace {

namespace avc = codec::avc;
namespace hevc = codec::hevc;

// What differs between the two: the size of the NAL header, and the headers of aggregates and fragments.
struct Avc {
  static constexpr std::size_t header = 1;
  static constexpr std::uint8_t aggregate = 24, fragment = 28;

  static bool left_out(Bytes nal) {
    const auto type = avc::nal_type(nal[0]);
    return type == avc::NalType::delimiter || type == avc::NalType::filler;
  }
  static bool is_parameter_set(Bytes nal) {
    const auto type = avc::nal_type(nal[0]);
    return type == avc::NalType::sps || type == avc::NalType::pps;
  }
  static bool is_small(Bytes nal) { return is_parameter_set(nal) || avc::nal_type(nal[0]) == avc::NalType::sei; }
  static void write_aggregate_header(base::Buffer& out, const std::vector<Bytes>& nals) {
    unsigned importance = 0;
    for (const Bytes nal : nals) importance = std::max(importance, nal[0] & 0x60U);
    out.append(static_cast<std::uint8_t>(importance | aggregate));
  }
  static void write_fragment_header(base::Buffer& out, Bytes nal, bool first, bool last) {
    out.append(static_cast<std::uint8_t>((nal[0] & 0xe0) | fragment));
    out.append(static_cast<std::uint8_t>((first ? 0x80 : 0) | (last ? 0x40 : 0) | (nal[0] & 0x1f)));
  }
};

struct Hevc {
  static constexpr std::size_t header = 2;
  static constexpr std::uint8_t aggregate = 48, fragment = 49;

  static bool left_out(Bytes nal) {
    const unsigned type = static_cast<unsigned>(hevc::nal_type(nal[0]));
    return hevc::nal_type(nal[0]) == hevc::NalType::delimiter || type == 38;  // filler data
  }
  static bool is_parameter_set(Bytes nal) {
    const auto type = hevc::nal_type(nal[0]);
    return type == hevc::NalType::vps || type == hevc::NalType::sps || type == hevc::NalType::pps;
  }
  static bool is_small(Bytes nal) {
    return is_parameter_set(nal) || hevc::nal_type(nal[0]) == hevc::NalType::prefix_sei;
  }
  static void write_aggregate_header(base::Buffer& out, const std::vector<Bytes>&) {
    out.append(std::uint8_t{aggregate << 1});
    out.append(std::uint8_t{1});  // layer 0, temporal id 0
  }
  static void write_fragment_header(base::Buffer& out, Bytes nal, bool first, bool last) {
    out.append(static_cast<std::uint8_t>((nal[0] & 0x81) | fragment << 1));
    out.append(nal[1]);
    const unsigned type = nal[0] >> 1 & 0x3fU;
    out.append(static_cast<std::uint8_t>((first ? 0x80 : 0) | (last ? 0x40 : 0) | type));
  }
};

template <class Codec>
class H26xPacker {
 public:
  H26xPacker(std::size_t most, Payloads& out) : most_(most), out_(out) {}

  void add(Bytes nal) {
    if (nal.size() <= Codec::header || Codec::left_out(nal)) return;
    // Small ones wait to be joined; a picture goes alone, so that its parts can be of one size.
    if (!Codec::is_small(nal) || Codec::header + waiting_bytes_ + 2 + nal.size() > most_) flush();
    if (!Codec::is_small(nal) || nal.size() + Codec::header + 2 > most_) return send(nal);
    waiting_.push_back(nal);
    waiting_bytes_ += 2 + nal.size();
  }
  void flush() {
    if (waiting_.size() == 1) send(waiting_[0]);
    if (waiting_.size() > 1) {
      const std::size_t begin = out_.bytes.size();
      Codec::write_aggregate_header(out_.bytes, waiting_);
      for (const Bytes nal : waiting_) {
        out_.bytes.append(static_cast<std::uint8_t>(nal.size() >> 8));
        out_.bytes.append(static_cast<std::uint8_t>(nal.size()));
        out_.bytes.append(nal);
      }
      close(begin);
    }
    waiting_.clear();
    waiting_bytes_ = 0;
  }

 private:
  void send(Bytes nal) {
    if (nal.size() <= most_) return out_.add(nal);
    const Bytes body = nal.subspan(Codec::header);
    const auto [parts, part_bytes] = divide(body.size(), most_ - Codec::header - 1);
    for (std::size_t i = 0; i < parts; ++i) {
      const std::size_t begin = out_.bytes.size(), at = i * part_bytes;
      Codec::write_fragment_header(out_.bytes, nal, i == 0, i + 1 == parts);
      out_.bytes.append(body.subspan(at, std::min(part_bytes, body.size() - at)));
      close(begin);
    }
  }
  void close(std::size_t begin) { out_.sizes.push_back(static_cast<std::uint16_t>(out_.bytes.size() - begin)); }

  const std::size_t most_;
  Payloads& out_;
  std::vector<Bytes> waiting_;
  std::size_t waiting_bytes_ = 0;
};

template <class Codec>
bool pack(const AccessUnit& unit, std::size_t most, Payloads& out) {
  H26xPacker<Codec> packer(most, out);
  if (unit.key) {
    bool in_band = false;
    codec::nal::LengthPrefixed look(unit.bytes, unit.nal_length_bytes);
    while (const auto nal = look.next()) in_band = in_band || Codec::is_parameter_set(*nal);
    if (!in_band) {
      for (const Bytes set : unit.parameter_sets) packer.add(set);
    }
  }
  codec::nal::LengthPrefixed nals(unit.bytes, unit.nal_length_bytes);
  while (const auto nal = nals.next()) packer.add(*nal);
  packer.flush();
  return nals.ok();
}

}  // namespace

bool pack_avc(const AccessUnit& unit, std::size_t most, Payloads& out) { return pack<Avc>(unit, most, out); }
bool pack_hevc(const AccessUnit& unit, std::size_t most, Payloads& out) { return pack<Hevc>(unit, most, out); }

bool is_bidirectional_avc(Bytes access_unit, unsigned nal_length_bytes) {
  codec::nal::LengthPrefixed nals(access_unit, nal_length_bytes);
  bool any = false;
  while (const auto nal = nals.next()) {
    const auto type = avc::nal_type((*nal)[0]);
    if (type == avc::NalType::idr) return false;
    if (type != avc::NalType::slice && (static_cast<unsigned>(type) != 2)) continue;
    base::BitReader r{nal->subspan(1, std::min<std::size_t>(nal->size() - 1, 16))};
    (void)r.ue();  // first_mb_in_slice
    const auto slice_type = r.ue();
    if (!r.ok() || slice_type % 5 != 1) return false;
    any = true;
  }
  return any;
}

}  // namespace weir::rtp
