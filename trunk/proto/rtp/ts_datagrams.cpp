#include "proto/rtp/ts_datagrams.h"

#include <algorithm>

namespace weir::rtp {

using base::Bytes;

namespace {

constexpr auto null_packet = [] {
  std::array<std::uint8_t, TsDatagrams::ts_packet_bytes> packet{};
  packet.fill(0xff);
  packet[0] = 0x47;
  packet[1] = 0x1f;  // PID 0x1fff
  packet[2] = 0xff;
  packet[3] = 0x10;  // payload alone
  return packet;
}();

}  // namespace

TsDatagrams::TsDatagrams(Options options) : options_(options), next_(options.first_sequence) {
  if (!options_.rtp || options_.fec_rows == 0) return;
  fec_ = std::make_unique<FecEncoder>(FecEncoder::Options{
      .columns = options_.fec_columns, .rows = options_.fec_rows, .with_rows = options_.fec_by_rows});
}

void TsDatagrams::fill_up() {
  while (holds_some()) waiting_.append(Bytes(null_packet));
}

Bytes TsDatagrams::make(std::size_t count, std::uint32_t timestamp) {
  count = std::min(count, ready());
  const Bytes payload = Bytes(waiting_).subspan(done_, count * payload_bytes);
  if (!options_.rtp) return payload;
  made_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint8_t, header_bytes> head{};
    write_head(head, {.marker = false,
                      .extension = false,
                      .payload_type = payload_type,
                      .sequence = next_++,
                      .timestamp = timestamp,
                      .ssrc = options_.ssrc});
    made_.append(Bytes(head));
    made_.append(payload.subspan(i * payload_bytes, payload_bytes));
  }
  return made_;
}

void TsDatagrams::consume(std::size_t count) {
  done_ += std::min(count, ready()) * payload_bytes;
  if (done_ == waiting_.size()) {
    waiting_.clear();
    done_ = 0;
  } else if (done_ > waiting_.size() / 2) {
    waiting_.consume(done_);
    done_ = 0;
  }
}

}  // namespace weir::rtp
