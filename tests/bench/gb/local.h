#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

// What programs that stand for devices have in common: this machine's addresses, the API, and what a process has used.
namespace weir::bench {

inline sockaddr_in address_of(std::uint32_t address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(address);
  return out;
}
inline sockaddr_in local(std::uint16_t port) { return address_of(INADDR_LOOPBACK, port); }

// Connected to that port of 127.0.0.1, and waiting for it. Ends the program where nobody listens.
inline int connected(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in to = local(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    std::fprintf(stderr, "nobody listens at port %u\n", port);
    std::exit(1);
  }
  return socket;
}

// A request, and all that is answered: of HTTP/1.0.
inline std::string ask(std::uint16_t port, const std::string& request) {
  const int socket = connected(port);
  (void)!::write(socket, request.data(), request.size());
  std::string all;
  char room[65'536];
  for (ssize_t count = 0; (count = ::read(socket, room, sizeof room)) > 0;)
    all.append(room, static_cast<std::size_t>(count));
  ::close(socket);
  return all;
}
inline std::string post(std::uint16_t port, const std::string& path, const std::string& body = {}) {
  return ask(port, "POST " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body);
}

inline double cpu_seconds_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

inline double resident_bytes_of(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// Lines of /metrics that begin so.
inline void print_metrics(std::uint16_t api, const std::string& prefix) {
  std::istringstream metrics(ask(api, "GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"));
  for (std::string line; std::getline(metrics, line);) {
    if (line.starts_with(prefix)) std::printf("%s\n", line.c_str());
  }
}

}  // namespace weir::bench
