#include "app/bench/options.h"

#include <charconv>
#include <cstdlib>
#include <string>

#include "app/bench/errc.h"

namespace weir::bench {

namespace {

constexpr std::string_view help = R"(weir bench: a load of publishers and players, and what it sees

  weir bench --publish rtmp://127.0.0.1/live/s --play rtmp://127.0.0.1/live/s --players 1000 --pid $(pidof weir)
  weir bench --publish rtmp://127.0.0.1/live/s --publishers 20 --play http://127.0.0.1:8080/live/s.flv --players 2000
  weir bench --mode churn --publish rtmp://127.0.0.1/live/s --rounds 10000 --pid $(pidof weir)

Load
  --publish URL         where to publish: rtmp://host[:port]/app/stream[?query]
  --publishers N        how many (1 with --publish)
  --play URL            what to play: rtmp://..., or http://host[:port]/path.flv for HTTP-FLV
  --players N           how many (1 with --play)
  --streams N           spread players over so many streams (one per publisher); above one, _0, _1, ... goes
                        behind the name (before ".flv")
  --ramp N              connections opened a second (500)
  --sources N           connect from 127.0.0.1 to 127.0.0.N in turn (1); one address has 28,000 ports
  --idle                players of a stream that nobody publishes: memory is the question, silence no fault
  --mode churn          connect, publish, hear that it is accepted, disconnect; --rounds N (10000), --concurrent N (8)
Media
  --input FILE.flv      what to publish, in real time, over and over; without it a synthetic H.264 + AAC stream
  --kbps N              of the synthetic stream (500); --gop SECONDS between its key frames (2)
  --chunk-size N        of the publishers (4096)
  --publish-tick MS     send what is due every MS in one write (0: each message at its time, in a write of its own)
Measuring
  --seconds S           window (12); --warmup S before it, once all are connected (3)
  --drain MS            look at the sockets every MS; 0 reads at once (0). Says how old bytes may get on our side
  --parse-every N       follow one player in N frame by frame and drop the bytes of the others in the kernel (1: all)
  --starved S           silence that counts as starved, in seconds (2); so does less than 90 % of the bytes
  --pid PID             the server's: its CPU time, memory, threads and descriptors go into the report
  --json FILE           write the report as JSON too; - for standard output instead of the text

Exit status: 0 all connected and nobody starved, 1 otherwise, 2 wrong arguments.
)";

template <class T>
bool number(std::string_view text, T low, T high, T& out) {
  T value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || value < low || value > high) return false;
  out = value;
  return true;
}

bool target(std::string_view text, std::optional<Target>& out) {
  const auto parsed = parse_target(text);
  if (parsed) out = *parsed;
  return parsed.has_value();
}

// False: the value does not fit the option. None: there is no such option.
std::optional<bool> set(Options& o, std::string_view name, std::string_view value) {
  if (name == "--publish") return target(value, o.publish) && o.publish->protocol == Target::Protocol::rtmp;
  if (name == "--play") return target(value, o.play);
  if (name == "--publishers") return number(value, 0u, 100'000u, o.publishers);
  if (name == "--players") return number(value, 0u, 100'000u, o.players);
  if (name == "--streams") return number(value, 1u, 100'000u, o.streams);
  if (name == "--ramp") return number(value, 1u, 100'000u, o.ramp);
  if (name == "--sources") return number(value, 1u, 250u, o.sources);
  if (name == "--seconds") return number(value, 0.1, 3600.0, o.seconds);
  if (name == "--warmup") return number(value, 0.0, 600.0, o.warmup);
  if (name == "--drain") return number(value, 0.0, 1000.0, o.drain_ms);
  if (name == "--publish-tick") return number(value, 0.0, 1000.0, o.publish_tick_ms);
  if (name == "--chunk-size") return number(value, 128u, 65'536u, o.chunk_size);
  if (name == "--parse-every") return number(value, 1u, 100'000u, o.parse_every);
  if (name == "--starved") return number(value, 0.05, 600.0, o.starved_seconds);
  if (name == "--rounds") return number(value, 1u, 1'000'000u, o.rounds);
  if (name == "--concurrent") return number(value, 1u, 1000u, o.concurrent);
  if (name == "--kbps") return number(value, 20.0, 100'000.0, o.kbps);
  if (name == "--gop") return number(value, 0.1, 60.0, o.gop_seconds);
  if (name == "--pid") return number(value, 1, 1 << 30, o.pid);
  if (name == "--input") return !(o.input = value).empty();
  if (name == "--json") return !(o.json = value).empty();
  if (name == "--mode") {
    o.mode = value == "churn" ? Mode::churn : Mode::stream;
    return value == "churn" || value == "stream";
  }
  return std::nullopt;
}

std::string complete(Options& o) {
  if (!o.publish && !o.play) return "neither --publish nor --play is given";
  if (o.mode == Mode::churn && !o.publish) return "--mode churn needs --publish";
  if (o.publish && o.publishers == 0) o.publishers = 1;
  if (o.play && o.players == 0) o.players = 1;
  if (!o.publish && o.publishers > 0) return "--publishers without --publish";
  if (!o.play && o.players > 0) return "--players without --play";
  if (o.streams == 0) o.streams = o.publishers > 0 ? o.publishers : 1;
  if (o.publishers > o.streams) return "more publishers than streams: each needs a name of its own";
  return {};
}

}  // namespace

ParsedOptions parse_options(std::span<const std::string_view> arguments) {
  ParsedOptions out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "-h" || name == "--help") {
      out.options.help = true;
      return out;
    }
    if (name == "--idle") {
      out.options.idle = true;
      continue;
    }
    const std::string_view value = i + 1 < arguments.size() ? arguments[i + 1] : std::string_view{};
    const auto fits = set(out.options, name, value);
    if (!fits) {
      out.mistake = "unknown option " + std::string(name);
    } else if (i + 1 == arguments.size()) {
      out.mistake = std::string(name) + " needs a value";
    } else if (!*fits) {
      out.mistake = std::string(name) + " cannot be \"" + std::string(value) + "\"";
    }
    if (!out.mistake.empty()) return out;
    ++i;
  }
  out.mistake = complete(out.options);
  return out;
}

std::string_view help_text() { return help; }

}  // namespace weir::bench
