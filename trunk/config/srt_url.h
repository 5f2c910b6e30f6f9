#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::config {

struct Config;

// Options of an SRT connection by the names that libsrt's own tools have for them: those of SRTO_*, in lower case.
using SrtSettings = std::vector<std::pair<std::string, std::variant<std::int64_t, bool, std::string>>>;

// Where a stream is fetched from or sent to by SRT: "srt://HOST:PORT?streamid=...&latency=200&passphrase=...". Times
// are milliseconds, as libsrt has them. Values may be percent-encoded; "#" and "+" stand for themselves.
struct SrtUrl {
  enum class Mode : std::uint8_t {
    caller,      // we call
    rendezvous,  // both call each other
    listener,    // we are called, at a port of this place's own
  };
  Mode mode = Mode::caller;
  std::string host;              // of the other side; of a listener, the address to listen on, or empty
  std::uint16_t port = 0;        // of the other side; of a listener, ours
  std::string adapter;           // ours; empty: any
  std::uint16_t local_port = 0;  // ours, of a caller or a rendezvous; 0: any, or that of the other side
  std::uint16_t program = 0;     // that is taken of several; 0: the first. Of what is fetched
  SrtSettings settings;          // `latency` first, as it sets what others say more of

  std::string_view text_of(std::string_view name) const;  // of a setting that is a text; empty if there is none
  std::optional<std::int64_t> number_of(std::string_view name) const;
};

bool is_srt_url(std::string_view text);
// None, and `fault` says why, without the value of a secret.
std::optional<SrtUrl> parse_srt_url(std::string_view text, std::string& fault);
// A URL that says the same, secrets and all.
std::string to_text(const SrtUrl& url);
// Whether anything of it needs SRT: a server, or a place that is called. What a backend will name is not known before.
bool asks_for_srt(const Config& config);
// What is odd in a URL and may be meant so; empty if nothing is.
std::string oddity_of(const SrtUrl& url);

}  // namespace weir::config
