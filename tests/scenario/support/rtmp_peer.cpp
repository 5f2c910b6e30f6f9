#include "scenario/support/rtmp_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/bytes.h"

namespace weir::test {

using Clock = std::chrono::steady_clock;

Socket::Socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  ::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

Socket::~Socket() { ::close(descriptor_); }

bool Socket::send(base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

int Socket::receive(base::MutableBytes room, std::chrono::milliseconds limit) {
  pollfd wait{descriptor_, POLLIN, 0};
  if (::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return -1;
  const ssize_t count = ::recv(descriptor_, room.data(), room.size(), 0);
  return count < 0 ? 0 : static_cast<int>(count);
}

void Socket::set_receive_buffer(int bytes) { ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

void Socket::cut() { ::shutdown(descriptor_, SHUT_RDWR); }

namespace {

rtmp::ClientOptions options_of(rtmp::Role role, const std::string& stream, const std::string& app) {
  rtmp::ClientOptions options;
  options.role = role;
  options.tc_url = "rtmp://127.0.0.1/" + app;
  options.stream = stream;
  return options;
}

}  // namespace

RtmpPeer::RtmpPeer(std::uint16_t port, rtmp::Role role, const std::string& stream, const std::string& app,
                   std::string_view preamble)
    : client(options_of(role, stream, app)), socket(port) {
  socket.send(preamble);
  flush();
}

void RtmpPeer::flush() {
  const base::Buffer output = client.take_output();
  if (!output.empty()) socket.send(output.bytes());
}

bool RtmpPeer::run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  base::Buffer room(64 * 1024);
  const auto until = Clock::now() + limit;
  // Once at least: a short limit may be over on a busy machine before anything was read, time after time.
  for (bool first = true; !done() && !closed && (first || Clock::now() < until); first = false) {
    const int count = socket.receive({room.data(), room.size()}, std::chrono::milliseconds(20));
    if (count < 0) continue;
    if (count == 0) {
      closed = true;
      break;
    }
    if (!client.input(base::Bytes(room.data(), static_cast<std::size_t>(count)))) broken = closed = true;
    while (auto event = client.poll()) {
      if (auto* message = std::get_if<rtmp::MediaReceived>(&*event)) {
        if (message->type != rtmp::MessageType::data) media.push_back(std::move(*message));
      } else if (const auto* status = std::get_if<rtmp::StatusReceived>(&*event)) {
        codes.push_back(status->code);
      } else if (const auto* refused = std::get_if<rtmp::Refused>(&*event)) {
        codes.push_back(refused->code);
      } else if (const auto* away = std::get_if<rtmp::Redirected>(&*event)) {
        sent_to = away->url;
      } else if (std::holds_alternative<rtmp::Ended>(*event)) {
        codes.emplace_back("ended");
      }
    }
    flush();
  }
  return done();
}

bool RtmpPeer::wait_status(const std::string& code) {
  return run_until([&] { return std::find(codes.begin(), codes.end(), code) != codes.end(); });
}

void RtmpPeer::send_headers() {
  // avcC of a 640x360 baseline stream, and AAC LC 44.1 kHz stereo.
  client.send(
      rtmp::MessageType::video, 0,
      bytes("17 00 000000 01 42c01e ff e1 0019 6742c01eda0280bfe5c0440000030004000003 00f03c58ba80 01 0004 68ce3c80"));
  client.send(rtmp::MessageType::audio, 0, bytes("af 00 1210"));
  flush();
}

void RtmpPeer::send_frame(std::uint32_t at_ms, bool key, std::size_t size) {
  const auto length = static_cast<std::uint32_t>(size);
  ByteVector body = bytes(key ? "17 01 000000" : "27 01 000000");
  for (int shift = 24; shift >= 0; shift -= 8) body.push_back(static_cast<std::uint8_t>(length >> shift));
  body.push_back(key ? 0x65 : 0x41);
  for (std::size_t i = 1; i < size; ++i) body.push_back(static_cast<std::uint8_t>(i * 7 + at_ms));
  client.send(rtmp::MessageType::video, at_ms, body);
  client.send(rtmp::MessageType::audio, at_ms, bytes("af 01") + repeat(static_cast<std::uint8_t>(at_ms), 60));
  flush();
}

}  // namespace weir::test
