#include "pack/flv.h"

#include "format/flv/muxer.h"
#include "format/flv/tag.h"
#include "pack/message_packager.h"

namespace weir::pack {
namespace {

using base::Bytes;
using base::MutableBytes;

class FlvPackager final : public MessagePackager {
 public:
  FlvPackager(const config::HttpRemux& settings, Envelope envelope)
      : MessagePackager(drop_of(settings)), settings_(settings), envelope_(envelope) {}

  // The file header says which kinds follow: what the tracks are, or what the configuration states.
  base::SharedBytes header() const override {
    flv::FileHeader file = flv::file_header_of(tracks());
    if (!settings_.guess_has_av) file = {.has_audio = settings_.has_audio, .has_video = settings_.has_video};
    const std::size_t head = head_bytes(envelope_, flv::prologue_bytes);
    base::Buffer framed(head + flv::prologue_bytes + tail_bytes(envelope_));
    const MutableBytes room{framed.data(), framed.size()};
    write_head(envelope_, room, flv::prologue_bytes);
    flv::write_prologue(room.subspan(head, flv::prologue_bytes), file);
    write_tail(envelope_, room.subspan(head + flv::prologue_bytes));
    return base::SharedBytes::copy_of(framed);
  }

 private:
  // With drop_if_not_match, a kind that the header denies is left out. What is guessed is never denied: audio that
  // starts late is heard.
  static Drop drop_of(const config::HttpRemux& settings) {
    if (settings.guess_has_av || !settings.drop_if_not_match) return {};
    return {.audio = !settings.has_audio, .video = !settings.has_video};
  }

  static std::size_t tag_size(std::size_t body_bytes) {
    return flv::tag_header_bytes + body_bytes + flv::back_pointer_bytes;
  }

  std::size_t framed_bytes(flv::TagType, base::Ticks, std::size_t body_bytes) const override {
    const std::size_t tag = tag_size(body_bytes);
    return head_bytes(envelope_, tag) + tag + tail_bytes(envelope_);
  }

  void write_framed(MutableBytes room, flv::TagType type, base::Ticks time, Bytes head, Bytes payload) const override {
    const std::size_t body = head.size() + payload.size();
    std::size_t at = write_head(envelope_, room, tag_size(body));
    flv::write_tag_header(room.subspan(at), {.type = type,
                                             .size_bytes = static_cast<std::uint32_t>(body),
                                             .timestamp_ms = static_cast<std::uint32_t>(base::to_millis(time))});
    at += flv::tag_header_bytes;
    std::memcpy(room.data() + at, head.data(), head.size());
    at += head.size();
    if (!payload.empty()) std::memcpy(room.data() + at, payload.data(), payload.size());
    at += payload.size();
    const auto whole = static_cast<std::uint32_t>(flv::tag_header_bytes + body);  // E.3, PreviousTagSize
    for (std::size_t i = 0; i < flv::back_pointer_bytes; ++i)
      room[at + i] = static_cast<std::uint8_t>(whole >> (24 - 8 * i));
    write_tail(envelope_, room.subspan(at + flv::back_pointer_bytes));
  }

  config::HttpRemux settings_;
  Envelope envelope_;
};

}  // namespace

hub::PackagerFactory make_flv(Envelope envelope) {
  return [envelope](const config::Vhost& vhost) { return std::make_unique<FlvPackager>(vhost.http_remux, envelope); };
}

hub::PackagerFactory make_flv(Envelope envelope, const config::HttpRemux& settings) {
  return [envelope, settings](const config::Vhost&) { return std::make_unique<FlvPackager>(settings, envelope); };
}

}  // namespace weir::pack
