// Devices of GB28181 whose media comes to a server, without SIP: what it costs, and whether all of it arrives.
//
//   gb-devices --pid PID --api 1985 [--devices 500] [--kbps 1000] [--seconds 30] [--udp yes]
//
// Asks the API for a place for each device (POST /gb/v1/publish/), then sends a program stream over RTP to each, 25
// pictures and 25 pieces of G.711 a second, each device at a time of its own within the 40 ms. Printed are the CPU time
// of the process PID in the last SECONDS, what the server counted (GET /metrics), and how late this program was: if it
// could not keep the pace, the figures say nothing.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "codec/avc.h"
#include "format/ps/muxer.h"
#include "media/describe.h"
#include "proto/rtp/packet.h"

using namespace weir;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int frames_per_second = 25, frames_per_gop = 50;
constexpr std::size_t packet_bytes = 1'400;

sockaddr_in local(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

std::string ask(std::uint16_t port, const std::string& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in to = local(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    std::fprintf(stderr, "no API at port %u\n", port);
    std::exit(1);
  }
  (void)!::write(socket, request.data(), request.size());
  std::string all;
  char room[65'536];
  for (ssize_t count = 0; (count = ::read(socket, room, sizeof room)) > 0;)
    all.append(room, static_cast<std::size_t>(count));
  ::close(socket);
  return all;
}

std::uint16_t place(std::uint16_t api, std::size_t device) {
  const std::string number = std::to_string(device + 1);
  const std::string body = R"({"id":"gb)" + number + R"(","ssrc":")" + number + "\"}";
  const std::string answer =
      ask(api, "POST /gb/v1/publish/ HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body);
  const auto at = answer.find("\"port\":");
  if (at == std::string::npos) {
    std::fprintf(stderr, "no place for device %s: %s\n", number.c_str(), answer.c_str());
    std::exit(1);
  }
  return static_cast<std::uint16_t>(std::atoi(answer.c_str() + at + 7));
}

// Packs of two seconds, made once: pictures in shape, filler inside.
std::vector<base::Buffer> make_packs(double kbps) {
  // A stream of 320x180 in Baseline, as x264 begins it.
  static const std::uint8_t sps[] = {0x67, 0x42, 0xc0, 0x0d, 0xd9, 0x01, 0x41, 0xfb, 0x01, 0x10, 0x00, 0x00,
                                     0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x42, 0xa4, 0x80};
  static const std::uint8_t pps[] = {0x68, 0xcb, 0x83, 0xcb, 0x20};
  const base::Bytes sets[] = {sps, pps};
  const auto record = codec::avc::build_configuration(std::span(sets).first(1), std::span(sets).subspan(1));
  media::CodecParameters video{.codec = media::Codec::h264, .extradata = base::SharedBytes::copy_of(record)};
  const media::Tracks tracks{
      {.id = media::TrackId::video, .generation = 0, .parameters = std::make_shared<media::CodecParameters>(video)},
      {.id = media::TrackId::audio,
       .generation = 0,
       .parameters = std::make_shared<media::CodecParameters>(*media::describe_by_frame(media::Codec::pcma, {}))}};
  ps::Muxer muxer;
  muxer.set_tracks(tracks);
  const double bytes_per_second = kbps * 125 - 64'000 / 8.0;
  const auto usual = static_cast<std::size_t>(bytes_per_second / frames_per_second * 0.8);
  std::vector<base::Buffer> packs;
  for (int i = 0; i < frames_per_gop; ++i) {
    const std::size_t size = i == 0 ? usual + static_cast<std::size_t>(bytes_per_second * 0.4) : usual;
    base::Buffer unit(4 + size);
    std::memset(unit.data(), 0x5a, unit.size());
    for (int b = 0; b < 4; ++b) unit.data()[b] = static_cast<std::uint8_t>(size >> (24 - 8 * b));
    unit.data()[4] = i == 0 ? 0x65 : 0x41;
    unit.data()[5] = 0x9a;
    base::Buffer pack;
    muxer.write({.track = media::TrackId::video,
                 .codec = media::Codec::h264,
                 .dts = base::Ticks(3'600 * i),
                 .key = i == 0,
                 .payload = base::SharedBytes::copy_of(unit)},
                pack);
    base::Buffer samples(320);
    std::memset(samples.data(), 0xd5, samples.size());
    muxer.write({.track = media::TrackId::audio,
                 .codec = media::Codec::pcma,
                 .dts = base::Ticks(3'600 * i),
                 .key = true,
                 .payload = base::SharedBytes::copy_of(samples)},
                pack);
    packs.push_back(std::move(pack));
  }
  return packs;
}

struct Device {
  int socket = -1;
  std::uint32_t ssrc = 0;
  std::uint16_t sequence = 0;
  std::uint32_t frame = 0;
  bool failed = false;
  std::vector<std::uint8_t> wire;

  // The times in the packs begin anew with each round of two seconds, and the server repairs them; those of RTP go on.
  void send(const std::vector<base::Buffer>& packs, bool udp) {
    base::Bytes left = packs[frame % frames_per_gop];
    const std::uint32_t timestamp = frame * 3'600;
    ++frame;
    wire.clear();
    while (!left.empty()) {
      const base::Bytes part = left.first(std::min(packet_bytes, left.size()));
      left = left.subspan(part.size());
      std::uint8_t head[rtp::header_bytes];
      rtp::write_head(
          head,
          {.marker = left.empty(), .payload_type = 96, .sequence = sequence++, .timestamp = timestamp, .ssrc = ssrc});
      const std::size_t size = sizeof head + part.size();
      if (!udp) {
        wire.push_back(static_cast<std::uint8_t>(size >> 8));
        wire.push_back(static_cast<std::uint8_t>(size));
      }
      const std::size_t begin = wire.size();
      wire.insert(wire.end(), head, head + sizeof head);
      wire.insert(wire.end(), part.begin(), part.end());
      if (udp) {
        (void)::send(socket, wire.data() + begin, size, MSG_DONTWAIT);
        wire.clear();
      }
    }
    if (!udp && ::send(socket, wire.data(), wire.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(wire.size()))
      failed = true;
  }
};

double cpu_seconds_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double resident_mb_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{{"--pid", "0"},     {"--api", "1985"},   {"--devices", "500"},
                                             {"--kbps", "1000"}, {"--seconds", "30"}, {"--udp", "no"}};
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  const int pid = std::atoi(options["--pid"].c_str());
  const auto api = static_cast<std::uint16_t>(std::atoi(options["--api"].c_str()));
  const auto count = static_cast<std::size_t>(std::atoi(options["--devices"].c_str()));
  const auto seconds = std::atoi(options["--seconds"].c_str());
  const bool udp = options["--udp"] == "yes";
  const auto packs = make_packs(std::atof(options["--kbps"].c_str()));
  const double before_mb = resident_mb_of(pid);
  std::vector<Device> devices(count);
  for (std::size_t i = 0; i < count; ++i) {
    const sockaddr_in to = local(place(api, i));
    devices[i].ssrc = static_cast<std::uint32_t>(i + 1);
    devices[i].frame = static_cast<std::uint32_t>(i % frames_per_gop);
    devices[i].socket = ::socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (::connect(devices[i].socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      std::fprintf(stderr, "device %zu cannot connect\n", i + 1);
      return 1;
    }
  }
  constexpr int settling = 5;
  const auto began = Clock::now();
  double cpu = 0;
  Clock::duration latest{};
  for (int frame = 0; frame < (seconds + settling) * frames_per_second; ++frame) {
    if (frame == settling * frames_per_second) {
      cpu = cpu_seconds_of(pid);
      latest = {};
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto due = began + frame * 40ms + std::chrono::microseconds(40'000 * i / count);
      const auto now = Clock::now();
      if (due > now + 1ms) std::this_thread::sleep_until(due);
      latest = std::max(latest, Clock::now() - due);
      devices[i].send(packs, udp);
    }
  }
  const double used = cpu_seconds_of(pid) - cpu;
  std::printf(
      "%zu devices of %s kb/s by %s: the server used %.1f %% of a core, %.0f MB more than before; this program was at "
      "most %lld ms late; %td connections failed\n",
      count, options["--kbps"].c_str(), udp ? "UDP" : "TCP", 100 * used / seconds, resident_mb_of(pid) - before_mb,
      static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(latest).count()),
      std::count_if(devices.begin(), devices.end(), [](const Device& one) { return one.failed; }));
  std::istringstream metrics(ask(api, "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"));
  for (std::string line; std::getline(metrics, line);) {
    if (line.starts_with("weir_gb28181_")) std::printf("%s\n", line.c_str());
  }
  return 0;
}
