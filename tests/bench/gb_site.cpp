// A site of GB28181 devices as a platform sees it, with SIP and media: tests/bench/cameras starts a server for it.
//
//   gb-site --pid PID [--api 1985] [--http 8080] [--sip 5060] [--devices 2000] [--streams 500] [--kbps 1000]
//           [--registers 10000] [--seconds 30] [--plays 40] [--password 12345678]
//
// Each device has an address of its own (127.1.0.1, ...) and registers by UDP with a password. Then, one after another:
// what an idle device takes of the server's memory; REGISTERS a minute of devices that begin anew; from INVITE to the
// first picture of players; STREAMS invited, each a PS over TCP; and the players once more, beside those. Each line
// says what the server used of a core in that time, and how late this program was: if it could not keep the pace, the
// figures say nothing.

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <thread>

#include "gb/local.h"
#include "gb/media.h"
#include "gb/player.h"
#include "support/gb_device.h"

using namespace weir;
using namespace weir::bench;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::map<std::string, std::string> read_options(int argc, char** argv) {
  std::map<std::string, std::string> out{{"--pid", "0"},     {"--api", "1985"},        {"--http", "8080"},
                                         {"--sip", "5060"},  {"--devices", "2000"},    {"--streams", "500"},
                                         {"--kbps", "1000"}, {"--seconds", "30"},      {"--plays", "40"},
                                         {"--settle", "65"}, {"--registers", "10000"}, {"--password", "12345678"}};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!out.contains(argv[i])) {
      std::fprintf(stderr, "no such option: %s\n", argv[i]);
      std::exit(2);
    }
    out[argv[i]] = argv[i + 1];
  }
  return out;
}

constexpr std::uint16_t device_port = 5070;  // that of the server is taken on all addresses

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

struct Spread {
  std::vector<double> all;
  double at(double part) {
    if (all.empty()) return 0;
    std::sort(all.begin(), all.end());
    return all[std::min(all.size() - 1, static_cast<std::size_t>(part * static_cast<double>(all.size())))];
  }
};

// SIP by a socket of its own, and media for whoever invites it: 25 pictures a second, from a picture that is not the
// first of its GOP, as a camera that runs all the time.
struct Device {
  test::GbDevice sip;
  int socket = -1;
  std::uint32_t address = 0;
  MediaSender media;
  bool sending = false;
  Clock::time_point next_picture{}, next_keepalive{};
  Clock::time_point asked{};                // REGISTER
  Clock::time_point invited{}, key_sent{};  // of the last call: INVITE, and its first key frame
};

class Site {
 public:
  explicit Site(std::map<std::string, std::string> options) : options_(std::move(options)), poll_(::epoll_create1(0)) {
    pid_ = static_cast<int>(number("--pid"));
    // Longer than they are sent: their times go on.
    packs_ = make_packs(static_cast<double>(number("--kbps")),
                        (static_cast<int>(number("--seconds")) + 90) * frames_per_second);
    devices_.resize(number("--devices"));
    for (std::size_t i = 0; i < devices_.size(); ++i) make(i);
  }

  void run() {
    register_all();
    registrations();
    first_pictures("alone");
    streams();
  }

 private:
  std::uint64_t number(const std::string& name) const { return std::strtoull(options_.at(name).c_str(), nullptr, 10); }
  std::uint16_t port(const std::string& name) const { return static_cast<std::uint16_t>(number(name)); }

  void make(std::size_t i) {
    auto& slot = devices_[i] = std::make_unique<Device>();
    Device& device = *slot;
    device.address = 0x7f010001U + static_cast<std::uint32_t>(i / 250 * 256 + i % 250);
    device.socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    const sockaddr_in own = address_of(device.address, device_port), to = local(port("--sip"));
    if (::bind(device.socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        ::connect(device.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      std::perror("a device's socket");
      std::exit(1);
    }
    const auto digits = [](std::string head, std::size_t n) {
      std::string tail = std::to_string(n);
      return head + std::string(20 - head.size() - tail.size(), '0') + tail;
    };
    device.sip.id = digits("34020000001110", i + 1);
    device.sip.channels = {digits("34020000001320", i + 1)};
    device.sip.password = options_.at("--password");
    device.sip.port = device_port;
    char text[INET_ADDRSTRLEN];
    device.sip.address = ::inet_ntop(AF_INET, &own.sin_addr, text, sizeof text);
    device.sip.send = [socket = device.socket](const std::string& what) {
      (void)::send(socket, what.data(), what.size(), MSG_DONTWAIT);
    };
    device.sip.on_ack = [this, &device] { begin_media(device); };
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &device}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, device.socket, &event);
  }

