#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <srt/srt.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "support/bytes.h"
#include "support/soon.h"

namespace weir::test {

// An SRT caller on our own machine, blocking and bounded in time: libsrt's own, as encoders have it.
class SrtPeer {
 public:
  struct Options {
    std::string passphrase;
    int key_bytes = 0;
    int latency_ms = 40;
    std::string address = "127.0.0.1";
    bool file_mode = false;
    std::string packet_filter;
    int buffer_bytes = 0;          // for what is received; 0: the library's own
    std::uint16_t local_port = 0;  // shared by all that name it, and so are the library's threads
  };
  SrtPeer(std::uint16_t port, const std::string& stream_id) : SrtPeer(port, stream_id, Options{}) {}
  SrtPeer(std::uint16_t port, const std::string& stream_id, const Options& options) {
    srt_startup();
    socket_ = srt_create_socket();
    set(SRTO_TRANSTYPE, options.file_mode ? SRTT_FILE : SRTT_LIVE);
    set(SRTO_CONNTIMEO, 10000);
    if (!options.file_mode) {
      set(SRTO_LATENCY, options.latency_ms);
      set(SRTO_TLPKTDROP, 0);  // what a slow machine brings too late is still counted on
    }
    if (options.key_bytes != 0) set(SRTO_PBKEYLEN, options.key_bytes);
    text(SRTO_PASSPHRASE, options.passphrase);
    text(SRTO_STREAMID, stream_id);
    text(SRTO_PACKETFILTER, options.packet_filter);
    set(SRTO_SNDTIMEO, 20000);
    if (options.buffer_bytes != 0) {
      set(SRTO_FC, std::max(32, options.buffer_bytes / 1456));
      set(SRTO_RCVBUF, options.buffer_bytes);
    }
    if (options.local_port != 0) {
      sockaddr_in local{};
      local.sin_family = AF_INET;
      local.sin_port = htons(options.local_port);
      local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      srt_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof local);
    }
    const bool v6 = options.address.find(':') != std::string::npos;
    sockaddr_in6 six{};
    sockaddr_in four{};
    if (v6) {
      six.sin6_family = AF_INET6;
      six.sin6_port = htons(port);
      ::inet_pton(AF_INET6, options.address.c_str(), &six.sin6_addr);
    } else {
      four.sin_family = AF_INET;
      four.sin_port = htons(port);
      ::inet_pton(AF_INET, options.address.c_str(), &four.sin_addr);
    }
    connected_ = (v6 ? srt_connect(socket_, reinterpret_cast<sockaddr*>(&six), sizeof six)
                     : srt_connect(socket_, reinterpret_cast<sockaddr*>(&four), sizeof four)) == 0;
    reject_ = connected_ ? 0 : srt_getrejectreason(socket_);
  }
  ~SrtPeer() {
    close();
    srt_cleanup();
  }
  SrtPeer(const SrtPeer&) = delete;
  SrtPeer& operator=(const SrtPeer&) = delete;

  bool connected() const { return connected_; }
  int reject() const { return reject_; }
  bool alive() const { return srt_getsockstate(socket_) == SRTS_CONNECTED; }
  bool wait_closed(std::chrono::milliseconds limit = std::chrono::seconds(20)) const {
    return soon([this] { return !alive(); }, limit);
  }
  // Packets that the other side has room for, as it said last.
  int flow_window() const {
    SRT_TRACEBSTATS figures{};
    return srt_bistats(socket_, &figures, 0, 1) == 0 ? figures.pktFlowWindow : 0;
  }
  bool send(base::Bytes message) {
    return srt_sendmsg(socket_, reinterpret_cast<const char*>(message.data()), static_cast<int>(message.size()), -1,
                       1) >= 0;
  }
  // In messages of seven packets, at most; as fast as the library takes them.
  bool send_all(base::Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 1316) {
      if (!send(bytes.subspan(at, std::min<std::size_t>(1316, bytes.size() - at)))) return false;
    }
    return true;
  }
  // A message; none within the limit, or the connection is over.
  std::optional<ByteVector> receive(std::chrono::milliseconds limit = std::chrono::seconds(5)) {
    set(SRTO_RCVTIMEO, static_cast<int>(limit.count()));
    std::array<char, 1500> room;
    const int count = srt_recvmsg(socket_, room.data(), static_cast<int>(room.size()));
    if (count <= 0) return std::nullopt;
    return ByteVector(room.begin(), room.begin() + count);
  }
  // What was sent has arrived; then it closes. Closing alone throws away what is still to be sent.
  void close_when_sent(std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    (void)soon(
        [this] {
          std::size_t blocks = 0, bytes = 0;
          return !alive() || srt_getsndbuffer(socket_, &blocks, &bytes) < 0 || blocks == 0;
        },
        limit);
    close();
  }
  void close() {
    if (socket_ != SRT_INVALID_SOCK) srt_close(socket_);
    socket_ = SRT_INVALID_SOCK;
  }

 private:
  template <class T>
  void set(SRT_SOCKOPT name, const T& value) {
    srt_setsockflag(socket_, name, &value, sizeof value);
  }
  void text(SRT_SOCKOPT name, const std::string& value) {
    if (!value.empty()) srt_setsockflag(socket_, name, value.data(), static_cast<int>(value.size()));
  }

  SRTSOCKET socket_ = SRT_INVALID_SOCK;
  bool connected_ = false;
  int reject_ = 0;
};

}  // namespace weir::test
