#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "app/exec/program.h"
#include "app/ffmpeg/jobs.h"
#include "app/ffmpeg/outputs.h"
#include "app/ffmpeg/pipes.h"
#include "app/ffmpeg/rows.h"
#include "hub/hub.h"

namespace weir::ffmpeg {

// Runs FFmpeg for `transcode`, while a stream is published, and for `ingest`, always. Per worker: transcodes of the
// streams that are published there, and its part of the ingests. As an observer: publishing does not wait for it. What
// goes by pipes is its part of it that follows streams, and not publishers.
class Service {
 public:
  static constexpr std::size_t most_programs = 256;  // of a worker

  Service(hub::Hub& hub, Outputs& outputs, std::size_t workers);
  Service(const Service&) = delete;

  // At the start and after a reload: what is no longer configured ends, what is new or differs begins.
  void settings_changed();

  std::vector<Row> rows() const;
  Totals totals() const;

 private:
  struct Of {
    Plan plan;
    std::string vhost;
    std::shared_ptr<const hub::Request> request;  // of a transcode's publisher,
    base::SessionId publisher;                    // and its session; none: an ingest
    std::unique_ptr<Outputs::Mark> mark;
    exec::Program program;
    bool leaving = false;
  };

  void on_event(const hub::Event& event);
  void begin(Plan plan, const std::string& vhost, std::shared_ptr<const hub::Request> request,
             const base::SessionId& publisher);
  void begin_changed_transcodes();
  static void end(Of& one);
  void tick();

  // given
  hub::Hub& hub_;
  Outputs& outputs_;
  std::size_t workers_;

  // owned
  std::list<Of> programs_;
  Pipes pipes_;

  // state
  std::uint64_t starts_of_ended_ = 0, refused_ = 0;
};

}  // namespace weir::ffmpeg
