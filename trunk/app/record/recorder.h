#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/record/leftovers.h"
#include "app/record/recording.h"
#include "app/record/retention.h"
#include "hub/hub.h"

namespace weir::record {

// One recording as the API tells of it.
struct RecordingRow {
  std::string vhost, app, stream, url, state, error, path, plan;
  std::chrono::system_clock::time_point since;
  double duration_seconds = 0;
  std::uint64_t bytes = 0, backlog_bytes = 0, frames = 0, retries = 0;
  bool by_api = false;
};
// A file that is complete.
struct FileRow {
  std::string vhost, app, stream, path, error;
  std::chrono::system_clock::time_point since, until;
  double duration_seconds = 0;
  std::uint64_t bytes = 0;
};
struct Totals {
  std::uint64_t recordings = 0;  // that write now
  std::uint64_t files = 0, bytes = 0, failures = 0;
  std::uint64_t retries = 0;    // that began again after a failure
  std::uint64_t completed = 0;  // files among these that a crash had cut off
  Totals& operator+=(const Totals& other) {
    recordings += other.recordings;
    files += other.files;
    bytes += other.bytes;
    failures += other.failures;
    retries += other.retries;
    completed += other.completed;
    return *this;
  }
};

// Records the streams of one worker: those that dvr asks for, and those that the API starts. Observes the EventBus; on
// its worker, and lives as long as its Hub. The pools must be stopped before it goes.
class Recorder {
 public:
  Recorder(hub::Hub& hub, const DiskFile::Pools& pools);
  ~Recorder();
  Recorder(const Recorder&) = delete;

  // After a reload: recordings begin and end as the new settings say; where a setting changed, with a new file.
  void settings_changed();
  // Completes what a crash left, at the start, and removes what dvr_retain_time and dvr_retain_bytes say, once a
  // minute; both on the pool, for one worker of the process.
  void keep_retention() { keeps_retention_ = true; }
  // Errc::no_stream, already_recorded, not_recorded, not_a_format.
  base::Result<void> start(const base::StreamKey& key);
  base::Result<void> stop(const base::StreamKey& key);
  base::Result<void> split(const base::StreamKey& key);
  // The server stops.
  void end_all();
  // Files that are being completed. Any thread.
  std::size_t unfinished() const { return unfinished_->load(); }

  std::vector<RecordingRow> recordings() const;
  const std::deque<FileRow>& files() const { return files_; }  // the newest first, the last hundred
  Totals totals() const;

 private:
  struct Origin {
    base::SessionId publisher;
    std::shared_ptr<const hub::Request> request;
  };
  struct Entry {
    Origin origin;
    bool by_api = false;
    bool stopped_by_api = false;
    config::Dvr settings;
    bool interrupted = false;              // it recorded, and the publisher was cut off
    std::unique_ptr<Recording> recording;  // null: stopped
  };
  void observe(const hub::StreamEvent& event);
  void follow(Entry& entry, const hub::StreamEvent& event);
  void begin(Entry& entry, hub::Source& source, bool with_past = true);
  void end(Entry& entry);
  void file_done(const base::StreamKey& key, const Origin& origin, const std::shared_ptr<const Recording::File>& file,
                 const DiskFile::Outcome& outcome);
  bool wanted(const Entry& entry, const config::Dvr& settings) const;
  void tick();
  void retain();
  void make_room();
  void adopt();
  void adopted(const std::shared_ptr<const config::Vhost>& vhost, const Adopted& file);
  void remember(FileRow row);

  // given
  hub::Hub& hub_;
  const DiskFile::Pools pools_;

  // owned
  std::map<base::StreamKey, Entry> entries_;
  std::shared_ptr<std::atomic<std::size_t>> unfinished_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<std::atomic<std::uint64_t>> retries_ = std::make_shared<std::atomic<std::uint64_t>>(0);

  // state
  std::deque<FileRow> files_;
  Totals totals_;
  unsigned ticks_ = 0;
  unsigned room_made_at_ = 0;  // in ticks; 0: never
  bool keeps_retention_ = false;
  ClockWatch clock_;
  std::shared_ptr<std::atomic<bool>> retaining_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace weir::record
