#pragma once

#include <cstdint>

namespace weir::rtmp {

// When to tell the peer how much has arrived; 5.4.3 and 5.4.4.
class AcknowledgementWindow {
 public:
  void set_window(std::uint32_t bytes) { window_ = bytes; }
  void add(std::size_t bytes) { received_ += bytes; }
  std::uint64_t received() const { return received_; }
  // Already at half a window, since some peers stop when the whole of it is outstanding.
  bool due() const { return window_ > 0 && received_ - told_ >= (window_ + 1) / 2; }
  // The sequence number to send, modulo 2^32.
  std::uint32_t take() {
    told_ = received_;
    return static_cast<std::uint32_t>(received_);
  }

 private:
  std::uint32_t window_ = 0;  // 0: the peer did not ask
  std::uint64_t received_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace weir::rtmp
