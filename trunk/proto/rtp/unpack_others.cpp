#include <optional>

#include "base/byte_reader.h"
#include "codec/av1.h"
#include "codec/vpx.h"
#include "proto/rtp/unpack_h26x.h"
#include "proto/rtp/unpacker.h"

namespace weir::rtp {

using base::Bytes;
using base::Result;

namespace {

std::size_t read_leb128(base::ByteReader& r) {
  std::size_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint8_t byte = r.u8();
    value |= static_cast<std::size_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

void append_leb128(base::Buffer& out, std::size_t value) {
  do {
    const auto low = static_cast<std::uint8_t>(value & 0x7f);
    value >>= 7;
    out.append(static_cast<std::uint8_t>(low | (value != 0 ? 0x80 : 0)));
  } while (value != 0);
}

// OBU elements back to OBUs with sizes. "RTP Payload Format for AV1", 4.
class Av1Unpacker final : public Unpacker {
 public:
  Result<void> input(Bytes payload) override {
    base::ByteReader r{payload};
    const std::uint8_t head = r.u8();
    const bool continues = (head & 0x80) != 0, to_be_continued = (head & 0x40) != 0;
    const unsigned count = head >> 4 & 3;
    if (!r.ok() || continues != open_) return Errc::bad_payload;
    for (unsigned i = 1; r.left() > 0; ++i) {
      const std::size_t size = count != 0 && i == count ? r.left() : read_leb128(r);
      const Bytes part = r.take(size);
      if (!r.ok() || element_.size() + frame_.bytes.size() + part.size() > most_frame_bytes) return Errc::bad_payload;
      element_.append(part);
      open_ = r.left() == 0 && to_be_continued;
      if (!open_) TRY_VOID(close());
    }
    return {};
  }
  Result<Frame> take() override {
    Frame out = std::exchange(frame_, {});
    element_.clear();
    if (std::exchange(open_, false)) return Errc::bad_payload;
    out.key = codec::av1::is_key(out.bytes);
    return out;
  }

 private:
  Result<void> close() {
    const bool extended = !element_.empty() && (element_.data()[0] & 0x04) != 0;
    const std::size_t header = extended ? 2 : 1;
    if (element_.size() < header) return Errc::bad_payload;
    if ((element_.data()[0] & 0x02) != 0) {  // a size of its own, which the RTP format discourages
      frame_.bytes.append(element_);
    } else {
      frame_.bytes.append(static_cast<std::uint8_t>(element_.data()[0] | 0x02));
      if (extended) frame_.bytes.append(element_.data()[1]);
      append_leb128(frame_.bytes, element_.size() - header);
      frame_.bytes.append(Bytes(element_).subspan(header));
    }
    element_.clear();
    return {};
  }

  Frame frame_;
  base::Buffer element_;
  bool open_ = false;
};

class Vp8Unpacker final : public Unpacker {
 public:
  Result<void> input(Bytes payload) override {
    base::ByteReader r{payload};
    const std::uint8_t head = r.u8();
    if ((head & 0x80) != 0) {
      const std::uint8_t extension = r.u8();
      if ((extension & 0x80) != 0 && (r.u8() & 0x80) != 0) r.skip(1);
      if ((extension & 0x40) != 0) r.skip(1);
      if ((extension & 0x30) != 0) r.skip(1);
    }
    const Bytes body = r.rest();
    if (!r.ok() || body.empty() || frame_.bytes.size() + body.size() > most_frame_bytes) return Errc::bad_payload;
    if (frame_.bytes.empty()) {
      if ((head & 0x17) != 0x10) return Errc::bad_payload;  // S and partition 0: the beginning of a frame
      frame_.key = (body[0] & 1) == 0;
    }
    frame_.bytes.append(body);
    return {};
  }
  Result<Frame> take() override { return std::exchange(frame_, {}); }

 private:
  Frame frame_;
};

class Vp9Unpacker final : public Unpacker {
 public:
  Result<void> input(Bytes payload) override {
    base::ByteReader r{payload};
    const std::uint8_t head = r.u8();
    const auto bit = [&](unsigned mask) { return (head & mask) != 0; };
    const bool flexible = bit(0x10);
    if (bit(0x80) && (r.u8() & 0x80) != 0) r.skip(1);
    if (bit(0x20)) r.skip(flexible ? 1 : 2);  // layer indices, and TL0PICIDX
    if (flexible && bit(0x40)) {
      for (int i = 0; i < 3 && (r.u8() & 1) != 0; ++i) {
      }
    }
    if (bit(0x02)) skip_structure(r);
    const Bytes body = r.rest();
    if (!r.ok() || body.empty() || frame_.bytes.size() + body.size() > most_frame_bytes) return Errc::bad_payload;
    if (frame_.bytes.empty()) {
      if (!bit(0x08)) return Errc::bad_payload;  // B: the beginning of a frame
      frame_.key = !bit(0x40);
    }
    frame_.bytes.append(body);
    return {};
  }
  Result<Frame> take() override { return std::exchange(frame_, {}); }

 private:
  // RFC 9628 4.2.1.
  static void skip_structure(base::ByteReader& r) {
    const std::uint8_t head = r.u8();
    const unsigned layers = (head >> 5) + 1U;
    if ((head & 0x10) != 0) r.skip(std::size_t{4} * layers);
    if ((head & 0x08) == 0) return;
    for (unsigned pictures = r.u8(); pictures > 0 && r.ok(); --pictures) r.skip(r.u8() >> 2 & 3U);
  }

  Frame frame_;
};

// One packet is one frame: Opus, G.711.
class WholePacket final : public Unpacker {
 public:
  Result<void> input(Bytes payload) override {
    frame_.bytes.append(payload);
    frame_.key = true;
    return {};
  }
  Result<Frame> take() override { return std::exchange(frame_, {}); }

 private:
  Frame frame_;
};

}  // namespace

std::unique_ptr<Unpacker> make_unpacker(media::Codec codec) {
  switch (codec) {
    case media::Codec::h264:
      return make_avc_unpacker();
    case media::Codec::hevc:
      return make_hevc_unpacker();
    case media::Codec::av1:
      return std::make_unique<Av1Unpacker>();
    case media::Codec::vp8:
      return std::make_unique<Vp8Unpacker>();
    case media::Codec::vp9:
      return std::make_unique<Vp9Unpacker>();
    case media::Codec::opus:
    case media::Codec::pcma:
    case media::Codec::pcmu:
      return std::make_unique<WholePacket>();
    default:
      return nullptr;
  }
}

}  // namespace weir::rtp
