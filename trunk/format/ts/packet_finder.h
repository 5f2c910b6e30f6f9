#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "format/ts/packet.h"

namespace weir::ts {

// Cuts a stream of bytes into transport packets: of 188 bytes, of 192 with a time stamp (M2TS), of 204 with a checksum
// (DVB) or of 208 with a longer one (ATSC). Finds the beat by four sync bytes at one of these distances, and finds it
// anew when a packet does not begin with one.
class PacketFinder {
 public:
  // Calls `take(Bytes packet)`, 188 bytes each, for every packet that is complete. Whole packets are not copied.
  template <class Take>
  void input(base::Bytes in, Take take) {
    while (!in.empty()) {
      if (kept_size_ == 0) {
        in = in.subspan(run(in, false, take));
        std::copy(in.begin(), in.end(), kept_.begin());
        kept_size_ = in.size();
        return;
      }
      const std::size_t count = std::min(in.size(), kept_.size() - kept_size_);
      std::copy_n(in.begin(), count, kept_.begin() + static_cast<std::ptrdiff_t>(kept_size_));
      const std::size_t used = run({kept_.data(), kept_size_ + count}, false, take);
      if (used >= kept_size_) {  // what was kept is done with: go on in the caller's memory
        in = in.subspan(used - kept_size_);
        kept_size_ = 0;
        continue;
      }
      kept_size_ += count;
      in = in.subspan(count);
      drop(used);
    }
  }
  // The stream is at its end: packets are taken with fewer sync bytes behind them.
  template <class Take>
  void finish(Take take) {
    drop(run({kept_.data(), kept_size_}, true, take));
    skipped_bytes_ += kept_size_;
    kept_size_ = 0;
  }

  std::size_t stride() const { return stride_; }  // 0 while not known
  std::uint64_t lost_sync() const { return lost_sync_; }
  std::uint64_t skipped_bytes() const { return skipped_bytes_; }

 private:
  static constexpr std::array<std::size_t, 4> strides{188, 192, 204, 208};
  static constexpr std::size_t beats = 4;
  static constexpr std::size_t look_ahead = 208 * (beats - 1) + 1;

  // Takes what it can and returns how many bytes are done with.
  template <class Take>
  std::size_t run(base::Bytes in, bool last, Take& take) {
    std::size_t at = 0;
    for (;;) {
      if (skip_ != 0) {  // behind a packet: time stamp of the next or checksum
        const std::size_t count = std::min(skip_, in.size() - at);
        skip_ -= count;
        at += count;
        if (skip_ != 0) return at;
      }
      if (stride_ == 0) {
        const std::size_t start = find(in.subspan(at), last);
        skipped_bytes_ += start;
        at += start;
        if (stride_ == 0) return at;
      }
      if (in.size() - at < packet_bytes) return at;
      if (in[at] != sync_byte) {
        ++lost_sync_;
        stride_ = 0;
        continue;
      }
      take(in.subspan(at, packet_bytes));
      at += packet_bytes;
      skip_ = stride_ - packet_bytes;
    }
  }
  std::size_t find(base::Bytes in, bool last);
  void drop(std::size_t count) {
    std::copy(kept_.begin() + static_cast<std::ptrdiff_t>(count),
              kept_.begin() + static_cast<std::ptrdiff_t>(kept_size_), kept_.begin());
    kept_size_ -= count;
  }

  std::array<std::uint8_t, 1024> kept_{};
  std::size_t kept_size_ = 0;
  std::size_t stride_ = 0;
  std::size_t skip_ = 0;
  std::uint64_t lost_sync_ = 0;
  std::uint64_t skipped_bytes_ = 0;
};

}  // namespace weir::ts
