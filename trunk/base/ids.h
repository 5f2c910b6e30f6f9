#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weir::base {

// Eight characters [0-9a-z]: the id of a connection in logs, API answers and hooks.
struct SessionId {
  std::array<char, 8> text{};

  std::string_view view() const { return text[0] ? std::string_view(text.data(), text.size()) : std::string_view(); }
  explicit operator bool() const { return text[0] != 0; }
  static SessionId from(std::string_view text);  // empty if it is not eight characters
  auto operator<=>(const SessionId&) const = default;
};

enum class WorkerIndex : std::uint16_t {};

// What identifies a stream: "app/stream" in the default virtual host, "vhost/app/stream" in another. A file extension
// of the stream name is not part of it.
struct StreamKey {
  std::string text;
  auto operator<=>(const StreamKey&) const = default;
};

}  // namespace weir::base

template <>
struct std::hash<weir::base::SessionId> {
  std::size_t operator()(const weir::base::SessionId& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
template <>
struct std::hash<weir::base::StreamKey> {
  std::size_t operator()(const weir::base::StreamKey& key) const noexcept { return std::hash<std::string>{}(key.text); }
};
