#include "hub/derived_audio.h"

#include <ctime>

#include "hub/track_view.h"
#include "net/mailbox.h"

namespace weir::hub {

using namespace std::chrono_literals;
using base::Ticks;
using media::FrameRef;

namespace {

constexpr std::size_t most_waiting = 256;  // frames: five seconds and more
constexpr std::size_t most_at_once = 8;    // then other streams have their turn: about a millisecond
constexpr Ticks silent_after = 500ms, told_each = 100ms;

std::uint64_t cpu_us() {
  std::timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}

}  // namespace

struct DerivedAudio::Letter {
  enum class Kind : std::uint8_t { recipe, frame, advance, flush } kind;
  std::shared_ptr<const sound::Recipe> recipe{};
  std::uint32_t epoch = 0;
  FrameRef frame{};
  Ticks now{};
};

// What the threads share with the home worker. Letters go in and frames come out by mailbox; the transcoder is touched
// by whoever has `scheduled`, one thread at a time.
struct DerivedAudio::Work {
  struct Made {
    std::uint32_t epoch;
    FrameRef frame;
  };
  Work(AudioBridge& of, net::Worker& worker) : bridge(of), home(worker) {}
  void take(Letter&& letter, std::vector<media::Frame>& out);

  AudioBridge& bridge;
  net::Worker& home;
  net::Mailbox<Letter> letters;
  std::atomic<std::size_t> waiting{0};
  std::atomic<bool> scheduled{false};
  std::atomic<bool> ended{false};
  std::atomic<bool> failed{false};
  net::Mailbox<Made> made;

  // of the thread
  std::unique_ptr<sound::Transcoder> transcoder;
  std::uint32_t epoch = 0;

  // of the home worker
  DerivedAudio* owner = nullptr;
};

DerivedAudio::DerivedAudio(AudioBridge& bridge, net::Worker& home, Deliver deliver)
    : bridge_(bridge), deliver_(std::move(deliver)), work_(std::make_shared<Work>(bridge, home)) {
  work_->owner = this;
  ++bridge.figures().streams;
  ++bridge.figures().started;
}

DerivedAudio::~DerivedAudio() {
  work_->owner = nullptr;
  work_->ended = true;
  --bridge_.figures().streams;
}

bool DerivedAudio::failed() const { return work_->failed.load(std::memory_order_relaxed); }

void DerivedAudio::set_recipe(sound::Recipe recipe) {
  recipe_ = recipe;
  ++epoch_;
  work_->failed = false;
  send({.kind = Letter::Kind::recipe,
        .recipe = std::make_shared<const sound::Recipe>(std::move(recipe)),
        .epoch = epoch_});
}

void DerivedAudio::put(FrameRef frame) {
  heard_ = advanced_ = frame->dts;
  if (work_->waiting.load(std::memory_order_relaxed) >= most_waiting) {
    ++dropped_;
    ++bridge_.figures().dropped;
    return;
  }
  send({.kind = Letter::Kind::frame, .frame = std::move(frame)});
}

void DerivedAudio::advance(Ticks now) {
  if (!recipe_.fill_gaps || now - heard_ < silent_after || now - advanced_ < told_each) return;
  advanced_ = now;
  if (work_->waiting.load(std::memory_order_relaxed) < most_waiting) send({.kind = Letter::Kind::advance, .now = now});
}

void DerivedAudio::flush() { send({.kind = Letter::Kind::flush}); }

void DerivedAudio::send(Letter letter) {
  work_->waiting.fetch_add(1);
  (void)work_->letters.put(std::move(letter));
  schedule(work_);
}

// At most one job of a stream is under way, so that its letters are used in order. A queue that is full is tried again
// with the next letter.
void DerivedAudio::schedule(const std::shared_ptr<Work>& work) {
  if (work->scheduled.exchange(true)) return;
  if (!work->bridge.pool().post([work] { run(work); })) work->scheduled = false;
}

void DerivedAudio::run(const std::shared_ptr<Work>& work) {
  const std::uint64_t begin = cpu_us();
  std::vector<media::Frame> out;
  std::size_t used = 0;
  const bool more = work->letters.take([&](Letter&& letter) {
    if (!work->ended.load(std::memory_order_relaxed)) work->take(std::move(letter), out);
    return ++used < most_at_once;
  });
  AudioBridge::Figures& figures = work->bridge.figures();
  bool first = false;
  for (media::Frame& frame : out) {
    frame.track = derived_track;
    first = work->made.put({work->epoch, std::make_shared<const media::Frame>(std::move(frame))}) || first;
  }
  figures.frames_out += out.size();
  figures.cpu_us += cpu_us() - begin;
  if (first) work->home.post([work] { collect(work); });
  work->waiting.fetch_sub(used);
  work->scheduled = false;
  // A letter that came after the last look found it scheduled.
  if (more || work->waiting.load() > 0) schedule(work);
}

void DerivedAudio::Work::take(Letter&& letter, std::vector<media::Frame>& out) {
  switch (letter.kind) {
    case Letter::Kind::recipe: {
      auto built = sound::Transcoder::make(bridge.codecs(), *letter.recipe);
      epoch = letter.epoch;
      out.clear();  // of another recipe
      transcoder = built ? std::move(*built) : nullptr;
      if (transcoder) break;
      failed = true;
      ++bridge.figures().failed;
      break;
    }
    case Letter::Kind::frame: {
      if (!transcoder) break;
      const std::uint64_t bad = transcoder->counts().bad_packets;
      transcoder->put(*letter.frame, out);
      ++bridge.figures().frames_in;
      bridge.figures().bad_packets += transcoder->counts().bad_packets - bad;
      break;
    }
    case Letter::Kind::advance:
      if (transcoder) transcoder->advance(letter.now, out);
      break;
    case Letter::Kind::flush:
      if (transcoder) transcoder->flush(out);
      break;
  }
}

// On the home worker. Bounded by what was put in.
void DerivedAudio::collect(const std::shared_ptr<Work>& work) {
  (void)work->made.take([&](Work::Made&& made) {
    DerivedAudio* owner = work->owner;
    if (!owner || made.epoch != owner->epoch_ || made.frame->dts <= owner->last_out_) return true;
    owner->last_out_ = made.frame->dts;
    ++owner->frames_out_;
    owner->deliver_(std::move(made.frame));
    return true;
  });
}

}  // namespace weir::hub
