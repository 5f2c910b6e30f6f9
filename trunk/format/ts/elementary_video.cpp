#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/bit_reader.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "format/ts/elementary_parts.h"
#include "media/describe.h"

namespace weir::ts {
namespace {

using base::Bytes;
using base::Ticks;
using media::Codec;

// The parameter sets of one kind by their id, the newest of each. Bounded.
class ParameterSets {
 public:
  // True if this one was not known.
  template <class IdOf>
  bool learn(Bytes nal, IdOf id_of) {
    if (nal.size() > largest_bytes) return false;
    for (const auto& set : sets_) {
      if (std::ranges::equal(set.bytes, nal)) return false;
    }
    const std::optional<std::uint32_t> id = id_of(nal);
    if (!id) return false;
    auto known = std::find_if(sets_.begin(), sets_.end(), [&](const Set& set) { return set.id == *id; });
    if (known == sets_.end()) {
      if (sets_.size() == largest_count) return false;
      known = sets_.insert(known, Set{*id, {}});
    }
    known->bytes.assign(nal.begin(), nal.end());
    return true;
  }
  std::vector<Bytes> all() const {
    std::vector<Bytes> out;
    out.reserve(sets_.size());
    for (const Set& set : sets_) out.emplace_back(set.bytes);
    return out;
  }
  bool empty() const { return sets_.empty(); }

 private:
  struct Set {
    std::uint32_t id = 0;
    std::vector<std::uint8_t> bytes;
  };
  static constexpr std::size_t largest_count = 16;
  static constexpr std::size_t largest_bytes = 4096;

  std::vector<Set> sets_;
};

template <std::size_t head>
std::optional<std::uint32_t> pps_id(Bytes nal) {
  if (nal.size() <= head) return {};
  base::BitReader r(nal.subspan(head));
  const std::uint32_t id = r.ue();
  if (!r.ok()) return {};
  return id;
}
std::optional<std::uint32_t> vps_id(Bytes nal) {
  if (nal.size() < 3) return {};
  return nal[2] >> 4;
}
template <class Result>
std::optional<std::uint32_t> id_of(const Result& sps) {
  if (!sps) return {};
  return sps->id;
}

enum class Role : std::uint8_t { delimiter, vps, sps, pps, key_picture, picture, recovery_point, other };

// ITU-T H.264 D.1: the first message of an SEI unit is a recovery point. Broadcasts without IDR pictures are entered
// there.
bool is_recovery_point(Bytes nal) { return nal.size() > 2 && nal[1] == 6; }

Role avc_role(Bytes nal) {
  const std::uint8_t type = nal[0] & 0x1f;
  if (type >= 1 && type <= 4) return Role::picture;
  switch (codec::avc::nal_type(nal[0])) {
    case codec::avc::NalType::idr:
      return Role::key_picture;
    case codec::avc::NalType::sps:
      return Role::sps;
    case codec::avc::NalType::pps:
      return Role::pps;
    case codec::avc::NalType::delimiter:
      return Role::delimiter;
    case codec::avc::NalType::sei:
      return is_recovery_point(nal) ? Role::recovery_point : Role::other;
    default:
      return Role::other;
  }
}

Role hevc_role(Bytes nal) {
  const auto type = codec::hevc::nal_type(nal[0]);
  if (codec::hevc::is_random_access(type)) return Role::key_picture;
  if (static_cast<std::uint8_t>(type) < 32) return Role::picture;
  switch (type) {
    case codec::hevc::NalType::vps:
      return Role::vps;
    case codec::hevc::NalType::sps:
      return Role::sps;
    case codec::hevc::NalType::pps:
      return Role::pps;
    case codec::hevc::NalType::delimiter:
      return Role::delimiter;
    default:
      return Role::other;
  }
}

class Video final : public Elementary {
 public:
  explicit Video(Codec codec) : codec_(codec) {}

  void input(Bytes payload, const Time& time, std::vector<AccessUnit>& out) override;
  void lose(std::size_t) override {}
  void mark_holes(std::span<const std::size_t> holes) override { holes_.assign(holes.begin(), holes.end()); }

 private:
  Role role_of(Bytes nal) const { return codec_ == Codec::h264 ? avc_role(nal) : hevc_role(nal); }
  void learn(Role role, Bytes nal);
  Bytes before_hole(Bytes payload, Bytes nal) const;
  bool behind_hole(Bytes payload, Bytes nal) const;
  bool begins_picture(Role role, Bytes nal) const;
  bool begins(Role role, Bytes nal, const Time& time) const;
  void emit(std::vector<AccessUnit>& out);
  void rebuild();
  void begin_unit() {
    units_.clear();
    has_picture_ = key_ = recovery_ = has_sps_ = false;
  }

