#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "ts_stream.h"

// As much of a caller of SRT as a load needs, over a socket of its own and without a thread: what libsrt's callers send
// and answer at a loss-free rate, at a tenth of their cost. draft-sharabayko-srt-01.
namespace bench {

constexpr std::size_t srt_head = 16;

class SrtCaller {
 public:
  // Connects, within two seconds; throws with the code that it was turned away with.
  SrtCaller(int port, const std::string& stream_id, unsigned latency_ms)
      : id_(next_id()), began_(clock_ns(CLOCK_MONOTONIC)) {
    fd_ = socket(AF_INET, SOCK_DGRAM, 0);
    const int room = 1 << 20;
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error("connect");
    const std::uint32_t cookie = word(ask(handshake(4, 2, 1, 0, {})), srt_head + 28);
    // 3.2.1.1.1: version, flags without STREAM, latencies; 3.2.1.3: the stream id, four bytes at a time turned round.
    std::vector<std::uint32_t> said{1U << 16 | 3, 0x00010501, 0xbf, latency_ms << 16 | latency_ms};
    std::string text = stream_id;
    text.resize((text.size() + 3) / 4 * 4);
    said.push_back(5U << 16 | static_cast<std::uint32_t>(text.size() / 4));
    for (std::size_t i = 0; i < text.size(); i += 4) {
      std::uint32_t four = 0;
      for (std::size_t k = 4; k-- > 0;) four = four << 8 | static_cast<std::uint8_t>(text[i + k]);
      said.push_back(four);
    }
    const auto answer = ask(handshake(5, 5, 0xffffffff, cookie, said));
    const std::uint32_t kind = word(answer, srt_head + 20);  // 1000 and the reason of one that is turned away, 3.2.1.1
    if (kind >= 1000 && kind < 4000) throw std::runtime_error("turned away with " + std::to_string(kind - 1000));
    peer_ = word(answer, srt_head + 24);
    next_ = word(answer, srt_head + 8) & 0x7fffffff;  // the listener begins where the caller does
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~SrtCaller() {
    control(5, 0, {0});
    close(fd_);
  }
  SrtCaller(const SrtCaller&) = delete;

  // Sends datagrams of payload with one system call, and keeps them for a while.
  void send(const std::uint8_t* data, std::size_t count) {
    std::array<mmsghdr, 32> messages{};
    std::array<std::array<iovec, 2>, 32> parts;
    std::array<std::array<std::uint8_t, srt_head>, 32> heads;
    for (std::size_t done = 0; done < count;) {
      const std::size_t now = std::min<std::size_t>(count - done, messages.size());
      for (std::size_t i = 0; i < now; ++i) {
        Sent& kept = ring_[sequence_ % ring_.size()];
        kept.sequence = sequence_;
        write_data_head(heads[i].data(), sequence_, message_++, 0);
        std::memcpy(kept.head.data(), heads[i].data(), srt_head);
        std::memcpy(kept.payload.data(), data + (done + i) * datagram, datagram);
        parts[i] = {{{heads[i].data(), srt_head}, {const_cast<std::uint8_t*>(data) + (done + i) * datagram, datagram}}};
        messages[i] = {};
        messages[i].msg_hdr.msg_iov = parts[i].data();
        messages[i].msg_hdr.msg_iovlen = 2;
        sequence_ = (sequence_ + 1) & 0x7fffffff;
      }
      const int sent = sendmmsg(fd_, messages.data(), static_cast<unsigned>(now), 0);
      if (sent < static_cast<int>(now)) ++send_failures;
      done += now;
    }
    spoke_ = clock_ns(CLOCK_MONOTONIC);
  }

  // Reads what is there: take(payload, size, when the kernel had it). Answers what wants an answer.
  template <class Take>
  void read(Take take) {
    constexpr std::size_t most = 16;
    static thread_local std::array<std::array<std::uint8_t, 1600>, most> rooms;
    static thread_local std::array<std::array<char, 64>, most> controls;
    for (;;) {
      std::array<mmsghdr, most> messages{};
      std::array<iovec, most> parts;
      for (std::size_t i = 0; i < most; ++i) {
        parts[i] = {rooms[i].data(), rooms[i].size()};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_control = controls[i].data();
        messages[i].msg_hdr.msg_controllen = controls[i].size();
      }
      const int count = recvmmsg(fd_, messages.data(), most, MSG_DONTWAIT, nullptr);
      if (count < 0 && errno == ECONNREFUSED) over = true;
      if (count <= 0) return;
      for (int i = 0; i < count; ++i) {
        input(rooms[static_cast<std::size_t>(i)].data(), messages[static_cast<std::size_t>(i)].msg_len,
              arrival(messages[static_cast<std::size_t>(i)].msg_hdr), take);
      }
      if (count < static_cast<int>(most)) return;
    }
  }
  // Each 10 ms: what came, as libsrt acknowledges it; what is missing; that we are there.
  void tend() {
    const std::uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (received_ && acknowledged_ != next_) {
      acknowledged_ = next_;
      control(2, ++acknowledgement_, {next_, 1000, 200, 8192, 250, 1000, 330'000});
    }
    if (!waiting_.empty() && now - asked_ > 20'000'000) {
      asked_ = now;
      const std::uint32_t last = (waiting_.begin()->first - 1) & 0x7fffffff;
      if (last == next_) {
        control(3, 0, {next_});
      } else {
        control(3, 0, {next_ | 0x80000000, last});
      }
    }
    if (now - spoke_ > 1'000'000'000) control(1, 0, {0});
  }

  int descriptor() const { return fd_; }

  std::uint64_t late = 0;    // datagrams that had to be asked for
  std::uint64_t resent = 0;  // that the server asked for
  std::uint64_t send_failures = 0;
  bool over = false;

 private:
  struct Sent {
    std::uint32_t sequence = 0xffffffff;
    std::array<std::uint8_t, srt_head> head;
    std::array<std::uint8_t, datagram> payload;
  };
  static std::uint32_t next_id() {
    static std::uint32_t last = 1000;
    return ++last;
  }
  static void put(std::uint8_t* at, std::uint32_t word) {
    word = htonl(word);
    std::memcpy(at, &word, 4);
  }
  static std::uint32_t word(const std::uint8_t* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, 4);
    return ntohl(value);
  }
  static std::uint32_t word(const std::vector<std::uint8_t>& in, std::size_t at) {
    if (in.size() < at + 4) throw std::runtime_error("a short handshake");
    return word(in.data() + at);
  }
  std::uint32_t stamp() const { return static_cast<std::uint32_t>((clock_ns(CLOCK_MONOTONIC) - began_) / 1000); }
  void write_data_head(std::uint8_t* at, std::uint32_t sequence, std::uint32_t message, std::uint32_t flags) const {
    put(at, sequence);
    put(at + 4, 0xe0000000 | flags | (message & 0x03ffffff));  // a message of one packet, in order
    put(at + 8, stamp());
    put(at + 12, peer_);
  }
  void control(std::uint32_t kind, std::uint32_t information, const std::vector<std::uint32_t>& words) {
    std::array<std::uint8_t, 64> out;
    put(out.data(), 0x80000000 | kind << 16);
    put(out.data() + 4, information);
    put(out.data() + 8, stamp());
    put(out.data() + 12, peer_);
    for (std::size_t i = 0; i < words.size(); ++i) put(out.data() + srt_head + 4 * i, words[i]);
    (void)::send(fd_, out.data(), srt_head + 4 * words.size(), 0);
    spoke_ = clock_ns(CLOCK_MONOTONIC);
  }
  std::vector<std::uint8_t> handshake(std::uint32_t version, std::uint32_t field, std::uint32_t kind,
                                      std::uint32_t cookie, const std::vector<std::uint32_t>& extensions) const {
    std::vector<std::uint32_t> words{0x80000000, 0,    stamp(), 0,      version,    field, sequence_, 1500,
                                     8192,       kind, id_,     cookie, 0x0100007f, 0,     0,         0};
    words.insert(words.end(), extensions.begin(), extensions.end());
    std::vector<std::uint8_t> out(words.size() * 4);
    for (std::size_t i = 0; i < words.size(); ++i) put(out.data() + 4 * i, words[i]);
    return out;
  }
  std::vector<std::uint8_t> ask(const std::vector<std::uint8_t>& question) const {
    for (int tries = 0; tries < 8; ++tries) {
      (void)::send(fd_, question.data(), question.size(), 0);
      pollfd wait{fd_, POLLIN, 0};
      while (poll(&wait, 1, 250) > 0) {
        std::vector<std::uint8_t> answer(2048);
        const ssize_t size = recv(fd_, answer.data(), answer.size(), 0);
        if (size < 0) break;
        answer.resize(static_cast<std::size_t>(size));
        if (answer.size() >= 64 && word(answer, 0) == 0x80000000) return answer;
      }
    }
    throw std::runtime_error("nobody answers");
  }
  static std::uint64_t arrival(const msghdr& message) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(const_cast<msghdr*>(&message), c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec at{};
      std::memcpy(&at, CMSG_DATA(c), sizeof at);
      return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(at.tv_nsec);
    }
    return wall_ns();
  }
  template <class Take>
  void input(const std::uint8_t* in, std::size_t size, std::uint64_t arrived, Take& take) {
    if (size < srt_head) return;
    const std::uint32_t first = word(in);
    if ((first & 0x80000000) == 0) return data(first, in + srt_head, size - srt_head, arrived, take);
    const std::uint32_t kind = first >> 16 & 0x7fff;
    if (kind == 2 && size >= srt_head + 16) control(6, word(in + 4), {0});
    if (kind == 3) resend(in + srt_head, size - srt_head);
    if (kind == 5) over = true;
  }
  template <class Take>
  void data(std::uint32_t sequence, const std::uint8_t* payload, std::size_t size, std::uint64_t arrived, Take& take) {
    received_ = true;
    const auto ahead = static_cast<std::int32_t>((sequence - next_) << 1) >> 1;
    if (ahead < 0) return;
    if (ahead > 0) {
      waiting_.try_emplace(sequence, payload, payload + size);
      if (waiting_.size() < 512) return;
      next_ = waiting_.begin()->first;  // given up
    } else {
      if (!waiting_.empty()) ++late;
      take(payload, size, arrived);
      next_ = (next_ + 1) & 0x7fffffff;
    }
    while (!waiting_.empty() && waiting_.begin()->first == next_) {
      const auto& kept = waiting_.begin()->second;
      take(kept.data(), kept.size(), arrived);
      waiting_.erase(waiting_.begin());
      next_ = (next_ + 1) & 0x7fffffff;
    }
  }
  void resend(const std::uint8_t* list, std::size_t size) {
    for (std::size_t at = 0; at + 4 <= size; at += 4) {
      std::uint32_t from = word(list + at), to = from & 0x7fffffff;
      if ((from & 0x80000000) != 0 && at + 8 <= size) to = word(list + (at += 4));
      for (from &= 0x7fffffff; from <= to; ++from) {
        Sent& kept = ring_[from % ring_.size()];
        if (kept.sequence != from) continue;
        ++resent;
        std::array<std::uint8_t, srt_head + datagram> out;
        std::memcpy(out.data(), kept.head.data(), srt_head);
        out[4] |= 0x04;  // sent again
        std::memcpy(out.data() + srt_head, kept.payload.data(), datagram);
        (void)::send(fd_, out.data(), out.size(), 0);
      }
    }
  }

  int fd_;
  std::uint32_t id_, peer_ = 0;
  std::uint64_t began_, spoke_ = 0, asked_ = 0;
  std::uint32_t sequence_ = 1, message_ = 1, next_ = 0, acknowledged_ = 0, acknowledgement_ = 0;
  bool received_ = false;
  std::map<std::uint32_t, std::vector<std::uint8_t>> waiting_;
  std::vector<Sent> ring_ = std::vector<Sent>(512);
};

}  // namespace bench
