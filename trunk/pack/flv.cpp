#include "pack/flv.h"

#include "format/flv/muxer.h"
#include "format/flv/tag.h"
#include "net/websocket.h"
#include "pack/message_packager.h"

namespace weir::pack {
namespace {

using base::Bytes;
using base::MutableBytes;

class FlvPackager final : public MessagePackager {
 public:
  FlvPackager(const config::HttpRemux& settings, bool websocket)
      : MessagePackager(drop_of(settings)), settings_(settings), websocket_(websocket) {}

  // The file header says which kinds follow: what the tracks are, or what the configuration states.
  base::SharedBytes header() const override {
    flv::FileHeader file = flv::file_header_of(tracks());
    if (!settings_.guess_has_av) file = {.has_audio = settings_.has_audio, .has_video = settings_.has_video};
    base::Buffer prologue(flv::prologue_bytes);
    flv::write_prologue({prologue.data(), prologue.size()}, file);
    if (!websocket_) return base::SharedBytes::copy_of(prologue);
    base::Buffer framed(websocket::max_frame_header);
    const MutableBytes room{framed.data(), framed.size()};
    framed.resize(websocket::write_frame_header(room, websocket::Opcode::binary, prologue.size()));
    framed.append(prologue);
    return base::SharedBytes::copy_of(framed);
  }

 private:
  // With drop_if_not_match, a kind that the header denies is left out. What is guessed is never denied: audio that starts
  // late is heard.
  static Drop drop_of(const config::HttpRemux& settings) {
    if (settings.guess_has_av || !settings.drop_if_not_match) return {};
    return {.audio = !settings.has_audio, .video = !settings.has_video};
  }

  static std::size_t tag_size(std::size_t body_bytes) {
    return flv::tag_header_bytes + body_bytes + flv::back_pointer_bytes;
  }

  std::size_t framed_bytes(flv::TagType, base::Ticks, std::size_t body_bytes) const override {
    const std::size_t tag = tag_size(body_bytes);
    if (!websocket_) return tag;
    return tag + (tag < 126 ? 2 : tag < 65536 ? 4 : 10);  // RFC 6455 5.2
  }

  void write_framed(MutableBytes room, flv::TagType type, base::Ticks time, Bytes head, Bytes payload) const override {
    const std::size_t body = head.size() + payload.size();
    std::size_t at = 0;
    if (websocket_) at = websocket::write_frame_header(room, websocket::Opcode::binary, tag_size(body));
    flv::write_tag_header(room.subspan(at), {.type = type,
                                             .size_bytes = static_cast<std::uint32_t>(body),
                                             .timestamp_ms = static_cast<std::uint32_t>(base::to_millis(time))});
    at += flv::tag_header_bytes;
    std::memcpy(room.data() + at, head.data(), head.size());
    at += head.size();
    if (!payload.empty()) std::memcpy(room.data() + at, payload.data(), payload.size());
    at += payload.size();
    const auto whole = static_cast<std::uint32_t>(flv::tag_header_bytes + body);  // E.3, PreviousTagSize
    for (std::size_t i = 0; i < flv::back_pointer_bytes; ++i) room[at + i] = static_cast<std::uint8_t>(whole >> (24 - 8 * i));
  }

  config::HttpRemux settings_;
  bool websocket_;
};

}  // namespace

std::unique_ptr<hub::Packager> make_flv(const config::Vhost& vhost) {
  return std::make_unique<FlvPackager>(vhost.http_remux, false);
}

std::unique_ptr<hub::Packager> make_ws_flv(const config::Vhost& vhost) {
  return std::make_unique<FlvPackager>(vhost.http_remux, true);
}

}  // namespace weir::pack
