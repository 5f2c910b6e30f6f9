#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::session::gb28181 {

// Which stream a channel becomes, and back: `output` of the stream_caster, "rtmp://127.0.0.1/live/[stream]". Besides
// SRS's [stream] there are [device] and [channel]. [stream] is DEVICE_CHANNEL; DEVICE alone is its first channel.
class StreamNames {
 public:
  // Empty: live/[stream].
  explicit StreamNames(const std::string& output);

  const std::string& vhost() const { return vhost_; }  // of "?vhost=", else the default one
  struct Name {
    std::string app, stream;
  };
  // `channel` empty: the stream is named after the device alone.
  Name of(std::string_view device, std::string_view channel) const;
  struct Place {
    std::string device, channel;  // channel empty: the first one
  };
  // None if a stream is not named so.
  std::optional<Place> find(std::string_view app, std::string_view stream) const;

  // What of an output cannot be used; empty if all of it can.
  static std::string complaint(const std::string& output);

 private:
  enum class Part : std::uint8_t { text, stream, device, channel };
  struct Piece {
    Part part = Part::text;
    std::string text{};
  };
  std::string vhost_;
  std::vector<Piece> pieces_;  // of "app/stream"
};

}  // namespace weir::session::gb28181
