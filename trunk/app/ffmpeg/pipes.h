#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "app/exec/pipe.h"
#include "app/ffmpeg/jobs.h"
#include "app/ffmpeg/outputs.h"
#include "app/ffmpeg/rows.h"
#include "hub/hub.h"

namespace weir::ffmpeg {

// The programs between two streams: `transcode { pipe on; }` and `process`. Of the streams whose home this worker is,
// for as long as each lasts, whoever publishes it. What is fetched on demand is left alone: read here, it would be
// fetched for ever.
class Pipes {
 public:
  // `room`: whether another program may run on this worker.
  Pipes(hub::Hub& hub, Outputs& outputs, std::function<bool()> room);
  Pipes(const Pipes&) = delete;

  // At the start and after a reload: what is no longer configured ends, what is new or differs begins.
  void settings_changed();
  // Four times a second.
  void tick();

  std::size_t size() const { return pipes_.size(); }
  void add_to(std::vector<Row>& rows) const;
  void add_to(Totals& totals) const;

 private:
  struct Of {
    Plan plan;
    base::StreamKey reads;
    std::unique_ptr<Outputs::Mark> mark;
    std::shared_ptr<exec::Pipe> pipe;
    bool leaving = false;
  };
  void observe(const hub::StreamEvent& event);
  bool is_read(const hub::Stream& stream) const;
  void begin(const hub::Stream& stream, Plan plan);
  void refuse(const hub::Stream& stream, const std::string& name, const std::string& fault);
  bool waits(const Of& one) const;
  static void count(Totals& totals, const exec::Pipe& pipe);

  // given
  hub::Hub& hub_;
  Outputs& outputs_;
  std::function<bool()> room_;

  // owned
  session::upstream::TlsClients tls_;  // of no use: an attempt has some
  std::list<Of> pipes_;

  // state
  Totals done_;  // of those that are over
};

}  // namespace weir::ffmpeg
