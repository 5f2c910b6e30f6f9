#pragma once

#include <map>
#include <memory>
#include <string>

#include "hub/hub.h"
#include "session/gb28181/media_desk.h"

namespace weir::session::gb28181 {

// For those who have a SIP server of their own (SRS's /gb/v1/publish/): a place is opened for the media of a device
// which they invite, and lasts until that ends. One for each worker.
class PublishDoor {
 public:
  PublishDoor(hub::Hub& hub, MediaDesk& desk);
  ~PublishDoor();
  PublishDoor(const PublishDoor&) = delete;

  struct Opened {
    std::uint16_t port = 0;
    bool is_tcp = true;
  };
  // The stream that `output` of the caster makes of `id`; `ssrc` in decimal digits. What MediaDesk::open says,
  // MediaErrc::bad_id, bad_ssrc; hub::Errc::no_vhost. `asked_by` causes what the log says of the place until its media
  // comes; empty: nobody outside.
  base::Result<Opened> open(const std::string& id, const std::string& ssrc, const std::string& asked_by);

 private:
  struct Entry;
  // given
  hub::Hub& hub_;
  MediaDesk& desk_;

  // owned
  std::map<base::StreamKey, std::unique_ptr<Entry>> entries_;
};

// The stream that a caster's `output` makes of an id, with origin client. What identify() says; MediaErrc::bad_id for
// what is no name: empty, longer than 64, or with other characters than letters, digits, '_', '-' and '.'.
base::Result<hub::Request> request_of(const config::StreamCaster& caster, const std::string& id,
                                      const config::Config& config);

}  // namespace weir::session::gb28181
