// Players of low-latency HLS on one thread: each asks for the playlist with the part that comes next, waits, and asks
// again. How long after the first answer with a part the others have theirs is the delay of the fan-out.
//
//   hls-load PORT PATH PLAYERS SECONDS [parts]     with "parts" each also fetches the part
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Player {
  int socket = -1;
  std::string in;
  bool fetching = false;  // a part, not the playlist
  long sequence = -1, part = -1;
};

struct Load {
  std::string path;
  bool parts = false;
  std::map<std::pair<long, long>, Clock::time_point> first;
  std::vector<double> delays_ms;
  std::size_t answers = 0, fetched = 0, refused = 0;
};

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void ask(Player& player, const std::string& target) {
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: bench\r\n\r\n";
  if (::send(player.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    std::perror("send");
    std::exit(1);
  }
}

void ask_playlist(Load& load, Player& player) {
  player.fetching = false;
  std::string target = load.path;
  if (player.sequence >= 0) {
    target += (target.find('?') == std::string::npos ? "?" : "&") + std::string("_HLS_msn=") +
              std::to_string(player.sequence) + "&_HLS_part=" + std::to_string(player.part);
  }
  ask(player, target);
}

// Where the open segment is: its number, and how many parts it has.
std::pair<long, long> open_part(const std::string& text) {
  const auto number = [&](const char* tag) {
    const auto at = text.find(tag);
    return at == std::string::npos ? 0 : std::atol(text.c_str() + at + std::string(tag).size());
  };
  long sequence = number("#EXT-X-MEDIA-SEQUENCE:") + number("#EXT-X-SKIP:SKIPPED-SEGMENTS="), parts = 0;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    ++at;
    if (text.compare(at, 8, "#EXTINF:") == 0) ++sequence, parts = 0;
    if (text.compare(at, 12, "#EXT-X-PART:") == 0) ++parts;
  }
  return {sequence, parts};
}

std::string last_part(const Load& load, const std::string& text) {
  const auto tag = text.rfind("#EXT-X-PART:");
  if (tag == std::string::npos) return {};
  const auto begin = text.find("URI=\"", tag) + 5;
  return load.path.substr(0, load.path.rfind('/') + 1) + text.substr(begin, text.find('"', begin) - begin);
}

void answered(Load& load, Player& player, const std::string& head, const std::string& body) {
  if (player.fetching) {
    ++load.fetched;
    return ask_playlist(load, player);
  }
  if (head.compare(9, 3, "200") != 0) ++load.refused;
  ++load.answers;
  const auto now = Clock::now();
  const auto [sequence, parts] = open_part(body);
  if (player.sequence >= 0) {
    const auto [place, fresh] = load.first.emplace(std::pair(player.sequence, player.part), now);
    load.delays_ms.push_back(std::chrono::duration<double, std::milli>(now - place->second).count());
  }
  player.sequence = sequence;
  player.part = parts;
  if (const std::string target = load.parts ? last_part(load, body) : std::string(); !target.empty()) {
    player.fetching = true;
    return ask(player, target);
  }
  ask_playlist(load, player);
}

void heard(Load& load, Player& player) {
  char room[65536];
  for (;;) {
    const ssize_t count = ::recv(player.socket, room, sizeof room, MSG_DONTWAIT);
    if (count < 0) break;
    if (count == 0) {
      std::fputs("the server closed a connection\n", stderr);
      std::exit(1);
    }
    player.in.append(room, static_cast<std::size_t>(count));
  }
  for (;;) {
    const auto end = player.in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const auto field = player.in.find("Content-Length: ");
    const std::size_t length = field < end ? std::strtoul(player.in.c_str() + field + 16, nullptr, 10) : 0;
    if (player.in.size() < end + 4 + length) return;
    const std::string head = player.in.substr(0, end), body = player.in.substr(end + 4, length);
    player.in.erase(0, end + 4 + length);
    answered(load, player, head, body);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) {
    std::fputs("hls-load PORT PATH PLAYERS SECONDS [parts]\n", stderr);
    return 2;
  }
  const int port = std::atoi(words[1]), players = std::atoi(words[3]);
  const double seconds = std::atof(words[4]);
  Load load{.path = words[2], .parts = count > 5};
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const int poll = ::epoll_create1(0);
  std::vector<Player> all(static_cast<std::size_t>(players));
  for (Player& player : all) {
    player.socket = connect_to(port);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &player}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, player.socket, &event);
    ask_playlist(load, player);
  }
  const auto warm = Clock::now() + std::chrono::seconds(3);
  const auto until = warm + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  bool cleared = false;
  while (Clock::now() < until) {
    epoll_event events[256];
    const int ready = ::epoll_wait(poll, events, 256, 100);
    for (int i = 0; i < ready; ++i) heard(load, *static_cast<Player*>(events[i].data.ptr));
    if (!cleared && Clock::now() > warm) {
      cleared = true;
      load.delays_ms.clear();
      load.answers = load.fetched = 0;
    }
  }
  std::sort(load.delays_ms.begin(), load.delays_ms.end());
  const auto at = [&](double share) {
    if (load.delays_ms.empty()) return 0.0;
    return load.delays_ms[static_cast<std::size_t>(share * static_cast<double>(load.delays_ms.size() - 1))];
  };
  std::printf(
      "{\"players\":%d,\"playlists_per_second\":%.0f,\"parts_per_second\":%.0f,\"refused\":%zu,"
      "\"delay_ms\":{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"max\":%.2f}}\n",
      players, static_cast<double>(load.answers) / seconds, static_cast<double>(load.fetched) / seconds, load.refused,
      at(0.5), at(0.9), at(0.99), at(1));
}
