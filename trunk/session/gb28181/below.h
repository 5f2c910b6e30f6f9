#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "format/manscdp/mansrtsp.h"
#include "format/manscdp/message.h"
#include "hub/request.h"
#include "session/gb28181/offer.h"
#include "session/gb28181/stream_names.h"

namespace weir::session::gb28181 {

// What a device told of its recordings.
struct DeviceRecords {
  std::vector<manscdp::RecordItem> items;
  std::size_t total = 0;  // announced
  bool complete = false;
  base::ErrorCode why;  // nothing came
};

// What a platform above may ask of the devices whose channels it is shown. Errors are SignalErrc's. On the worker of
// the platform.
class Below {
 public:
  virtual ~Below() = default;
  // Whose picture a stream is; none: no device's.
  virtual std::optional<StreamNames::Place> place_of(const hub::Request& stream) const = 0;
  // One element of DeviceControl.
  virtual base::Result<void> command(const std::string& device, const std::string& channel, std::string_view name,
                                     const std::string& value) = 0;
  // `then` is called once, later. Times as 2026-01-02T03:04:05.
  virtual base::Result<void> query_records(const std::string& device, const std::string& channel,
                                           const std::string& start, const std::string& end,
                                           std::function<void(DeviceRecords)> then) = 0;
  // Begins a recording as a stream, for each who asks once; it ends with the last end_recording().
  virtual base::Result<hub::Request> begin_recording(const StreamNames::Place& place, Purpose purpose, Span span,
                                                     unsigned speed) = 0;
  // Of a download, as its device told when it answered; 0: it did not.
  virtual std::uint64_t file_bytes(const base::StreamKey& key) const = 0;
  virtual void end_recording(const base::StreamKey& key) = 0;
  virtual base::Result<void> control(const base::StreamKey& key, const manscdp::Playback& what) = 0;
};

}  // namespace weir::session::gb28181
