#include "hub/source.h"

// Packets of a transport stream that go out as they came, beside the frames that are made of them.
namespace weir::hub {

namespace {

constexpr base::Ticks packets_silence = std::chrono::seconds(1);  // then the frames are what there is

}  // namespace

// Those of an input that was cut into go out from where a receiver may begin.
void Source::append_packets(const media::FrameRef& packets) {
  if (!packets_at_ || packets->generation != packets_of_) {
    if (!packets->key) return;
    packets_of_ = packets->generation;
    packets_.forget_entry();
  }
  packets_at_ = packets->dts;
  for (const auto& line : lines_) {
    if (!line->packager->takes_packets()) continue;
    scratch_.clear();
    line->packager->package(*packets, packets->key, scratch_);
    hand_out(*line, scratch_);
  }
  packets_.append(packets, packets->payload.size(), packets->dts, packets->key);
  packets_.trim(packets_.head());
}

// Whether a newcomer may begin with them.
bool Source::packets_flow() const {
  return packets_at_ && packets_.entry_point() && newest_ - *packets_at_ < packets_silence;
}

void Source::replay(Line& line, const Log<media::FrameRef>& from) {
  const auto start = from.entry_point();
  if (!start) return;
  for (auto position = *start; position < from.head(); ++position) pass_to(line, from.at(position), position == *start);
}

}  // namespace weir::hub
