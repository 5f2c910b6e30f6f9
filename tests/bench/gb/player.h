#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "gb/local.h"

namespace weir::bench {

// Asks for a stream by HTTP-FLV and looks for the first picture of it.
class FlvPlayer {
 public:
  FlvPlayer(std::uint16_t port, const std::string& path) : socket_(connected(port)) {
    const std::string request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
    (void)!::write(socket_, request.data(), request.size());
  }
  ~FlvPlayer() { ::close(socket_); }
  FlvPlayer(const FlvPlayer&) = delete;

  enum class State : std::uint8_t { waiting, picture, ended };
  // Reads what has come, without waiting.
  State step() {
    char room[65'536];
    for (;;) {
      const ssize_t count = ::recv(socket_, room, sizeof room, MSG_DONTWAIT);
      if (count == 0) return state_ == State::picture ? state_ : state_ = State::ended;
      if (count < 0) return state_;
      if (state_ != State::waiting) continue;
      bytes_.append(room, static_cast<std::size_t>(count));
      look();
    }
  }

 private:
  // E.3: a head of 9 bytes, and lengths of 4 bytes between tags.
  void look() {
    if (at_ == 0) {
      const auto end = bytes_.find("\r\n\r\n");
      if (end == std::string::npos || bytes_.size() < end + 4 + 13) return;
      at_ = end + 4 + 13;
    }
    while (bytes_.size() >= at_ + 11) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes_[at_ + i]); };
      const std::size_t size = std::size_t{byte(1)} << 16 | std::size_t{byte(2)} << 8 | byte(3);
      if (bytes_.size() < at_ + 11 + size) return;
      if (byte(0) == 9 && size > 2 && byte(12) == 1) {  // AVCPacketType: a picture, and no header
        state_ = State::picture;
        bytes_.clear();
        return;
      }
      at_ += 11 + size + 4;
    }
  }

  // owned
  int socket_;

  // state
  State state_ = State::waiting;
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace weir::bench
