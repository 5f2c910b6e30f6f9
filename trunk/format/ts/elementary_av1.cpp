#include <algorithm>
#include <utility>

#include "codec/av1.h"
#include "format/ts/av1_units.h"
#include "format/ts/elementary_parts.h"

namespace weir::ts {
namespace {

using base::Bytes;
using base::Ticks;
using codec::av1::ObuType;

// AV1 5.9.2, uncompressed_header: show_existing_frame, two bits of frame_type, show_frame.
bool is_shown(Bytes header) { return !header.empty() && ((header[0] & 0x80) != 0 || (header[0] & 0x10) != 0); }

// A packet holds one frame with what belongs to it, or a whole temporal unit: a frame is given with the one that is
// shown next.
class Av1 final : public Elementary {
 public:
  void input(Bytes payload, const Time& time, std::vector<AccessUnit>& out) override;
  void lose(std::size_t) override { begin_unit(); }
  void mark_holes(std::span<const std::size_t> holes) override { has_hole_ = !holes.empty(); }

 private:
  void take(Bytes obus, bool& shown);
  void learn(Bytes sequence_header);
  void begin_unit() {
    unit_.clear();
    timed_ = false;
  }

  // owned
  base::Buffer unit_;  // the temporal unit that is gathered
  std::vector<std::uint8_t> sequence_header_;
  std::shared_ptr<const media::CodecParameters> parameters_;
  // state
  PictureClock clock_;
  Ticks dts_{};         // of its first frame
  bool timed_ = false;  // that is known
  bool has_hole_ = false, still_ = false;
};

void Av1::input(Bytes payload, const Time& time, std::vector<AccessUnit>& out) {
  constexpr std::size_t largest_unit = 8 * 1024 * 1024;
  // Tiles with a hole in them are no picture.
  if (std::exchange(has_hole_, false) || unit_.size() + payload.size() > largest_unit) {
    counts_.skipped_bytes += unit_.size() + payload.size();
    return begin_unit();
  }
  if (!time.known && !time.clock && !clock_.known()) {
    ++counts_.without_time;
    return begin_unit();
  }
  if (time.known) {
    clock_.set(time.dts);
  } else if (time.clock) {
    clock_.follow(*time.clock);
  } else {
    clock_.step_on();
  }
  bool shown = false;
  const std::size_t before = unit_.size();
  const bool plain = payload.size() < 3 || payload[0] != 0 || payload[1] != 0 || payload[2] != 1;
  base::Buffer obus;
  if (plain) {  // OBUs with their sizes, as some muxers have them
    obus.append(payload);
  } else {
    Av1Units units(payload);
    while (const auto unit = units.next()) append_av1_obu(*unit, obus);
  }
  take(obus, shown);
  if (unit_.size() == before && before == 0) return;
  if (!std::exchange(timed_, true)) dts_ = clock_.dts();
  if (!shown) return;
  clock_.given();
  if (!parameters_) {
    ++counts_.before_header;
    return begin_unit();
  }
  const Ticks pts = time.known ? time.pts : clock_.dts();
  ++counts_.units;
  out.push_back({.dts = dts_,
                 .composition = pts - dts_,
                 .key = codec::av1::is_key(unit_),
                 .payload = base::SharedBytes::copy_of(unit_),
                 .parameters = parameters_});
  begin_unit();
}

void Av1::take(Bytes in, bool& shown) {
  codec::av1::Obus obus(in);
  while (const auto obu = obus.next()) {
    if (obu->type == ObuType::temporal_delimiter) {
      counts_.skipped_bytes += unit_.size();  // nothing of it was shown
      begin_unit();
      continue;
    }
    if (obu->type == ObuType::tile_list || obu->type == ObuType::padding) continue;
    if (obu->type == ObuType::sequence_header) learn(obu->whole);
    if (obu->type == ObuType::frame || obu->type == ObuType::frame_header) {
      shown = shown || still_ || is_shown(obu->payload);
    }
    unit_.append(obu->whole);
  }
}

void Av1::learn(Bytes obu) {
  if (std::ranges::equal(sequence_header_, obu)) return;
  const base::Buffer record = codec::av1::build_configuration(obu);
  if (record.empty()) return;
  sequence_header_.assign(obu.begin(), obu.end());
  const auto head = codec::av1::Obus(obu).next();
  still_ = head && !head->payload.empty() && (head->payload[0] & 0x08) != 0;  // reduced_still_picture_header
  parameters_ = described(media::Codec::av1, record);
}

}  // namespace

std::unique_ptr<Elementary> make_av1() { return std::make_unique<Av1>(); }

}  // namespace weir::ts
