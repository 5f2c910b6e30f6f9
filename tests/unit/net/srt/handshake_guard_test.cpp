#include "net/srt/handshake_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "net/srt/library.h"
#include "net/srt/listener.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/srt_peer.h"

namespace weir::test::handshake_guard_test {

using test::ByteVector;

namespace {

// Two sockets of the loopback, the second with the guard.
struct Guarded {
  Guarded() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (!net::guard_srt_handshakes(to)) throw std::runtime_error("no filter");
    ::bind(to, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(to, reinterpret_cast<sockaddr*>(&address), &size);
    ::connect(from, reinterpret_cast<sockaddr*>(&address), size);
  }
  ~Guarded() {
    ::close(from);
    ::close(to);
  }
  bool passes(const ByteVector& datagram) const {
    ::send(from, datagram.data(), datagram.size(), 0);
    std::array<char, 2048> room;
    const ssize_t count = ::recv(to, room.data(), room.size(), MSG_DONTWAIT);  // the loopback delivers at once
    return count == static_cast<ssize_t>(datagram.size());
  }
  int from = ::socket(AF_INET, SOCK_DGRAM, 0), to = ::socket(AF_INET, SOCK_DGRAM, 0);
};

void put32(ByteVector& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

// A block of a handshake whose content is a text: words of four characters in reverse. 3.2.1.3
ByteVector block(std::uint32_t type, std::string text) {
  ByteVector out;
  text.resize((text.size() + 3) / 4 * 4);
  put32(out, type << 16U | static_cast<std::uint32_t>(text.size() / 4));
  for (std::size_t at = 0; at < text.size(); at += 4) {
    for (std::size_t i = 4; i-- > 0;) out.push_back(static_cast<std::uint8_t>(text[at + i]));
  }
  return out;
}

const ByteVector request = test::bytes("0001 0003 00010501 000000bf 00780078");  // SRT_CMD_HSREQ

// The second handshake of a caller. 3.2.1
ByteVector conclusion(const std::vector<ByteVector>& blocks) {
  ByteVector out =
      test::bytes("80000000 00000000 00000000 00000000 00000005 0000 0005 00000001 000005dc 00002000 ffffffff");
  put32(out, 0x12345678);
  put32(out, 0x9abcdef0);
  out.resize(16 + 48);
  for (const ByteVector& one : blocks) out.insert(out.end(), one.begin(), one.end());
  return out;
}

ByteVector with_filter(const std::string& text) { return conclusion({request, block(5, "a name"), block(7, text)}); }

}  // namespace

TEST_CASE("handshakes with a packet filter that libsrt can bear pass, as does all else", "[srt]") {
  const Guarded guarded;
  for (const char* text : {"fec,cols:10,rows:5", "fec,cols:99,rows:-99,layout:staircase,arq:onreq", "fec", "fec,cols:3",
                           "other,key:value"}) {
    INFO(text);
    CHECK(guarded.passes(with_filter(text)));
  }
  CHECK(guarded.passes(conclusion({})));
  CHECK(guarded.passes(conclusion({request})));
  CHECK(guarded.passes(conclusion({request, block(5, std::string(512, '9')), block(6, "live")})));
  CHECK(guarded.passes(test::bytes("80000000 00000000")));
  CHECK(guarded.passes(test::bytes("80020000 00000000 00000000 00000000 0000000700000001")));  // an acknowledgement
  CHECK(guarded.passes(test::repeat(0x07, 1332)));                                             // data
}

TEST_CASE("handshakes that would crash libsrt, or take all memory, are dropped", "[srt]") {
  const Guarded guarded;
  using namespace std::string_literals;
  for (const std::string& text :
       {"\0\0\0\0"s, "\0fec"s, "fec,cols:100"s, "fec,cols:10,rows:1000000000"s, "fec,rows:-100,cols:2"s,
        "fec,cols:10,rows:5,x:0000000000000000000000000000000000000"s, std::string(65, 'a'),
        std::string(61, 'a') + "123"}) {
    INFO(base::printable(text));
    CHECK_FALSE(guarded.passes(with_filter(text)));
  }
  // Wherever it stands, and if there are two of them.
  CHECK_FALSE(guarded.passes(conclusion({block(7, "\0\0\0\0"s), request})));
  CHECK_FALSE(guarded.passes(conclusion({request, block(7, "fec,cols:5"), block(7, "\0\0\0\0"s)})));
  CHECK_FALSE(guarded.passes(conclusion({request, block(7, "fec,cols:5"), block(7, "fec,cols:5")})));
  // Behind more blocks than anybody has use for, or behind one whose length is a lie.
  CHECK_FALSE(guarded.passes(conclusion(std::vector<ByteVector>(9, request))));
  ByteVector lie = conclusion({request});
  lie[16 + 48 + 3] = 200;
  CHECK_FALSE(guarded.passes(lie));
}

namespace {

struct Open final : net::SrtDoor {
  net::SrtAnswer answer(const net::SrtCall&) override { return {}; }
};

}  // namespace

TEST_CASE("forward error correction of a caller is taken", "[srt]") {
  const auto logger = log::Logger::make_silent();
  const net::SrtLibrary library(logger.get());
  Open door;
  const auto listeners = net::SrtListener::open({"127.0.0.1", 0}, 1, {}, door);
  REQUIRE(listeners.has_value());
  const std::uint16_t port = listeners->front()->port();
  CHECK(test::SrtPeer(port, "x", {.packet_filter = "fec,cols:10,rows:5"}).connected());
  CHECK_FALSE(test::SrtPeer(port, "x", {.packet_filter = "fec,cols:100"}).connected());
}

}  // namespace weir::test::handshake_guard_test
