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

// What identifies a stream: the name of the virtual host that the configuration chose, the application, and the stream
// without its file extension. Three fields and no joined text: an application may hold any "/", so that a text could
// stand for two streams, one of them protected. Whatever is kept by stream is kept by this.
struct StreamKey {
  std::string vhost, app, stream;
  auto operator<=>(const StreamKey&) const = default;
  // For logs and people; two streams may have the same.
  std::string display() const { return vhost + "/" + app + "/" + stream; }
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
  std::size_t operator()(const weir::base::StreamKey& key) const noexcept {
    const std::hash<std::string> hash;
    return (hash(key.vhost) * 31 + hash(key.app)) * 31 + hash(key.stream);
  }
};
