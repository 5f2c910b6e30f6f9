#include "app/record/recording.h"

#include <algorithm>
#include <utility>

#include "app/record/error.h"
#include "app/record/owner.h"

namespace weir::record {

using base::Ticks;

namespace {

constexpr std::size_t flush_bytes = 128 * 1024;
constexpr Ticks flush_distance = std::chrono::milliseconds(500);
constexpr Ticks retry_distance = std::chrono::seconds(10);
constexpr Ticks longest_early = std::chrono::seconds(1);  // of sound that waits for the first picture
constexpr std::size_t most_early = 256;                   // likewise, in frames

DiskFile::Finish finish_of(Container container) {
  switch (container) {
    case Container::mp4:
      return DiskFile::Finish::tables_first;
    case Container::flv:
      return DiskFile::Finish::index_first;
    case Container::ts:
      break;
  }
  return DiskFile::Finish::rename;
}

}  // namespace

Recording::Recording(Given given, FileDone done) : given_(std::move(given)), done_(std::move(done)) {}

Recording::~Recording() { end(); }

void Recording::on_tracks(const media::Tracks& tracks) {
  tracks_ = tracks;
  has_video_ = std::any_of(tracks.begin(), tracks.end(), [](const media::Track& track) {
    return media::kind_of(track.parameters->codec) == media::Kind::video;
  });
  tracks_changed_ = true;
  early_.clear();
}

void Recording::on_frame(const media::FrameRef& frame, bool entry) {
  newest_ = frame->dts;
  if (tracks_.empty()) return;
  if (state_ == State::failed) {
    if (!tries_again(*frame, entry)) return;
    ++retries_;
    if (given_.retries) ++*given_.retries;
    state_ = State::waiting;
  }
  if (file_ && segment_is_full(*frame, entry) && may_open_another()) close();
  if (!file_) {
    if (!starts_here(*frame, entry)) return keep_early(frame);
    open(*frame);
  }
  if (tracks_changed_) {
    // Where the format cannot change its tracks, another file begins, at the next place where one may.
    if (!writer_->takes(tracks_)) {
      const bool runs_on = writer_->runs_on(tracks_);
      if (runs_on && !entry) return write(*frame, entry);
      if (!may_open_another()) {
        if (runs_on) return write(*frame, entry);
        ++dropped_;  // until it may: the file that is open cannot hold them
        return;
      }
      close();
      state_ = State::waiting;
      return on_frame(frame, entry);
    }
    writer_->set_tracks(tracks_, pending_);
    tracks_changed_ = false;
    if (!writer_->carries_media()) return fail(Errc::nothing_carried, file_->path);
  }
  write(*frame, entry);
  if (!early_.empty()) write_early(*frame);
}

// Encoders send sound ahead of the pictures that it belongs to.
void Recording::keep_early(const media::FrameRef& frame) {
  if (media::kind_of(frame->codec) != media::Kind::audio) return;
  std::erase_if(early_, [&frame](const media::FrameRef& one) { return one->dts < frame->dts - longest_early; });
  if (early_.size() < most_early) early_.push_back(frame);
}

// Behind the first picture, what is meant for it and later.
void Recording::write_early(const media::Frame& first) {
  for (const media::FrameRef& one : std::exchange(early_, {})) {
    if (file_ && one->dts >= first.dts && one->dts < first.dts + longest_early) write(*one, false);
  }
}

bool Recording::starts_here(const media::Frame& frame, bool entry) const {
  const bool is_media = media::kind_of(frame.codec) != media::Kind::data;
  // After a change of tracks too, video begins with a key frame: nothing else can be decoded.
  if (!given_.settings.wait_keyframe && frames_ == 0) return is_media;
  return entry || (!has_video_ && is_media);
}

// A full disk gets room and a removed folder can be made again: at the next segment, and each ten seconds.
bool Recording::tries_again(const media::Frame& frame, bool entry) const {
  if (hopeless_ || !starts_here(frame, entry)) return false;
  if (frame.dts < failed_at_ || frame.dts - failed_at_ >= retry_distance) return true;
  return given_.settings.plan == config::Dvr::Plan::segment &&
         frame.dts - opened_at_ >= std::chrono::duration_cast<Ticks>(given_.settings.duration);
}

bool Recording::segment_is_full(const media::Frame& frame, bool entry) const {
  const bool timely = given_.settings.plan == config::Dvr::Plan::segment &&
                      frame.dts - opened_at_ >= std::chrono::duration_cast<Ticks>(given_.settings.duration);
  if (!timely && !split_due_) return false;
  return entry || (timely && !given_.settings.wait_keyframe && media::kind_of(frame.codec) != media::Kind::data);
}

void Recording::open(const media::Frame& first) {
  split_due_ = false;
  error_.clear();
  tracks_changed_ = true;
  opened_at_ = flushed_at_ = origin_ = first.dts;
  // Audio that comes a little later may be a little older than the key frame: the file's time begins where the other
  // tracks ended in the file before, so that nothing is lost between the two.
  for (const auto& [track, time] : last_) origin_ = std::min(origin_, std::max(time, first.dts - flush_distance));
  if (given_.settings.time_jitter == config::Dvr::Jitter::off) origin_ = {};
  PathFacts facts = given_.names;
  facts.time = std::chrono::system_clock::now();
  auto file = std::make_shared<File>(File{.path = expand(given_.settings.path, facts), .since = facts.time});
  const Container container = container_of(file->path).value_or(Container::flv);
  writer_ = make_file_writer(container);
  disk_ = DiskFile::make(given_.pools, file->path, finish_of(container),
                         [file, told = done_](const DiskFile::Outcome& outcome) { told(file, outcome); },
                         {owner_text({facts.vhost, facts.app, facts.stream}), given_.kept_back});
  file_ = std::move(file);
  ++*given_.unfinished;
  handed_over_ = 0;
  state_ = State::writing;
  log::info(given_.log, "recording {} to {}", given_.url, file_->path);
}

void Recording::write(const media::Frame& frame, bool entry) {
  media::Frame moved = frame;  // by reference to the same payload
  moved.dts -= origin_;
  if (moved.dts < Ticks{}) {
    ++dropped_;  // audio from before the first picture
    return;
  }
  if (const auto written = writer_->write(moved, entry, pending_); !written) {
    return fail(written.error(), file_->path);
  }
  ++frames_;
  const auto last = std::find_if(last_.begin(), last_.end(), [&](const auto& l) { return l.first == frame.track; });
  if (last == last_.end()) {
    last_.emplace_back(frame.track, frame.dts);
  } else {
    last->second = frame.dts;
  }
  file_->duration = std::max(file_->duration, frame.dts - opened_at_);
  if (pending_.size() >= flush_bytes || frame.dts - flushed_at_ >= flush_distance) {
    flushed_at_ = frame.dts;
    flush();
  }
}

void Recording::flush() {
  if (!disk_ || pending_.empty()) return;
  handed_over_ += pending_.size();
  disk_->write(std::exchange(pending_, {}));  // a failure comes back by the outcome
}

void Recording::close() {
  if (!file_) return;
  if (const auto finished = writer_->finish(pending_); !finished) {
    log::warn(given_.log, "recording of {}: the end of {} is lost: {}", given_.url, file_->path,
              finished.error().message());
  }
  flush();
  disk_->close(writer_->patches(handed_over_));
  disk_.reset();
  writer_.reset();
  file_.reset();
}

void Recording::end() {
  close();
  if (state_ != State::failed) state_ = State::waiting;
}

void Recording::fail(base::ErrorCode error, const std::string& path) {
  if (state_ == State::failed) return;
  error_ = path + ": " + error.message();
  hopeless_ = error == Errc::nothing_carried;
  failed_at_ = newest_;
  log::error(given_.log, "recording of {} stopped: {}", given_.url, error_);
  if (disk_) disk_->close();
  disk_.reset();
  writer_.reset();
  file_.reset();
  pending_.clear();
  tracks_changed_ = true;
  state_ = State::failed;
}

std::uint64_t Recording::bytes() const { return disk_ ? disk_->written() : 0; }

}  // namespace weir::record
