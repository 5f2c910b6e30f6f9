#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace weir::session::gb28181 {

// The SSRCs that devices are asked to send with: ten decimal digits, of which the first is 0 for live and 1 for
// history, five come from the domain, and four are ours to give: 10,000 at a time.
class SsrcPool {
 public:
  // `domain`: of this server; its digits 4 to 8 count.
  explicit SsrcPool(const std::string& domain);

  // Gives its number back when it goes. The pool outlives it.
  class Ssrc {
   public:
    Ssrc(Ssrc&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), serial_(other.serial_), text_(std::move(other.text_)) {}
    Ssrc& operator=(Ssrc&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(serial_, other.serial_);
      std::swap(text_, other.text_);
      return *this;
    }
    ~Ssrc() {
      if (pool_) pool_->used_.reset(serial_);
    }
    const std::string& text() const { return text_; }  // for y=
    std::uint32_t value() const;                       // on the wire

   private:
    friend class SsrcPool;
    Ssrc(SsrcPool& pool, std::size_t serial, std::string text)
        : pool_(&pool), serial_(serial), text_(std::move(text)) {}
    SsrcPool* pool_;
    std::size_t serial_;
    std::string text_;
  };
  // None if all are in use. A number that was given back is the last to be given again: a device that goes on after BYE
  // is not taken for another.
  std::optional<Ssrc> take(bool history);
  std::size_t in_use() const { return used_.count(); }

 private:
  static constexpr std::size_t serials = 10'000;
  std::string middle_;
  std::bitset<serials> used_;
  std::size_t next_ = 1;
};

}  // namespace weir::session::gb28181
