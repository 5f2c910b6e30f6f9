#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "proto/rtp/fec.h"
#include "proto/rtp/packet.h"

namespace weir::rtp {

// Cuts a transport stream into datagrams of seven packets, as every receiver takes them: plain, or in RTP (RFC 2250)
// with the forward error correction of ST 2022-1, whose packets have all one length. No socket and no clock.
class TsDatagrams {
 public:
  static constexpr std::size_t ts_packet_bytes = 188, packets_each = 7;
  static constexpr std::size_t payload_bytes = ts_packet_bytes * packets_each;
  static constexpr std::uint8_t payload_type = 33;  // MP2T, RFC 3551 6

  struct Options {
    bool rtp = false;
    std::uint16_t first_sequence = 0;  // at random, as is the other (RFC 3550 5.1)
    std::uint32_t ssrc = 0;
    unsigned fec_columns = 0, fec_rows = 0;  // 0: none
    bool fec_by_rows = true;
  };
  explicit TsDatagrams(Options options);

  // Whole packets of the stream.
  void append(base::Bytes packets) { waiting_.append(packets); }
  // Null packets (ISO 13818-1 2.4.3.3) behind those that do not fill a datagram.
  void fill_up();
  bool holds_some() const { return unsent() % payload_bytes != 0; }  // which do not fill one yet
  std::size_t ready() const { return unsent() / payload_bytes; }     // whole datagrams

  enum class Stream : std::uint8_t { media, fec_columns, fec_rows };
  // Takes the next `count` of those that are ready, to be sent at `timestamp` (90 kHz, RFC 2250 2). Calls
  // `take(Stream, Bytes datagrams, std::size_t each)` for all of the media, and then for each packet of FEC that these
  // complete; valid during the call.
  template <class Take>
  void take(std::size_t count, std::uint32_t timestamp, Take give) {
    const base::Bytes media = make(count, timestamp);
    if (media.empty()) return;
    give(Stream::media, media, datagram_bytes());
    if (fec_) protect(media, give);
    consume(count);
  }
  std::size_t datagram_bytes() const { return payload_bytes + (options_.rtp ? header_bytes : 0); }

 private:
  std::size_t unsent() const { return waiting_.size() - done_; }
  base::Bytes make(std::size_t count, std::uint32_t timestamp);
  void consume(std::size_t count);
  template <class Take>
  void protect(base::Bytes media, Take give) {
    for (std::size_t at = 0; at < media.size(); at += datagram_bytes()) {
      fec_->input(media.subspan(at, datagram_bytes()), [&](FecEncoder::Stream stream, base::Bytes packet) {
        const bool column = stream == FecEncoder::Stream::column;
        give(column ? Stream::fec_columns : Stream::fec_rows, packet, packet.size());
      });
    }
  }

  // given
  Options options_;

  // owned
  std::unique_ptr<FecEncoder> fec_;  // null: none
  base::Buffer waiting_, made_;

  // state
  std::size_t done_ = 0;  // bytes of those that wait
  std::uint16_t next_;
};

}  // namespace weir::rtp