  // given
  Codec codec_;
  // owned
  ParameterSets vps_, sps_, pps_;
  std::shared_ptr<const media::CodecParameters> parameters_;
  // state
  bool stale_ = false;  // the sets are newer than the parameters
  std::vector<Bytes> units_;
  std::vector<std::size_t> holes_;  // in the payload that comes next
  bool has_picture_ = false, key_ = false, recovery_ = false, has_sps_ = false;
  PictureClock clock_;
  Ticks composition_{};
};

void Video::input(Bytes payload, const Time& time, std::vector<AccessUnit>& out) {
  codec::nal::AnnexB nals(payload);
  begin_unit();
  bool first = true;
  composition_ = time.known ? time.pts - time.dts : Ticks{};
  if (time.known) {
    clock_.set(time.dts);
  } else if (!time.clock) {
    clock_.step_on();
  }
  while (const auto whole = nals.next()) {
    const Bytes nal = before_hole(payload, *whole);
    if (nal.empty()) continue;
    const Role role = role_of(nal);
    // Without a time it may be the rest of a picture that was begun before; such a rest has no delimiter.
    if (first && !time.known && !begins(role, nal, time)) {
      ++counts_.without_time;
      holes_.clear();
      return;
    }
    if (first && !time.known && time.clock) clock_.follow(*time.clock);
    first = false;
    if (role == Role::delimiter) {
      if (has_picture_) {  // several pictures in one PES packet: only the first has its time
        emit(out);
        clock_.step_on();
      }
      begin_unit();
      continue;
    }
    if (role == Role::vps || role == Role::sps || role == Role::pps) {
      learn(role, nal);
      has_sps_ |= role == Role::sps;
      continue;
    }
    if (has_picture_ && begins_picture(role, nal) && behind_hole(payload, nal)) {  // with its PES header went its time
      emit(out);
      clock_.step_on();
      begin_unit();
    }
    units_.push_back(nal);
    has_picture_ |= role == Role::picture || role == Role::key_picture;
    key_ |= role == Role::key_picture;
    recovery_ |= role == Role::recovery_point;
  }
  if (has_picture_) emit(out);
  holes_.clear();
}

// A slice that lost its end is shown as far as it goes; what follows the hole cannot be read before the next unit. A
// parameter set with a hole says nothing.
Bytes Video::before_hole(Bytes payload, Bytes nal) const {
  const auto begin = static_cast<std::size_t>(nal.data() - payload.data());
  for (const std::size_t hole : holes_) {
    if (hole < begin || hole >= begin + nal.size()) continue;
    const Role role = role_of(nal);
    const bool picture = role == Role::picture || role == Role::key_picture;
    return picture ? nal.first(hole - begin) : Bytes{};
  }
  return nal;
}

bool Video::behind_hole(Bytes payload, Bytes nal) const {
  const auto begin = static_cast<std::size_t>(nal.data() - payload.data());
  return !holes_.empty() && holes_.front() <= begin;
}

// H.264 7.3.3: first_mb_in_slice is zero; H.265 7.3.6.1: first_slice_segment_in_pic_flag. Either is a one bit.
bool Video::begins_picture(Role role, Bytes nal) const {
  const std::size_t head = codec_ == Codec::h264 ? 1 : 2;
  return (role == Role::picture || role == Role::key_picture) && nal.size() > head && (nal[head] & 0x80) != 0;
}

// Whether a packet without a time is a picture of its own. Encoders that tell no times at all may leave out delimiters,
// too.
bool Video::begins(Role role, Bytes nal, const Time& time) const {
  if (role == Role::delimiter) return clock_.known() || time.clock;
  return time.clock && (role == Role::vps || role == Role::sps || role == Role::pps || begins_picture(role, nal));
}

void Video::learn(Role role, Bytes nal) {
  const bool avc = codec_ == Codec::h264;
  bool news = false;
  if (role == Role::vps) news = vps_.learn(nal, vps_id);
  if (role == Role::pps) news = pps_.learn(nal, avc ? pps_id<1> : pps_id<2>);
  if (role == Role::sps) {
    news = sps_.learn(nal, [&](Bytes bytes) {
      return avc ? id_of(codec::avc::parse_sps(bytes)) : id_of(codec::hevc::parse_sps(bytes));
    });
  }
  stale_ |= news;
}

void Video::rebuild() {
  const auto sps = sps_.all(), pps = pps_.all(), vps = vps_.all();
  if (sps.empty() || pps.empty() || (codec_ == Codec::hevc && vps.empty())) return;
  const base::Buffer record = codec_ == Codec::h264 ? codec::avc::build_configuration(sps, pps)
                                                    : codec::hevc::build_configuration(vps, sps, pps);
  stale_ = false;
  if (record.empty()) return;
  parameters_ = described(codec_, record);
}

void Video::emit(std::vector<AccessUnit>& out) {
  clock_.given();
  if (stale_) rebuild();
  if (!parameters_) {
    ++counts_.before_header;
    return;
  }
  std::size_t size = 0;
  for (const Bytes unit : units_) size += 4 + unit.size();
  const base::Block block = base::Block::allocate(size);
  std::uint8_t* at = block.data();
  for (const Bytes unit : units_) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(unit.size() >> shift);
    std::memcpy(at, unit.data(), unit.size());
    at += unit.size();
  }
  ++counts_.units;
  out.push_back({.dts = clock_.dts(),
                 .composition = composition_,
                 .key = key_ || (recovery_ && has_sps_),
                 .payload = {block, block.data(), size},
                 .parameters = parameters_});
}

}  // namespace

void PictureClock::set(Ticks dts) {
  if (known_ && dts > last_ && dts - last_ < std::chrono::seconds(1)) step_ = dts - last_;
  dts_ = dts;
  known_ = true;
  clock_.reset();
}

void PictureClock::follow(Ticks clock) {
  constexpr Ticks far = std::chrono::milliseconds(500), least_step = std::chrono::milliseconds(4);
  if (clock_ && since_ > 0 && clock > *clock_ && clock - *clock_ < std::chrono::seconds(1)) {
    const Ticks mean = std::max((clock - *clock_) / since_, least_step);
    step_ += (mean - step_) / 8;
  }
  clock_ = clock;
  since_ = 0;
  const Ticks off = clock - (last_ + step_);
  const bool jumps = !std::exchange(known_, true) || off > far || off < -far;
  dts_ = jumps ? clock : std::max(last_ + step_ + off / 8, last_ + Ticks(1));
}

std::unique_ptr<Elementary> make_video(Codec codec) { return std::make_unique<Video>(codec); }

}  // namespace weir::ts
