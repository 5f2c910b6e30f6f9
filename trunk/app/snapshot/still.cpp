#include "app/snapshot/still.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "app/exec/child.h"
#include "app/snapshot/error.h"
#include "format/mp4/fragmenter.h"
#include "net/deadline.h"
#include "net/pipe_stream.h"
#include "net/worker.h"

namespace weir::snapshot {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto time_limit = 10s;
constexpr std::size_t most_jpeg_bytes = 16u << 20;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }
  void close() {
    if (value_ >= 0) ::close(release());
  }
  // As a program that was started here may open it: by its name, and anew.
  std::string path() const { return fmt::format("/proc/self/fd/{}", value_); }

 private:
  int value_;
};

ErrorCode system_fault() { return ErrorCode(errno, boost::system::system_category()); }

// In memory, so that nobody waits for the program to read it.
Result<void> fill(const Descriptor& file, base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0) return system_fault();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

net::Task<Result<base::Buffer>> read_all(net::ByteStream& stream) {
  base::Buffer all, room(64 * 1024);
  for (;;) {
    const auto count = co_await stream.read_some({room.data(), room.size()});
    if (!count && count.error() == net::Errc::end_of_stream) co_return all;
    if (!count) co_return count.error();
    all.append(room.bytes().first(*count));
    if (all.size() > most_jpeg_bytes) co_return Errc::no_picture;
  }
}

bool is_jpeg(base::Bytes bytes) {
  return bytes.size() > 4 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[bytes.size() - 2] == 0xff &&
         bytes[bytes.size() - 1] == 0xd9;
}

}  // namespace

Result<base::SharedBytes> still_of(const hub::Stream* stream) {
  if (!stream) return Errc::no_stream;
  const hub::Source* source = stream->source();
  if (!source) return stream->has_inputs() ? Errc::no_key : Errc::no_stream;
  const media::Tracks& tracks = source->tracks();
  if (tracks.empty()) return Errc::no_key;  // they are not known yet
  const auto video = std::find_if(tracks.begin(), tracks.end(), [](const media::Track& track) {
    return track.id == media::TrackId::video && media::kind_of(track.parameters->codec) == media::Kind::video;
  });
  if (video == tracks.end()) return Errc::no_video;
  mp4::Fragmenter fragmenter({*video});
  if (!fragmenter.has_tracks()) return Errc::no_video;
  const auto& frames = source->frames();
  if (!frames.entry_point()) return Errc::no_key;
  for (auto at = *frames.entry_point(); at < frames.head(); ++at) {
    const media::Frame& frame = *frames.at(at);
    if (!frame.key || frame.track != media::TrackId::video || frame.generation != video->generation) continue;
    fragmenter.add(frame);
    TRY(const base::SharedBytes init, fragmenter.init());
    const base::SharedBytes fragment = fragmenter.cut();
    base::Buffer film;
    film.append(init);
    film.append(fragment);
    return base::SharedBytes::copy_of(film);
  }
  return Errc::no_key;
}

std::vector<std::string> words_of(const config::Snapshot& settings) {
  std::vector<std::string> words{settings.ffmpeg, "-v", "error",  "-nostdin", "-threads",  "1", "-f",
                                 "mp4",           "-i", "pipe:0", "-an",      "-frames:v", "1", "-pix_fmt",
                                 "yuvj420p"};
  if (settings.width > 0) words.insert(words.end(), {"-vf", fmt::format("scale={}:-2", settings.width)});
  words.insert(words.end(), {"-q:v", "4", "-f", "mjpeg", "pipe:1"});
  return words;
}

net::Task<Result<base::SharedBytes>> jpeg_of(net::Life& life, const config::Snapshot& settings, base::SharedBytes film,
                                             std::string& why) {
  const Descriptor input(::memfd_create("snapshot", MFD_CLOEXEC));
  if (input.get() < 0) co_return system_fault();
  CO_TRY_VOID(fill(input, film));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) co_return system_fault();
  Descriptor ours(ends[0]), theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  exec::Command command{.words = words_of(settings), .redirects = {}};
  command.redirects.push_back({.descriptor = 0, .path = input.path(), .input = true});
  command.redirects.push_back({.descriptor = 1, .path = theirs.path(), .append = true});
  command.redirects.push_back({.descriptor = 2, .path = "/dev/null", .append = true});
  const auto stream = net::make_pipe_reader(life.worker(), ours.release());
  CO_TRY(exec::Child child, exec::Child::start(command));
  theirs.close();
  auto read = co_await net::deadline(time_limit, read_all(*stream));
  if (!read) co_return read.error();
  if (is_jpeg(*read)) co_return base::SharedBytes::copy_of(*read);
  why = child.ended().value_or("it wrote no JPEG");
  co_return Errc::no_picture;
}

}  // namespace weir::snapshot
