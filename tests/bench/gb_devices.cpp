// Devices of GB28181 whose media comes to a server, without SIP: what it costs, and whether all of it arrives.
//
//   gb-devices --pid PID --api 1985 [--devices 500] [--kbps 1000] [--seconds 30] [--udp yes]
//
// Asks the API for a place for each device (POST /gb/v1/publish/), then sends a program stream over RTP to each, 25
// pictures and 25 pieces of G.711 a second, each device at a time of its own within the 40 ms. Printed are the CPU time
// of the process PID in the last SECONDS, what the server counted (GET /metrics), and how late this program was: if it
// could not keep the pace, the figures say nothing. With SIP: gb_site.cpp.

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "gb/local.h"
#include "gb/media.h"

using namespace weir;
using namespace weir::bench;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::uint16_t place(std::uint16_t api, std::size_t device) {
  const std::string number = std::to_string(device + 1);
  const std::string answer = post(api, "/gb/v1/publish/", R"({"id":"gb)" + number + R"(","ssrc":")" + number + "\"}");
  const auto at = answer.find("\"port\":");
  if (at == std::string::npos) {
    std::fprintf(stderr, "no place for device %s: %s\n", number.c_str(), answer.c_str());
    std::exit(1);
  }
  return static_cast<std::uint16_t>(std::atoi(answer.c_str() + at + 7));
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
  // The times in the packs begin anew with each round, and the server repairs them; those of RTP go on.
  const auto packs = make_packs(std::atof(options["--kbps"].c_str()), frames_per_gop);
  const double before_mb = resident_bytes_of(pid) / 1e6;
  std::vector<MediaSender> devices(count);
  for (std::size_t i = 0; i < count; ++i) {
    const sockaddr_in to = local(place(api, i));
    MediaSender& device = devices[i];
    device.udp = udp;
    device.ssrc = static_cast<std::uint32_t>(i + 1);
    device.frame = static_cast<std::uint32_t>(i % frames_per_gop);
    device.socket = ::socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (::connect(device.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
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
      devices[i].send(packs);
    }
  }
  const double used = cpu_seconds_of(pid) - cpu;
  std::printf(
      "%zu devices of %s kb/s by %s: the server used %.1f %% of a core, %.0f MB more than before; this program was at "
      "most %lld ms late; %td connections failed\n",
      count, options["--kbps"].c_str(), udp ? "UDP" : "TCP", 100 * used / seconds,
      resident_bytes_of(pid) / 1e6 - before_mb,
      static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(latest).count()),
      std::count_if(devices.begin(), devices.end(), [](const MediaSender& one) { return one.failed; }));
  print_metrics(api, "weir_gb28181_");
  return 0;
}
