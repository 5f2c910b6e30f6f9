#pragma once

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// The transport stream of the measurements: pictures of one size, each of which says its number and when it was sent,
// and whoever looks whether all of them come whole.
namespace bench {

constexpr std::size_t packet = 188, datagram = 7 * packet;
constexpr unsigned pictures_a_second = 25, key_distance = 50;
constexpr std::uint16_t video_pid = 0x100, pmt_pid = 0x1000;

inline std::uint64_t clock_ns(clockid_t which) {
  timespec at{};
  clock_gettime(which, &at);
  return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(at.tv_nsec);
}
// Of the wall, as the kernel stamps what it receives.
inline std::uint64_t wall_ns() { return clock_ns(CLOCK_REALTIME); }
inline double cpu_seconds() { return static_cast<double>(clock_ns(CLOCK_PROCESS_CPUTIME_ID)) / 1e9; }

constexpr std::string_view mark = "WEIRBENCHPICTURE";

class Maker {
 public:
  // Each picture is a whole number of datagrams, so that none waits for the next; the rate is the next above.
  explicit Maker(double kbps)
      : datagrams_(std::max<std::size_t>(
            1, static_cast<std::size_t>(kbps * 125 / pictures_a_second / static_cast<double>(datagram) + 0.999))) {}

  std::size_t datagrams() const { return datagrams_; }
  std::size_t picture_bytes() const { return datagrams_ * datagram; }

  // The next picture: tables, a clock reference, an access unit in a PES packet that does not say its length, as ffmpeg
  // and OBS write it.
  void make(std::vector<std::uint8_t>& out, std::uint64_t sent_at_ns) {
    const bool key = number_ % key_distance == 0;
    const std::uint64_t time = (90'000 + std::uint64_t{number_} * (90'000 / pictures_a_second)) & 0x1ffffffffULL;
    out.resize(picture_bytes());
    write_section(out.data(), 0, pat_counter_,
                  {0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | pmt_pid >> 8, pmt_pid & 0xff});
    write_section(out.data() + packet, pmt_pid, pmt_counter_,
                  {0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe0 | video_pid >> 8, video_pid & 0xff, 0xf0, 0, 0x1b,
                   0xe0 | video_pid >> 8, video_pid & 0xff, 0xf0, 0});
    unit_.clear();
    put({0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5});
    put({static_cast<std::uint8_t>(0x21 | (time >> 29 & 0xe)), static_cast<std::uint8_t>(time >> 22),
         static_cast<std::uint8_t>(0x01 | time >> 14), static_cast<std::uint8_t>(time >> 7),
         static_cast<std::uint8_t>(0x01 | time << 1)});
    put({0, 0, 0, 1, 0x09, 0xf0});
    if (key) {
      put({0,    0,    0,    1,    0x67, 0x42, 0xc0, 0x1e, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0xc0, 0x44,
           0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xc8, 0x3c, 0x58, 0xba, 0x80});
      put({0, 0, 0, 1, 0x68, 0xce, 0x0f, 0xc8});
    }
    char said[41];
    std::snprintf(said, sizeof said, "%.16s%016llx%08x", mark.data(), static_cast<unsigned long long>(sent_at_ns),
                  number_);
    put({0, 0, 1, 0x06, 0x05, 40});  // SEI, user data of 16 bytes of name and 24
    unit_.insert(unit_.end(), said, said + 40);
    put({0x80, 0, 0, 1, static_cast<std::uint8_t>(key ? 0x65 : 0x41), static_cast<std::uint8_t>(key ? 0x88 : 0x9a)});
    // Filled up so that the last packet ends with it.
    std::size_t at = 0;
    for (std::size_t i = 2; i < datagrams_ * 7; ++i) {
      std::uint8_t* const p = out.data() + i * packet;
      const bool first = i == 2;
      p[0] = 0x47;
      p[1] = static_cast<std::uint8_t>((first ? 0x40 : 0) | video_pid >> 8);
      p[2] = video_pid & 0xff;
      p[3] = static_cast<std::uint8_t>((first ? 0x30 : 0x10) | (video_counter_++ & 0xf));
      std::size_t head = 4;
      if (first) {
        const std::uint64_t clock = time - 18'000;
        const std::array<std::uint8_t, 8> field{7,
                                                static_cast<std::uint8_t>(key ? 0x50 : 0x10),
                                                static_cast<std::uint8_t>(clock >> 25),
                                                static_cast<std::uint8_t>(clock >> 17),
                                                static_cast<std::uint8_t>(clock >> 9),
                                                static_cast<std::uint8_t>(clock >> 1),
                                                static_cast<std::uint8_t>((clock & 1) << 7 | 0x7e),
                                                0};
        std::copy(field.begin(), field.end(), p + 4);
        head = 12;
      }
      const std::size_t take = std::min(packet - head, unit_.size() - at);
      std::memcpy(p + head, unit_.data() + at, take);
      at += take;
      std::memset(p + head + take, 0x5a, packet - head - take);
    }
    ++number_;
  }

