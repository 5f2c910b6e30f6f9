#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "support/gb_device.h"
#include "support/media_files.h"
#include "support/ps_maker.h"

namespace weir::test {

// A descriptor that is connected to a port of 127.0.0.1, without waiting.
class GbSocket {
 public:
  GbSocket(int kind, std::uint16_t port) : descriptor_(::socket(AF_INET, kind, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    good_ = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~GbSocket() { ::close(descriptor_); }
  GbSocket(const GbSocket&) = delete;

  bool good() const { return good_; }
  bool send(base::Bytes bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // What has come within that time; empty: nothing.
  std::string receive(int milliseconds) {
    pollfd one{descriptor_, POLLIN, 0};
    if (::poll(&one, 1, milliseconds) <= 0) return {};
    std::string room(65'536, '\0');
    const auto count = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
    room.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return room;
  }
  std::uint16_t port() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }

 private:
  int descriptor_;
  bool good_ = false;
};

// A camera on 127.0.0.1: GbDevice with a SIP socket, and a picture in PS over RTP for whoever invites it.
class GbPeer {
 public:
  GbPeer(std::uint16_t sip_port, bool tcp) : sip_(tcp ? SOCK_STREAM : SOCK_DGRAM, sip_port) {
    device.address = "127.0.0.1";
    device.port = sip_.port();
    device.tcp = tcp;
    device.send = [this](std::string text) { (void)sip_.send(base::as_bytes(text)); };
    device.on_ack = [this] { begin(); };
  }

  // Answers what has come, and sends the next picture when it is called.
  void step() {
    for (std::string text = sip_.receive(5); !text.empty(); text = sip_.receive(0)) {
      if (!device.tcp) {
        device.input(text);
        continue;
      }
      reader_.input(text);
      while (auto message = reader_.poll().value()) device.input(sip::to_text(*message));
    }
    if (media_ && !device.calls.empty() && device.calls.back().ended && stops_after_bye) media_.reset();
    if (media_) send_picture();
  }
  // Nothing more of it, and no word of why: its connection is closed.
  void stop_media() { media_.reset(); }
  bool sending() const { return media_.has_value(); }

  GbDevice device;
  bool media_by_udp = false, sends_media = true, stops_after_bye = true;
  std::uint32_t ssrc = 0;  // of its packets; 0: as it answered

 private:
  static const MediaFile& clip() {
    static const MediaFile file = read_ts(test_file("ts/h264_aac.ts"));
    return file;
  }
  void begin() {
    if (!sends_media) return;
    const GbDevice::Call& call = device.calls.back();
    media_.emplace(media_by_udp ? SOCK_DGRAM : SOCK_STREAM, call.port);
    if (!media_->good()) return media_.reset();
    maker_.emplace(clip().tracks, PsFaults());
    next_ = 0;
    sent_ssrc_ = ssrc;
    if (sent_ssrc_ == 0) {
      const std::string& said = device.y.empty() || device.y == "none" ? call.ssrc : device.y;
      sent_ssrc_ = static_cast<std::uint32_t>(base::parse_number(said).value_or(0));
    }
  }
  void send_picture() {
    const auto& frames = clip().frames;
    // Again from the beginning, later in time.
    const auto& frame = frames[next_ % frames.size()];
    media::Frame shifted = *frame;
    shifted.dts += base::Ticks(static_cast<std::int64_t>(next_ / frames.size()) * 90'000 * 10);
    ++next_;
    if (!ps::type_of_codec(shifted.codec)) return;
    const ByteVector pack = maker_->pack(shifted);
    const auto time = static_cast<std::uint32_t>(shifted.dts.count());
    for (std::size_t at = 0; at < pack.size(); at += 1400) {
      const std::size_t size = std::min<std::size_t>(1400, pack.size() - at);
      const bool last = at + size == pack.size();
      ByteVector out;
      const std::size_t length = 12 + size;
      if (!media_by_udp) out = {static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
      const auto put32 = [&](std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
      };
      out.push_back(0x80);
      out.push_back(static_cast<std::uint8_t>(96 | (last ? 0x80 : 0)));
      out.push_back(static_cast<std::uint8_t>(sequence_ >> 8));
      out.push_back(static_cast<std::uint8_t>(sequence_));
      ++sequence_;
      put32(time);
      put32(sent_ssrc_);
      out.insert(out.end(), pack.begin() + static_cast<std::ptrdiff_t>(at),
                 pack.begin() + static_cast<std::ptrdiff_t>(at + size));
      if (!media_->send(out)) return media_.reset();
    }
  }

  GbSocket sip_;
  sip::StreamReader reader_;
  std::optional<GbSocket> media_;
  std::optional<PsMaker> maker_;
  std::size_t next_ = 0;
  std::uint16_t sequence_ = 0;
  std::uint32_t sent_ssrc_ = 0;
};

}  // namespace weir::test
