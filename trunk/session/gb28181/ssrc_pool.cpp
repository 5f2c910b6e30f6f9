#include "session/gb28181/ssrc_pool.h"

#include <fmt/format.h>

#include "base/text.h"

namespace weir::session::gb28181 {

SsrcPool::SsrcPool(const std::string& domain) {
  for (std::size_t i = 3; i < 8; ++i) {
    const char digit = i < domain.size() ? domain[i] : '0';
    middle_ += digit >= '0' && digit <= '9' ? digit : '0';
  }
}

std::uint32_t SsrcPool::Ssrc::value() const {
  return static_cast<std::uint32_t>(base::parse_number(text_).value_or(0));  // below 2,000,000,000
}

std::optional<SsrcPool::Ssrc> SsrcPool::take(bool history) {
  for (std::size_t tried = 0; tried < serials; ++tried) {
    const std::size_t serial = next_;
    next_ = (next_ + 1) % serials;
    if (used_.test(serial)) continue;
    used_.set(serial);
    return Ssrc(*this, serial, fmt::format("{}{}{:04}", history ? 1 : 0, middle_, serial));
  }
  return std::nullopt;
}

}  // namespace weir::session::gb28181
