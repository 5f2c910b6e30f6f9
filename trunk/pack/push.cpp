#include "pack/push.h"

#include "pack/message_packager.h"

namespace weir::pack {
namespace {

class PushPackager final : public MessagePackager {
 public:
  PushPackager() : MessagePackager(Drop{}) {}
  base::SharedBytes header() const override { return {}; }

 private:
  std::size_t framed_bytes(flv::TagType, base::Ticks, std::size_t body_bytes) const override {
    return flv::tag_header_bytes + body_bytes;
  }

  void write_framed(base::MutableBytes room, flv::TagType type, base::Ticks time, base::Bytes head,
                    base::Bytes payload) const override {
    flv::write_tag_header(room, {.type = type,
                                 .size_bytes = static_cast<std::uint32_t>(head.size() + payload.size()),
                                 .timestamp_ms = static_cast<std::uint32_t>(base::to_millis(time))});
    std::copy(head.begin(), head.end(), room.begin() + flv::tag_header_bytes);
    std::copy(payload.begin(), payload.end(),
              room.begin() + static_cast<std::ptrdiff_t>(flv::tag_header_bytes + head.size()));
  }
};

}  // namespace

std::unique_ptr<hub::Packager> make_push(const config::Vhost&) { return std::make_unique<PushPackager>(); }

}  // namespace weir::pack