 private:
  void put(std::initializer_list<int> bytes) {
    for (const int byte : bytes) unit_.push_back(static_cast<std::uint8_t>(byte));
  }
  static std::uint32_t crc(const std::uint8_t* data, std::size_t size) {
    std::uint32_t sum = 0xffffffff;
    for (std::size_t i = 0; i < size; ++i) {
      sum ^= std::uint32_t{data[i]} << 24;
      for (int bit = 0; bit < 8; ++bit) sum = sum << 1 ^ ((sum >> 31) != 0 ? 0x04c11db7 : 0);
    }
    return sum;
  }
  static void write_section(std::uint8_t* out, std::uint16_t pid, std::uint8_t& counter,
                            std::initializer_list<int> section) {
    std::memset(out, 0xff, packet);
    out[0] = 0x47;
    out[1] = static_cast<std::uint8_t>(0x40 | pid >> 8);
    out[2] = static_cast<std::uint8_t>(pid);
    out[3] = static_cast<std::uint8_t>(0x10 | (counter++ & 0xf));
    out[4] = 0;
    std::size_t at = 5;
    for (const int byte : section) out[at++] = static_cast<std::uint8_t>(byte);
    const std::uint32_t sum = crc(out + 5, section.size());
    for (int shift = 24; shift >= 0; shift -= 8) out[at++] = static_cast<std::uint8_t>(sum >> shift);
  }

  std::size_t datagrams_;
  std::uint32_t number_ = 0;
  std::uint8_t pat_counter_ = 0, pmt_counter_ = 0, video_counter_ = 0;
  std::vector<std::uint8_t> unit_;
};

// What a receiver of that stream sees.
struct Looker {
  std::uint64_t packets = 0, gaps = 0;                  // gaps of counters of the pictures
  std::uint64_t pictures = 0, missing = 0, broken = 0;  // broken: came, and a packet of it did not
  std::vector<std::uint32_t>* delays_us = nullptr;      // from the sending of a picture to its first packet

  void look(const std::uint8_t* data, std::size_t size, std::uint64_t arrived_ns) {
    for (std::size_t at = 0; at + packet <= size; at += packet) look_at(data + at, arrived_ns);
  }

 private:
  void look_at(const std::uint8_t* p, std::uint64_t arrived_ns) {
    ++packets;
    if (p[0] != 0x47 || (p[3] & 0x10) == 0) return;
    const unsigned pid = (p[1] & 0x1fU) << 8 | p[2];
    const bool start = (p[1] & 0x40) != 0;
    if (pid < 0x20 || pid == pmt_pid || pid == 0x1fff || pid == 0x1001) return;
    const std::uint8_t counter = p[3] & 0xf;
    if (begun_ && counter != ((last_ + 1) & 0xf)) {
      ++gaps;
      hurt_ = true;
    }
    last_ = counter;
    if (!start) return;
    const auto* const found = static_cast<const std::uint8_t*>(memmem(p, packet, mark.data(), mark.size()));
    if (!found || found + 40 > p + packet) return;
    char text[25]{};
    std::memcpy(text, found + 16, 24);
    const std::uint32_t number = static_cast<std::uint32_t>(std::strtoul(text + 16, nullptr, 16));
    text[16] = 0;
    const std::uint64_t sent = std::strtoull(text, nullptr, 16);
    if (begun_) {
      if (hurt_) ++broken;
      if (number > number_ + 1) missing += number - number_ - 1;
    }
    begun_ = true;
    hurt_ = false;
    number_ = number;
    ++pictures;
    if (delays_us && arrived_ns > sent) delays_us->push_back(static_cast<std::uint32_t>((arrived_ns - sent) / 1000));
  }

  std::uint8_t last_ = 0;
  std::uint32_t number_ = 0;
  bool begun_ = false, hurt_ = false;
};

inline double quantile_ms(std::vector<std::uint32_t>& us, double part) {
  if (us.empty()) return 0;
  const auto at = us.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(us.size() - 1));
  std::nth_element(us.begin(), at, us.end());
  return *at / 1000.0;
}

// "--name value" behind the words of a command.
class Arguments {
 public:
  Arguments(int count, char** words) : words_(words, words + count) {}
  double number(std::string_view name, double otherwise) const {
    const std::string text = this->text(name, "");
    return text.empty() ? otherwise : std::atof(text.c_str());
  }
  std::string text(std::string_view name, std::string otherwise) const {
    for (std::size_t i = 1; i + 1 < words_.size(); ++i) {
      if (words_[i] == "--" + std::string(name)) return words_[i + 1];
    }
    return otherwise;
  }

 private:
  std::vector<std::string> words_;
};

}  // namespace bench
