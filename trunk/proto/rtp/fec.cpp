#include "proto/rtp/fec.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace weir::rtp {

using base::Bytes;
using base::Result;

namespace {

constexpr std::uint8_t fec_payload_type = 96;  // ST 2022-1 7.2

void add_to(std::vector<std::uint8_t>& sum, Bytes payload) {
  if (sum.size() < payload.size()) sum.resize(payload.size());
  for (std::size_t i = 0; i < payload.size(); ++i) sum[i] ^= payload[i];
}

// All that stands behind the twelve bytes; padding and the like are protected as they are.
Bytes behind_head(Bytes datagram) { return datagram.subspan(header_bytes); }

}  // namespace

Result<FecHead> parse_fec_head(Bytes payload) {
  base::ByteReader r{payload};
  FecHead head;
  head.base = r.u16();
  head.length = r.u16();
  head.payload_type = r.u8() & 0x7f;  // above it: E, that the head is the longer one
  r.skip(3);                          // a mask, which is not used
  head.timestamp = r.u32();
  const std::uint8_t kind = r.u8();  // N, D, type, index
  head.step = r.u8();
  head.count = r.u8();
  r.skip(1);
  if (!r.ok()) return Errc::too_short;
  head.row = (kind & 0x40) != 0;
  if ((kind & 0xb8) != 0 || head.step == 0 || head.count == 0) return Errc::bad_payload;  // no XOR of a matrix
  if (head.step > most_fec_side || head.count > most_fec_side) return Errc::bad_payload;
  return head;
}

void write_fec_head(base::MutableBytes room, const FecHead& head) {
  base::Buffer out;
  base::ByteWriter w(out);
  w.u16(head.base);
  w.u16(head.length);
  w.u8(static_cast<std::uint8_t>(0x80 | head.payload_type));
  w.u24(0);
  w.u32(head.timestamp);
  w.u8(head.row ? 0x40 : 0);
  w.u8(head.step);
  w.u8(head.count);
  w.u8(0);
  std::copy_n(out.data(), fec_head_bytes, room.begin());
}

FecEncoder::FecEncoder(Options options) : options_(options) {
  options_.columns = std::clamp(options_.columns, 1U, most_fec_side);
  options_.rows = std::clamp(options_.rows, 1U, most_fec_side);
  columns_.resize(options_.columns);
}

void FecEncoder::add(Bytes datagram) {
  const auto packet = parse(datagram);
  if (!packet || datagram.size() > most_fec_payload_bytes) return;
  Packet whole = *packet;
  whole.payload = behind_head(datagram);
  const unsigned column = at_ % options_.columns;
  if (options_.with_rows) add(row_, whole);
  add(columns_[column], whole);
  if (options_.with_rows && row_.gathered == options_.columns) {
    row_.head.row = true;
    row_.head.step = 1;
    row_.head.count = static_cast<std::uint8_t>(options_.columns);
    finish(row_, Stream::row, packet->timestamp);
  }
  if (columns_[column].gathered == options_.rows) {
    columns_[column].head.step = static_cast<std::uint8_t>(options_.columns);
    columns_[column].head.count = static_cast<std::uint8_t>(options_.rows);
    finish(columns_[column], Stream::column, packet->timestamp);
  }
  at_ = (at_ + 1) % (options_.columns * options_.rows);
}

void FecEncoder::add(Sum& sum, const Packet& packet) {
  if (sum.gathered++ == 0) sum.head.base = packet.sequence;
  sum.head.length ^= static_cast<std::uint16_t>(packet.payload.size());
  sum.head.payload_type ^= packet.payload_type;
  sum.head.timestamp ^= packet.timestamp;
  add_to(sum.payload, packet.payload);
}

void FecEncoder::finish(Sum& sum, Stream stream, std::uint32_t timestamp) {
  Done done{stream, std::vector<std::uint8_t>(header_bytes + fec_head_bytes)};
  write_head(done.packet, {.marker = false,
                           .extension = false,
                           .payload_type = fec_payload_type,
                           .sequence = next_[static_cast<std::size_t>(stream)]++,
                           .timestamp = timestamp,
                           .ssrc = 0});
  write_fec_head(base::MutableBytes(done.packet).subspan(header_bytes), sum.head);
  done.packet.insert(done.packet.end(), sum.payload.begin(), sum.payload.end());
  done_.push_back(std::move(done));
  sum.head = {};
  sum.gathered = 0;
  sum.payload.clear();
}

const FecDecoder::Slot* FecDecoder::find(std::uint16_t sequence) const {
  const Slot& slot = slots_[sequence % window];
  return slot.filled && slot.sequence == sequence ? &slot : nullptr;
}

void FecDecoder::reset() {
  for (Slot& slot : slots_) slot.filled = false;
  waiting_.clear();
  found_.clear();
  polled_ = 0;
  newest_.reset();
}

