#include "format/mp4/rates.h"

#include <algorithm>

#include "format/mp4/box.h"

namespace weir::mp4 {
namespace {

constexpr std::size_t most_of_a_second = 4'096;  // samples; of more the oldest are not counted
constexpr std::size_t box_bytes = 20;

std::uint32_t bounded(std::uint64_t rate) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(rate, UINT32_MAX));
}

}  // namespace

void RateMeter::add(const Sample& sample, std::uint32_t timescale) {
  if (all_ == 0) begin_ = sample.dts;
  end_ = sample.dts + sample.duration;
  all_ += sample.size;
  window_ += sample.size;
  second_.emplace_back(sample.dts, sample.size);
  while (sample.dts - second_.front().first >= timescale || second_.size() > most_of_a_second) {
    window_ -= second_.front().second;
    second_.pop_front();
  }
  most_ = std::max(most_, window_);
}

base::Buffer RateMeter::told_in(base::Bytes sample_entry, std::uint32_t timescale) const {
  base::Buffer out;
  const std::size_t size = sample_entry.size();
  const bool told = size >= box_bytes && base::as_text(sample_entry.subspan(size - box_bytes + 4, 4)) == "btrt";
  const bool measured = all_ != 0 && end_ > begin_;
  out.append(told && measured ? sample_entry.first(size - box_bytes) : sample_entry);
  if (!measured) return out;
  const std::uint64_t average = all_ * 8 * timescale / static_cast<std::uint64_t>(end_ - begin_);
  base::ByteWriter w(out);
  {
    BoxWriter box(w, "btrt");
    w.u32(0);  // the size of a buffer: not known
    w.u32(bounded(std::max(most_ * 8, average)));
    w.u32(bounded(average));
  }
  base::ByteWriter(out).patch32(0, out.size());
  return out;
}

}  // namespace weir::mp4
