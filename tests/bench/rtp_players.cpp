// What a packet to a WebRTC player costs, on one thread: from the wire in the feed to the datagram.
//
//   rtp-players [--players 500] [--packets 2] [--frames 300]
//   rtp-players --table yes [--players 500] [--frames 300]
//
// PLAYERS read one stream whose pictures make PACKETS packets each (of about 1,150 bytes) and send them to a socket on
// loopback that throws them away. Printed is the CPU time per packet of four ways that build on each other:
//
//   numbered   the player alone: headers, extensions, history, a copy of the payload
//   sealed     and encrypted (SRTP, AES-128-GCM)
//   sent       and sent, the packets of a frame in one system call (UDP_SEGMENT)
//   floor      the same system calls with bytes that are there already: what the kernel alone costs
//
// With --table these for 1, 2, 4 and 10 packets a frame, as wiki/en/performance.md has them, and how many players of 30
// frames a second one core carries by that.

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "hub/cadence.h"
#include "hub/feed.h"
#include "net/worker.h"
#include "pack/rtp.h"
#include "proto/srtp/session.h"
#include "session/webrtc/player.h"

using namespace weir;
using namespace std::chrono_literals;

namespace {

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// A socket that nobody reads, and one that sends to it.
struct Sockets {
  int out, in;
  sockaddr_in to{};

  Sockets() : out(socket(AF_INET, SOCK_DGRAM, 0)), in(socket(AF_INET, SOCK_DGRAM, 0)) {
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(in, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::exit(1);
    socklen_t size = sizeof to;
    getsockname(in, reinterpret_cast<sockaddr*>(&to), &size);
  }
  ~Sockets() {
    close(out);
    close(in);
  }
  // Packets of one size but the last.
  void send(base::Bytes packets, std::size_t segment) {
    iovec part{const_cast<std::uint8_t*>(packets.data()), packets.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint16_t))]{};
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (packets.size() > segment) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      cmsghdr* const head = CMSG_FIRSTHDR(&message);
      head->cmsg_level = SOL_UDP;
      head->cmsg_type = UDP_SEGMENT;
      head->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto size = static_cast<std::uint16_t>(segment);
      std::memcpy(CMSG_DATA(head), &size, sizeof size);
    }
    (void)sendmsg(out, &message, 0);
  }
};

enum class Way { numbered, sealed, sent };

class Sink final : public session::webrtc::PacketSink {
 public:
  Sink(Way way, const srtp::Algorithms& algorithms, Sockets& sockets)
      : way_(way), sockets_(sockets), room_(64 * 1024), sealer_(*srtp::Sender::make(algorithms, keys())) {}

  base::MutableBytes room(std::size_t most) override {
    if (used_ + most + 32 > room_.size()) leave();
    return {room_.data() + used_, most + 32};
  }
  void put_rtp(std::size_t size) override {
    ++packets;
    if (way_ == Way::numbered) return;
    const auto sealed = sealer_.protect({room_.data() + used_, size + 32}, size);
    if (!sealed || way_ == Way::sealed) return;
    if (segment_ != 0 &&
        (*sealed > segment_ || closed_)) {  // not of this run: it goes first, and this one to the front
      const std::size_t at = std::exchange(used_, 0);
      sockets_.send({room_.data(), at}, segment_);
      std::memmove(room_.data(), room_.data() + at, *sealed);
      segment_ = 0;
    }
    if (segment_ == 0) segment_ = *sealed, closed_ = false;
    closed_ = *sealed < segment_;
    used_ += *sealed;
  }
  void put_rtcp(std::size_t) override {}
  void flush() override { leave(); }

  std::uint64_t packets = 0;

 private:
  static srtp::MasterKeys keys() {
    static const std::vector<std::uint8_t> key(16, 7), salt(12, 9);
    return {srtp::Profile::aead_aes_128_gcm, key, salt};
  }
  void leave() {
    if (used_ > 0) sockets_.send({room_.data(), used_}, segment_);
    used_ = 0;
    segment_ = 0;
  }

  const Way way_;
  Sockets& sockets_;
  base::Buffer room_;
  srtp::Sender sealer_;
  std::size_t used_ = 0, segment_ = 0;
  bool closed_ = false;
};

struct Load {
  std::size_t players = 500, packets = 2, frames = 300;
};

media::Frame picture(const Load& load, std::size_t number) {
  const std::size_t size = load.packets == 1 ? 1100 : load.packets * 1140;
  base::Buffer unit(size);
  std::memset(unit.data(), 0x5a, size);
  for (unsigned i = 0; i < 4; ++i) unit.data()[i] = static_cast<std::uint8_t>((size - 4) >> (24 - 8 * i));
  unit.data()[4] = number == 0 ? 0x65 : 0x41;
  unit.data()[5] = 0x98;  // a P slice
  media::Frame frame;
  frame.codec = media::Codec::h264;
  frame.key = number == 0;
  frame.dts = std::chrono::milliseconds(33 * number);
  frame.payload = base::SharedBytes::copy_of(unit);
  return frame;
}