void FecDecoder::keep(std::uint16_t sequence, Bytes datagram) {
  Slot& slot = slots_[sequence % window];
  slot.filled = true;
  slot.sequence = sequence;
  slot.datagram.assign(datagram.begin(), datagram.end());
}

void FecDecoder::media(const Packet& packet, Bytes datagram) {
  if (datagram.size() < header_bytes || datagram.size() > header_bytes + most_fec_payload_bytes) return;
  const int ahead = newest_ ? distance(*newest_, packet.sequence) : 1;
  const bool far = std::abs(ahead) >= static_cast<int>(window);
  if (newest_ && (packet.ssrc != ssrc_ || far)) reset();
  ssrc_ = packet.ssrc;
  if (newest_) {
    // What stood in the places of those that are passed over is of the round before.
    for (int i = 1; i < ahead; ++i) slots_[static_cast<std::uint16_t>(*newest_ + i) % window].filled = false;
  }
  if (!newest_ || ahead > 0) newest_ = packet.sequence;
  if (find(packet.sequence)) return;
  keep(packet.sequence, datagram);
  look(packet.sequence);
}

void FecDecoder::fec(const Packet& packet) {
  ++received_;
  const auto head = parse_fec_head(packet.payload);
  if (!head || packet.payload.size() > fec_head_bytes + most_fec_payload_bytes) {
    ++malformed_;
    return;
  }
  if (waiting_.size() == most_waiting) waiting_.erase(waiting_.begin());
  const Bytes payload = packet.payload.subspan(fec_head_bytes);
  waiting_.push_back({*head, std::vector<std::uint8_t>(payload.begin(), payload.end())});
  if (try_repair(waiting_.back()) == Step::wait) return;
  const bool any = polled_ < found_.size();
  waiting_.pop_back();
  if (any) look(found_.back());
}

// What became of those that wait for a packet that is there now; each may bring back one that others wait for.
void FecDecoder::look(std::uint16_t arrived) {
  std::vector<std::uint16_t> news{arrived};
  while (!news.empty()) {
    const std::uint16_t sequence = news.back();
    news.pop_back();
    for (std::size_t i = 0; i < waiting_.size();) {
      const bool old = newest_ && distance(waiting_[i].head.base, *newest_) > static_cast<int>(window);
      if (!old && !waiting_[i].head.protects(sequence)) {
        ++i;
        continue;
      }
      const Step step = old ? Step::drop : try_repair(waiting_[i]);
      if (step == Step::wait) {
        ++i;
        continue;
      }
      if (step == Step::repaired) news.push_back(found_.back());
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

FecDecoder::Step FecDecoder::try_repair(const Waiting& waiting) {
  unsigned missing = 0;
  std::uint16_t which = 0;
  for (unsigned i = 0; i < waiting.head.count; ++i) {
    const auto sequence = static_cast<std::uint16_t>(waiting.head.base + i * waiting.head.step);
    if (find(sequence)) continue;
    if (++missing > 1) return Step::wait;
    which = sequence;
  }
  if (missing == 0 || !newest_) return Step::drop;
  const std::size_t before = found_.size();
  repair(waiting, which);
  return found_.size() > before ? Step::repaired : Step::drop;
}

void FecDecoder::repair(const Waiting& waiting, std::uint16_t missing) {
  FecHead sum = waiting.head;
  std::vector<std::uint8_t> payload = waiting.payload;
  for (unsigned i = 0; i < waiting.head.count; ++i) {
    const Slot* slot = find(static_cast<std::uint16_t>(waiting.head.base + i * waiting.head.step));
    if (!slot) continue;
    const auto packet = parse(slot->datagram);
    const Bytes behind = behind_head(slot->datagram);
    if (!packet || behind.size() > payload.size()) {  // it protects others than those that came
      ++malformed_;
      return;
    }
    sum.length ^= static_cast<std::uint16_t>(behind.size());
    sum.payload_type ^= packet->payload_type;
    sum.timestamp ^= packet->timestamp;
    add_to(payload, behind);
  }
  if (sum.length > payload.size()) {
    ++malformed_;
    return;
  }
  std::vector<std::uint8_t> datagram(header_bytes);
  write_head(datagram, {.marker = false,
                        .extension = false,
                        .payload_type = sum.payload_type,
                        .sequence = missing,
                        .timestamp = sum.timestamp,
                        .ssrc = ssrc_});
  datagram.insert(datagram.end(), payload.begin(), payload.begin() + sum.length);
  keep(missing, datagram);
  if (distance(*newest_, missing) > 0) newest_ = missing;  // it may be still to come: then it comes twice
  ++repaired_;
  found_.push_back(missing);
}

std::optional<Bytes> FecDecoder::poll() {
  while (polled_ < found_.size()) {
    if (const Slot* slot = find(found_[polled_++])) return Bytes(slot->datagram);
  }
  found_.clear();
  polled_ = 0;
  return std::nullopt;
}

}  // namespace weir::rtp
