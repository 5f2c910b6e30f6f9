#include "session/gb28181/said_format.h"

#include <array>
#include <optional>
#include <span>

#include "base/text.h"

namespace weir::session::gb28181 {

namespace {

using Names = std::span<const std::string_view>;

// 5 of 2022.
constexpr std::array<std::string_view, 6> videos{"", "MPEG-4", "H.264", "SVAC", "3GP", "H.265"};
constexpr std::array<std::string_view, 7> sizes{"", "QCIF", "CIF", "4CIF", "D1", "720P", "1080P"};
constexpr std::array<std::string_view, 3> rates{"", "CBR", "VBR"};
constexpr std::array<std::string_view, 5> audios{"", "G.711", "G.723.1", "G.729", "G.722.1"};
constexpr std::array<std::string_view, 9> audio_rates{"",        "5.3 kb/s", "6.3 kb/s", "8 kb/s", "16 kb/s",
                                                      "24 kb/s", "32 kb/s",  "48 kb/s",  "64 kb/s"};
constexpr std::array<std::string_view, 5> samplings{"", "8 kHz", "14 kHz", "16 kHz", "32 kHz"};
constexpr std::uint64_t most_frames_per_second = 99, most_kbps = 100'000;

// Fields of one medium, each behind a "/".
class Fields {
 public:
  explicit Fields(std::string_view text) : all_(base::split(text, '/')) {}

  std::optional<std::uint64_t> number(std::size_t field, std::uint64_t most) const {
    const auto value = field < all_.size() ? base::parse_number(base::trim(all_[field])) : std::nullopt;
    if (!value || *value == 0 || *value > most) return std::nullopt;
    return value;
  }
  void add(std::string& out, std::size_t field, Names names) const {
    if (const auto value = number(field, names.size() - 1)) word(out, names[*value]);
  }
  void add(std::string& out, std::size_t field, std::uint64_t most, std::string_view unit) const {
    if (const auto value = number(field, most)) word(out, std::to_string(*value) + std::string(unit));
  }

 private:
  static void word(std::string& out, std::string_view text) {
    if (!out.empty()) out += ' ';
    out += text;
  }
  std::vector<std::string_view> all_;
};

}  // namespace

std::string said_format(std::string_view value) {
  value = base::trim(value);
  if (value.size() > 128 || !value.starts_with("v/")) return {};
  const auto [of_video, of_audio] = base::split_first(value.substr(2), 'a');
  std::string video, audio;
  const Fields seen(of_video);
  seen.add(video, 0, videos);
  seen.add(video, 1, sizes);
  seen.add(video, 2, most_frames_per_second, " fps");
  seen.add(video, 4, most_kbps, " kb/s");
  seen.add(video, 3, rates);
  const Fields heard(of_audio.starts_with('/') ? of_audio.substr(1) : std::string_view());
  heard.add(audio, 0, audios);
  heard.add(audio, 1, audio_rates);
  heard.add(audio, 2, samplings);
  if (!video.empty() && !audio.empty()) video += ", ";
  return video + audio;
}

}  // namespace weir::session::gb28181
