#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/record/disk_file.h"
#include "app/record/file_writer.h"
#include "base/allowance.h"
#include "base/log.h"
#include "config/segments.h"
#include "hub/source.h"

namespace weir::record {

// The recording of one published stream: its frames into one file, or one behind the other. Lives on the stream's
// worker, as long as it is published; what it began on the disk ends by itself.
class Recording final : public hub::FrameSink {
 public:
  enum class State : std::uint8_t {
    waiting,  // for a key frame
    writing,
    failed,  // see error(); tried again at the next segment and each ten seconds if it was the disk
  };
  struct Given {
    DiskFile::Pools pools;
    config::Dvr settings;
    PathFacts names;  // without the time
    std::string url;  // "/live/cam", for the log
    log::Context log;
    std::shared_ptr<std::atomic<std::size_t>>
        unfinished;  // files that are not over; counted up here, down by the owner
    std::shared_ptr<std::atomic<std::uint64_t>> retries{};  // after failures, of all recordings of the owner
    std::function<base::Instant()> now = [] { return std::chrono::steady_clock::now(); };
    bool kept_back = false;  // from who asks for the file by its path
  };
  struct File {
    std::string path;  // as it was wanted; a taken name is numbered
    std::chrono::system_clock::time_point since;
    base::Ticks duration{};
  };
  // Told of each file that is over, on a thread of the pools, where the file may not be looked at.
  using FileDone = std::function<void(const std::shared_ptr<const File>& file, const DiskFile::Outcome& outcome)>;

  Recording(Given given, FileDone done);
  ~Recording() override;

  void on_tracks(const media::Tracks& tracks) override;
  void on_frame(const media::FrameRef& frame, bool entry) override;
  // Another file from the next key frame on.
  void split() { split_due_ = true; }
  void end();
  // Now and then: what is held goes to the disk although nothing comes.
  void flush();
  void fail(base::ErrorCode error, const std::string& path);
  // How often it began again after the disk had failed.
  std::uint64_t retries() const { return retries_; }

  State state() const { return state_; }
  const std::string& error() const { return error_; }
  const Given& given() const { return given_; }
  const std::shared_ptr<File>& file() const { return file_; }  // null while there is none
  std::uint64_t bytes() const;
  std::size_t backlog() const { return disk_ ? disk_->backlog() : 0; }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  bool starts_here(const media::Frame& frame, bool entry) const;
  bool tries_again(const media::Frame& frame, bool entry) const;
  bool segment_is_full(const media::Frame& frame, bool entry) const;
  bool may_open_another() { return files_allowed_.take(given_.now()); }
  void open(const media::Frame& first);
  void close();
  void write(const media::Frame& frame, bool entry);
  void keep_early(const media::FrameRef& frame);
  void write_early(const media::Frame& first);

  // given
  const Given given_;
  FileDone done_;

  // owned
  std::unique_ptr<FileWriter> writer_;
  std::shared_ptr<DiskFile> disk_;
  base::Buffer pending_;

  // state
  State state_ = State::waiting;
  std::string error_;
  std::shared_ptr<File> file_;
  media::Tracks tracks_;
  bool has_video_ = false;
  std::vector<media::FrameRef> early_;  // sound that came before the first picture, of the last moments
  bool tracks_changed_ = false;
  bool split_due_ = false;
  // By the clock of the machine: that of the stream, and how often its tracks change, is what a publisher says.
  base::Allowance files_allowed_{20, 1};
  bool hopeless_ = false;  // what failed is not the disk
  base::Ticks origin_{}, opened_at_{}, flushed_at_{}, failed_at_{}, newest_{};
  std::vector<std::pair<media::TrackId, base::Ticks>> last_;  // of each track, in the stream's time
  std::uint64_t handed_over_ = 0;
  std::uint64_t frames_ = 0, dropped_ = 0, retries_ = 0;
};

}  // namespace weir::record
