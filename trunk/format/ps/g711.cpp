#include "format/ps/g711.h"

#include <algorithm>

#include "media/describe.h"

namespace weir::ps {

using base::Bytes;
using base::Ticks;

namespace {

constexpr std::size_t most_unit = 320;  // 40 ms
constexpr unsigned convincing = 8;      // times

Ticks duration(std::size_t samples) { return Ticks(static_cast<std::int64_t>(samples) * 90'000 / 8'000); }

}  // namespace

G711::G711(media::Codec codec) {
  auto described = media::describe_by_frame(codec, {});
  parameters_ = std::make_shared<const media::CodecParameters>(described ? *std::move(described)
                                                                         : media::without_description(codec, {}));
}

// When the first sample of the payload is heard.
void G711::place(std::size_t samples, const Time& time) {
  if (!time.known || by_samples_) {
    expected_.reset();
    return;
  }
  // 90,000 ticks or 8,000 samples a second are too far apart to be taken for each other.
  const Ticks slack(static_cast<std::int64_t>(samples / 8) + 1);
  if (expected_ && time.pts >= *expected_ - slack && time.pts <= *expected_ + slack) {
    if (++in_samples_ == convincing) by_samples_ = true;
  } else {
    in_samples_ = 0;
  }
  expected_ = time.pts + Ticks(static_cast<std::int64_t>(samples));
  if (!known_ || in_samples_ == 0) now_ = time.pts;  // else the samples so far are the better clock
  known_ = true;
}

void G711::input(Bytes payload, const Time& time, std::vector<ts::AccessUnit>& out) {
  if (payload.empty()) return;
  place(payload.size(), time);
  if (!known_) {
    ++counts_.without_time;
    return;
  }
  while (!payload.empty()) {
    const Bytes unit = payload.first(std::min(payload.size(), most_unit));
    payload = payload.subspan(unit.size());
    ++counts_.units;
    out.push_back({.dts = now_, .key = true, .payload = base::SharedBytes::copy_of(unit), .parameters = parameters_});
    now_ += duration(unit.size());
  }
}

}  // namespace weir::ps
