#include "app/bench/rtmp_start.h"

#include <algorithm>
#include <utility>

#include "app/bench/rtmp_wire.h"
#include "base/byte_writer.h"
#include "format/amf0/writer.h"

namespace weir::bench {

RtmpStart::RtmpStart(Role role, const Target& target, std::uint32_t chunk_size)
    : role_(role), target_(target), chunk_size_(chunk_size) {
  base::ByteWriter w{out_};
  w.u8(3);
  w.zeros(1536);
}

base::Buffer RtmpStart::take_output() { return std::exchange(out_, {}); }

base::Result<void> RtmpStart::input(base::Bytes in) {
  const std::size_t skipped = std::min(handshake_left_, in.size());
  if (handshake_left_ > 0 && (handshake_left_ -= skipped) == 0) {
    base::ByteWriter{out_}.zeros(1536);
    append_control(out_, 1, chunk_size_);
    base::Buffer payload;
    amf0::Writer w{payload};
    w.text("connect");
    w.number(1);
    w.begin_object();
    w.name("app");
    w.text(target_.app);
    w.name("tcUrl");
    w.text(target_.tc_url());
    w.end_object();
    command(payload, 0);
  }
  return chunks_.feed(in.subspan(skipped), *this);
}

void RtmpStart::command(base::Bytes payload, std::uint32_t stream_id) {
  append_message(out_, 3, 20, 0, stream_id, payload, chunk_size_);
}

void RtmpStart::seen(const Seen& message) {
  if (message.type != 20 || message.head.size() < 5) return;
  if (message.head[3] == 'o' && results_ >= 2) accepted_ = true;
  if (message.head[3] != '_') return;
  base::Buffer payload;
  amf0::Writer w{payload};
  if (++results_ == 1) {
    w.text("createStream");
    w.number(2);
    w.null();
    command(payload, 0);
  } else if (results_ == 2) {
    w.text(role_ == Role::play ? "play" : "publish");
    w.number(3);
    w.null();
    w.text(target_.stream + target_.query);
    if (role_ == Role::publish) w.text("live");
    command(payload, 1);
    asked_ = true;
  }
}

}  // namespace weir::bench
