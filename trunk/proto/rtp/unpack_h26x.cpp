#include "proto/rtp/unpack_h26x.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "codec/avc.h"
#include "codec/hevc.h"

namespace weir::rtp {

using base::Bytes;
using base::Result;

namespace {

// RFC 6184 5.2 and RFC 7798 4.4: which payloads are aggregates and fragments, and the NAL header that fragments share.
struct Avc {
  static constexpr std::size_t header = 1;
  static unsigned type(Bytes payload) { return payload[0] & 0x1fU; }
  static bool is_aggregate(unsigned type) { return type == 24; }
  static bool is_fragment(unsigned type) { return type == 28; }
  static bool is_single(unsigned type) { return type >= 1 && type <= 23; }
  static void append_header(base::Buffer& out, Bytes payload) {
    out.append(static_cast<std::uint8_t>((payload[0] & 0xe0) | (payload[1] & 0x1f)));
  }
  static bool is_key(std::uint8_t first) { return codec::avc::nal_type(first) == codec::avc::NalType::idr; }
  static bool is_picture(std::uint8_t first) { return (first & 0x1f) >= 1 && (first & 0x1f) <= 5; }  // Table 7-1
};
struct Hevc {
  static constexpr std::size_t header = 2;
  static unsigned type(Bytes payload) { return payload[0] >> 1 & 0x3fU; }
  static bool is_aggregate(unsigned type) { return type == 48; }
  static bool is_fragment(unsigned type) { return type == 49; }
  static bool is_single(unsigned type) { return type < 48; }
  static void append_header(base::Buffer& out, Bytes payload) {
    out.append(static_cast<std::uint8_t>((payload[0] & 0x81) | (payload[2] & 0x3f) << 1));
    out.append(payload[1]);
  }
  static bool is_key(std::uint8_t first) { return codec::hevc::is_random_access(codec::hevc::nal_type(first)); }
  static bool is_picture(std::uint8_t first) { return (first >> 1 & 0x3f) < 32; }  // Table 7-1
};

template <class Codec>
class NalUnpacker final : public Unpacker {
 public:
  Result<void> input(Bytes payload) override {
    if (payload.size() < Codec::header) return Errc::bad_payload;
    const unsigned type = Codec::type(payload);
    if (Codec::is_fragment(type)) return fragment(payload);
    if (fragment_at_) return Errc::bad_payload;  // its end never came
    if (Codec::is_single(type)) return add(payload);
    if (!Codec::is_aggregate(type)) return Errc::bad_payload;
    base::ByteReader r{payload.subspan(Codec::header)};
    while (r.left() > 0) {
      const Bytes nal = r.take(r.u16());
      if (!r.ok() || nal.size() < Codec::header) return Errc::bad_payload;
      TRY_VOID(add(nal));
    }
    return {};
  }
  Result<Frame> take() override {
    Frame out = std::exchange(frame_, Frame{.bytes = {}, .picture = false});
    if (std::exchange(fragment_at_, std::nullopt)) return Errc::bad_payload;
    return out;
  }

 private:
  Result<void> add(Bytes nal) {
    if (frame_.bytes.size() + nal.size() > most_frame_bytes) return Errc::bad_payload;
    base::ByteWriter{frame_.bytes}.u32(nal.size());
    frame_.bytes.append(nal);
    note(nal[0]);
    return {};
  }
  Result<void> fragment(Bytes payload) {
    if (payload.size() < Codec::header + 2) return Errc::bad_payload;
    const std::uint8_t flags = payload[Codec::header];
    const bool first = (flags & 0x80) != 0, last = (flags & 0x40) != 0;
    if (first == fragment_at_.has_value() || frame_.bytes.size() + payload.size() > most_frame_bytes) {
      return Errc::bad_payload;
    }
    if (first) {
      fragment_at_ = frame_.bytes.size();
      base::ByteWriter{frame_.bytes}.u32(0);
      Codec::append_header(frame_.bytes, payload);
      note(frame_.bytes.data()[*fragment_at_ + 4]);
    }
    frame_.bytes.append(payload.subspan(Codec::header + 1));
    if (last) {
      base::ByteWriter{frame_.bytes}.patch32(*fragment_at_, frame_.bytes.size() - *fragment_at_ - 4);
      fragment_at_.reset();
    }
    return {};
  }

  void note(std::uint8_t first) {
    frame_.key = frame_.key || Codec::is_key(first);
    frame_.picture = frame_.picture || Codec::is_picture(first);
  }

  Frame frame_{.bytes = {}, .picture = false};
  std::optional<std::size_t> fragment_at_;  // where the length of the NAL unit under way stands
};

}  // namespace

std::unique_ptr<Unpacker> make_avc_unpacker() { return std::make_unique<NalUnpacker<Avc>>(); }
std::unique_ptr<Unpacker> make_hevc_unpacker() { return std::make_unique<NalUnpacker<Hevc>>(); }

}  // namespace weir::rtp