sdp::AgreedMedia line(std::uint32_t ssrc) {
  sdp::AgreedMedia out;
  out.kind = sdp::Kind::video;
  out.mid = "0";
  out.accepted = true;
  out.ssrc = ssrc;
  out.extensions.mid = 4;
  out.extensions.transport_cc = 3;
  out.codecs.push_back({.codec = media::Codec::h264, .payload = 102, .retransmission = {}, .clock_rate = 90000});
  return out;
}

double measure(const Load& load, Way way, const srtp::Algorithms& algorithms, Sockets& sockets) {
  const auto logger = log::Logger::make_silent();
  net::Worker worker(base::WorkerIndex{0}, logger.get());
  hub::Cadence cadence(worker);
  auto vhost = std::make_shared<config::Vhost>();
  vhost->min_latency = true;
  hub::Feed feed(cadence, vhost, log::Context{logger.get(), {}, {}});
  const auto packager = pack::make_rtp()(*vhost);
  auto parameters = std::make_shared<media::CodecParameters>();
  parameters->codec = media::Codec::h264;
  std::vector<hub::Wire> wires;
  packager->set_tracks({{media::TrackId::video, 0, parameters}}, wires);
  feed.begin({});
  base::Instant now = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Sink>> sinks;
  std::vector<std::unique_ptr<session::webrtc::Player>> players;
  for (std::size_t i = 0; i < load.players; ++i) {
    sinks.push_back(std::make_unique<Sink>(way, algorithms, sockets));
    session::webrtc::PlayerOptions options;
    options.media = {line(static_cast<std::uint32_t>(i + 1))};
    options.clock = [&now] { return now; };
    players.push_back(std::make_unique<session::webrtc::Player>(feed, *sinks.back(), std::move(options)));
    players.back()->connected(now);
  }
  double begun = 0;
  std::uint64_t before = 0;
  const auto total = [&] {
    std::uint64_t count = 0;
    for (const auto& sink : sinks) count += sink->packets;
    return count;
  };
  for (std::size_t i = 0; i < load.frames; ++i) {
    if (i == load.frames / 10) {  // warm
      before = total();
      begun = cpu_seconds();
    }
    now += 33ms;
    wires.clear();
    packager->package(picture(load, i), i == 0, wires);
    feed.accept(wires);
    worker.io().restart();
    while (worker.io().poll() > 0) worker.io().restart();
  }
  return (cpu_seconds() - begun) * 1e6 / static_cast<double>(total() - before);
}

double measure_floor(const Load& load, Sockets& sockets) {
  const std::size_t segment = 1180;
  const base::Buffer packets(segment * load.packets);
  const std::size_t rounds = load.players * load.frames;
  const double begun = cpu_seconds();
  for (std::size_t i = 0; i < rounds; ++i) sockets.send(packets, segment);
  return (cpu_seconds() - begun) * 1e6 / static_cast<double>(rounds * load.packets);
}

struct Costs {
  double numbered, sealed, sent, floor;  // µs of CPU time for a packet
};

Costs measure_all(const Load& load, const srtp::Algorithms& algorithms, Sockets& sockets) {
  return {measure(load, Way::numbered, algorithms, sockets), measure(load, Way::sealed, algorithms, sockets),
          measure(load, Way::sent, algorithms, sockets), measure_floor(load, sockets)};
}

void print_table(Load load, const srtp::Algorithms& algorithms, Sockets& sockets) {
  std::printf("| packets a frame | numbered | sealed | sent | kernel alone | times that | players per core |\n");
  std::printf("|---|---|---|---|---|---|---|\n");
  for (const std::size_t packets : std::array<std::size_t, 4>{1, 2, 4, 10}) {
    load.packets = packets;
    const Costs costs = measure_all(load, algorithms, sockets);
    const double a_second = 30.0 * static_cast<double>(packets) * costs.sent / 1e6;
    std::printf("| %zu | %.2f us | %.2f us | %.2f us | %.2f us | %.2f | %.0f |\n", packets, costs.numbered,
                costs.sealed, costs.sent, costs.floor, costs.sent / costs.floor, 1 / a_second);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  bool table = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const auto value = static_cast<std::size_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (name == "--players") load.players = value;
    if (name == "--packets") load.packets = value;
    if (name == "--frames") load.frames = value;
    if (name == "--table") table = true;
  }
  if (load.players == 0 || load.packets == 0 || load.packets > 40 || load.frames < 20) return 2;
  const srtp::Algorithms algorithms;
  Sockets sockets;
  if (table) {
    print_table(load, algorithms, sockets);
    return 0;
  }
  const Costs costs = measure_all(load, algorithms, sockets);
  std::printf(
      "{\"players\": %zu, \"packets_per_frame\": %zu, \"us_per_packet\": {\"numbered\": %.2f, \"sealed\": %.2f, "
      "\"sent\": %.2f, \"floor\": %.2f}, \"times_floor\": %.2f}\n",
      load.players, load.packets, costs.numbered, costs.sealed, costs.sent, costs.floor, costs.sent / costs.floor);
}
