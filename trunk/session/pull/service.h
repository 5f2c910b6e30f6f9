#pragma once

#include <map>
#include <memory>
#include <vector>

#include "hub/demand.h"
#include "hub/hub.h"
#include "session/pull/pull.h"

namespace weir::session::pull {

// Fetches the streams of one worker: those of an edge (`cluster { mode remote; }`) while somebody wants them, and those
// of each `ingest` that names a URL and no program, always. Made before the worker starts, then used on it.
class Service final : public hub::Starter {
 public:
  // `server` is what this one is called in the way that a request came (common/upstream/way.h).
  Service(hub::Hub& hub, std::size_t workers, upstream::Schemes schemes, const std::string& server);
  Service(const Service&) = delete;

  bool start(const hub::Request& wanted) override;
  bool can_start(const hub::Request& wanted) const override;
  void stop(const base::StreamKey& key) override;
  // At the start and after a reload: what is to be fetched always.
  void settings_changed();

  std::vector<Row> rows() const;
  Totals totals() const;

 private:
  void begin(std::shared_ptr<Pull> pull);
  void end(const Pull& pull);
  void cannot_start(const base::StreamKey& key, base::ErrorCode why);

  // given
  hub::Hub& hub_;
  std::size_t workers_;
  upstream::Schemes schemes_;
  const std::string& server_;

  // owned
  upstream::Health health_;
  upstream::TlsClients tls_;
  std::map<base::StreamKey, std::shared_ptr<Pull>> pulls_;

  // state
  Work done_;  // by those that are over
  std::uint64_t failed_starts_ = 0;
};

}  // namespace weir::session::pull
