#include "pack/rtmp.h"

#include <array>

#include "pack/message_packager.h"
#include "proto/rtmp/chunk_writer.h"
#include "proto/rtmp/control.h"
#include "proto/rtmp/message.h"

namespace weir::pack {
namespace {

class RtmpPackager final : public MessagePackager {
 public:
  RtmpPackager(std::uint32_t chunk_size, Further further) : MessagePackager(Drop{}, further), chunk_size_(chunk_size) {
    rtmp::append_set_chunk_size(preamble_, chunk_size);
  }
  base::SharedBytes header() const override { return {}; }

 private:
  static rtmp::OutMessage message_of(flv::TagType type, base::Ticks time) {
    rtmp::OutMessage message;
    message.type = static_cast<rtmp::MessageType>(type);  // FLV took its tag types from RTMP: 8, 9, 18
    message.chunk_stream = type == flv::TagType::video   ? rtmp::chunk_streams::video
                           : type == flv::TagType::audio ? rtmp::chunk_streams::audio
                                                         : rtmp::chunk_streams::data;
    message.stream_id = rtmp::media_stream_id;
    message.time_ms = static_cast<std::uint32_t>(base::to_millis(time));
    return message;
  }

  std::size_t framed_bytes(flv::TagType type, base::Ticks time, std::size_t body_bytes) const override {
    return rtmp::wire_size(message_of(type, time), body_bytes, chunk_size_);
  }

  void write_framed(base::MutableBytes room, flv::TagType type, base::Ticks time, base::Bytes head,
                    base::Bytes payload) const override {
    const std::array<base::Bytes, 2> parts{head, payload};
    rtmp::write_message(room, message_of(type, time), parts, chunk_size_);
  }

  // The chunk size of the media itself: a player that connected under another configuration follows.
  base::Bytes preamble() const override { return preamble_; }

  std::uint32_t chunk_size_;
  base::Buffer preamble_;
};

}  // namespace

std::unique_ptr<hub::Packager> make_rtmp(const config::Vhost& vhost) {
  return std::make_unique<RtmpPackager>(vhost.chunk_size, MessagePackager::Further::left_out);
}

std::unique_ptr<hub::Packager> make_rtmp_multitrack(const config::Vhost& vhost) {
  return std::make_unique<RtmpPackager>(vhost.chunk_size, MessagePackager::Further::multitrack);
}

}  // namespace weir::pack