  void begin_media(Device& device) {
    const auto& call = device.sip.calls.back();
    device.media = {};
    device.media.ssrc = static_cast<std::uint32_t>(std::strtoul(call.ssrc.c_str(), nullptr, 10));
    // Anywhere in the GOP, and in the 40 ms.
    device.media.frame = 1 + static_cast<std::uint32_t>(turn_ * 17 % frames_per_gop);
    device.media.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const sockaddr_in own = address_of(device.address, 0), to = local(call.port);
    (void)::bind(device.media.socket, reinterpret_cast<const sockaddr*>(&own), sizeof own);
    (void)::connect(device.media.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    device.sending = true;
    device.key_sent = {};
    device.next_picture = Clock::now() + std::chrono::microseconds(turn_++ * 7'919 % 40'000);
  }

  void input(Device& device) {
    char room[65'536];
    for (ssize_t count = 0; (count = ::recv(device.socket, room, sizeof room, MSG_DONTWAIT)) > 0;) {
      const std::size_t calls = device.sip.calls.size();
      const auto now = Clock::now();
      device.sip.input({room, static_cast<std::size_t>(count)});
      if (device.sip.calls.size() > calls) device.invited = now;
      for (const auto& answer : device.sip.answers) {
        if (answer.method != "REGISTER" || answer.status == 401) continue;
        (answer.status == 200 ? let_in_ : refused_)++;
        answers_.all.push_back(ms(now - device.asked));
      }
      device.sip.answers.clear();
      if (!device.sip.calls.empty() && device.sip.calls.back().ended && device.sending) end_media(device);
    }
    for (const auto& said : device.sip.commands) catalogues_ += said.command == "Catalog";
    device.sip.commands.clear();
  }
  void end_media(Device& device) {
    broken_ += device.media.failed;
    ::close(device.media.socket);
    device.sending = false;
    device.sip.calls.clear();
  }
  void register_now(Device& device) {
    device.asked = Clock::now();
    device.next_keepalive = device.asked + std::chrono::milliseconds(30'000 + turn_++ * 7'919 % 30'000);
    device.sip.register_now();
  }

  // All that is due, for so long or until that is so.
  template <class Condition>
  bool step(Clock::duration most, Condition until) {
    for (const auto end = Clock::now() + most; Clock::now() < end;) {
      if (until()) return true;
      epoll_event events[256];
      const int count = ::epoll_wait(poll_, events, 256, 1);
      for (int i = 0; i < count; ++i) input(*static_cast<Device*>(events[i].data.ptr));
      const auto now = Clock::now();
      for (const auto& one : devices_) {
        Device& device = *one;
        if (device.sending) {
          while (device.next_picture <= now) picture(device, now);
          device.media.flush();
        }
        if (device.next_keepalive <= now && device.next_keepalive != Clock::time_point()) {
          device.next_keepalive += 60s;
          device.sip.keepalive();
        }
      }
    }
    return until();
  }
  void wait(Clock::duration most) {
    (void)step(most, [] { return false; });
  }
  void picture(Device& device, Clock::time_point now) {
    latest_ = std::max(latest_, now - device.next_picture);
    device.next_picture += 40ms;
    const bool key = device.media.frame % frames_per_gop == 0;
    device.media.send(packs_);
    if (key && device.key_sent == Clock::time_point()) device.key_sent = Clock::now();
  }

  struct Window {
    Clock::time_point began;
    double cpu;
  };
  Window open() {
    latest_ = {};
    return {Clock::now(), cpu_seconds_of(pid_)};
  }
  double share(const Window& window) {
    return 100 * (cpu_seconds_of(pid_) - window.cpu) / (ms(Clock::now() - window.began) / 1000);
  }

  void register_all() {
    wait(2s);
    const double before = resident_bytes_of(pid_);
    const Window window = open();
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      register_now(*devices_[i]);
      if (i % 10 == 9) wait(40ms);
    }
    const bool all = step(30s, [&] { return let_in_ >= devices_.size() && catalogues_ >= devices_.size(); });
    std::printf(
        "%zu of %zu devices registered by UDP with a password and sent their catalogue, in %.1f s; %.1f %% of a core\n",
        let_in_, devices_.size(), ms(Clock::now() - window.began) / 1000, share(window));
    if (!all) std::printf("  NOT ALL: %zu catalogues asked for, %zu refused\n", catalogues_, refused_);
    wait(std::chrono::seconds(
        number("--settle")));  // what the transactions remember is forgotten, and each has said once that it is there
    std::printf("an idle device: %.1f KiB of the server's memory (%.1f MB before, %.1f MB with %zu devices)\n",
                (resident_bytes_of(pid_) - before) / 1024 / static_cast<double>(devices_.size()), before / 1e6,
                resident_bytes_of(pid_) / 1e6, devices_.size());
    const Window idle = open();
    wait(std::chrono::seconds(number("--seconds")));
    std::printf("%zu idle devices, a keepalive a minute each: %.2f %% of a core\n", devices_.size(), share(idle));
    std::fflush(stdout);
  }

  // A minute long, one after another: each asks, is asked for its password, and asks again.
  void registrations() {
    const std::size_t count = number("--registers");
    if (count == 0) return;
    let_in_ = refused_ = 0;
    answers_.all.clear();
    const Window window = open();
    const auto pause = std::chrono::duration_cast<Clock::duration>(60s) / count;
    auto due = window.began;
    for (std::size_t i = 0; i < count; ++i, due += pause) {
      if (due > Clock::now()) (void)step(due - Clock::now(), [] { return false; });
      register_now(*devices_[i % devices_.size()]);
    }
    const double seconds = ms(Clock::now() - window.began) / 1000, used = share(window);
    (void)step(5s, [&] { return let_in_ + refused_ >= count; });
    std::printf(
        "%zu devices began anew in %.1f s (REGISTER, challenge, REGISTER, then its catalogue): %zu let in, %zu "
        "refused; "
        "answered after p50 %.2f, p99 %.2f, at most %.2f ms; %.1f %% of a core\n",
        count, seconds, let_in_, refused_, answers_.at(0.5), answers_.at(0.99), answers_.at(1), used);
    std::fflush(stdout);
    wait(5s);
  }

  // Players who come one after another to devices that nobody looks at, the last ones of the list.
  void first_pictures(const char* beside) {
    Spread whole, own;
    std::size_t failed = 0;
    const std::size_t plays =
        std::min(number("--plays"), devices_.size() - std::min(devices_.size(), number("--streams")));
    for (std::size_t i = 0; i < plays; ++i) {
      Device& device = *devices_[devices_.size() - 1 - next_play_++ % (devices_.size() - number("--streams"))];
      device.invited = device.key_sent = {};
      FlvPlayer player(port("--http"), "/live/" + device.sip.id + "_" + device.sip.channels[0] + ".flv");
      (void)step(10s, [&] { return player.step() != FlvPlayer::State::waiting; });
      const auto now = Clock::now();
      if (player.step() != FlvPlayer::State::picture || device.key_sent == Clock::time_point()) {
        ++failed;
        continue;
      }
      whole.all.push_back(ms(now - device.invited));
      own.all.push_back(ms(now - device.key_sent));
    }
    std::printf(
        "%zu plays by HTTP-FLV, %s, a GOP of %d ms: from INVITE to the first picture median %.0f, at most %.0f ms; "
        "from the "
        "moment when the device had sent a key frame median %.1f, at most %.1f ms; %zu failed\n",
        plays, beside, frames_per_gop * 1000 / frames_per_second, whole.at(0.5), whole.at(1), own.at(0.5), own.at(1),
        failed);
    std::fflush(stdout);
    wait(5s);
  }

  void streams() {
    const std::size_t count = std::min(number("--streams"), devices_.size());
    const double before = resident_bytes_of(pid_);
    for (std::size_t i = 0; i < count; ++i) {
      const Device& device = *devices_[i];
      const std::string answer =
          post(port("--api"), "/gb/v1/devices/" + device.sip.id + "/invite?channel=" + device.sip.channels[0]);
      if (answer.find("\"code\":0") == std::string::npos) std::printf("  not invited: %s\n", answer.c_str());
      wait(20ms);
    }
    const auto sending = [&] {
      return static_cast<std::size_t>(
          std::count_if(devices_.begin(), devices_.end(), [](const auto& one) { return one->sending; }));
    };
    (void)step(10s, [&] { return sending() >= count; });
    wait(5s);
    const Window window = open();
    wait(std::chrono::seconds(number("--seconds")));
    std::printf(
        "%zu streams of %s kb/s, PS over TCP, beside %zu devices: %.1f %% of a core, %.0f MB more than before; this "
        "program "
        "was at most %.0f ms late; %zu send still, %zu connections failed\n",
        count, options_.at("--kbps").c_str(), devices_.size(), share(window), (resident_bytes_of(pid_) - before) / 1e6,
        ms(latest_), sending(), broken_);
    std::fflush(stdout);
    first_pictures("beside those streams");
    print_metrics(port("--api"), "weir_gb28181_");
  }

  // given
  std::map<std::string, std::string> options_;
  int pid_ = 0;

  // owned
  int poll_;
  std::vector<base::Buffer> packs_;
  std::vector<std::unique_ptr<Device>> devices_;

  // state
  std::size_t turn_ = 0, next_play_ = 0, let_in_ = 0, refused_ = 0, catalogues_ = 0, broken_ = 0;
  Spread answers_;
  Clock::duration latest_{};
};

}  // namespace

int main(int argc, char** argv) {
  Site(read_options(argc, argv)).run();
  return 0;
}
