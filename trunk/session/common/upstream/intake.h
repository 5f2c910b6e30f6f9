#pragma once

#include <memory>
#include <variant>

#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "session/common/bare_audio.h"
#include "session/common/publisher.h"
#include "session/common/ts_receiver.h"
#include "session/common/upstream/attempt.h"
#include "session/common/upstream/chain.h"
#include "session/common/upstream/data_ahead.h"
#include "session/common/upstream/pace.h"

namespace weir::session::upstream {

// Bytes of FLV, MPEG-TS, MP3 or AAC in ADTS, as their first ones say, on their way to the stream of an attempt, which
// is published once media came. Part of a fetcher's task.
//
//   Intake intake(attempt, stream);
//   for (each piece) CO_TRY_VOID(co_await intake.take(piece));
//   CO_TRY_VOID(co_await intake.finish());
class Intake {
 public:
  // `stream` is what the bytes are read from: its turn is spent. Null: whoever reads lets others go first by himself.
  // With a `pace` media waits until its time has come.
  // Of a transport stream with several programs, `program`; 0: the first. With a `chain` it is one of several files.
  Intake(Attempt& attempt, net::ByteStream* stream, Pace* pace = nullptr, std::uint16_t program = 0,
         Chain* chain = nullptr)
      : attempt_(attempt), stream_(stream), pace_(pace), program_(program), chain_(chain) {}
  ~Intake();
  Intake(const Intake&) = delete;

  // Errc::no_known_format, flv::Errc, what a publisher is ended for, net::Errc::stopped.
  net::Task<base::Result<void>> take(base::Bytes piece);
  // The bytes are at their end. The same; Errc::no_known_format when nothing in them was media.
  net::Task<base::Result<void>> finish();
  // The next piece is from the beginning of the same file again.
  void begin_again();
  // How long behind the last frame that came the next file begins.
  base::Ticks tail() const;

 private:
  struct Flv {
    flv::Demuxer demuxer;
    DataAhead ahead;
    base::MillisUnwrap clock;
    flv::Ingest ingest;  // of a chain
    flv::Yield yield;    // the same
  };
  net::Task<base::Result<void>> take_flv(Flv& flv, base::Bytes piece);
  net::Task<base::Result<void>> put(Flv& flv, flv::Tag tag);
  net::Task<base::Result<void>> begin_flv(Flv& flv);
  base::Result<void> give(Flv& flv, flv::TagType type, base::Millis time, const base::SharedBytes& body);
  template <class Reader>
  net::Task<base::Result<void>> drain(Reader& reader, hub::ProtocolId protocol);
  bool begun() const { return chain_ ? began_ : flv_publisher_ || publisher_; }

  // given
  Attempt& attempt_;
  net::ByteStream* stream_;
  Pace* pace_;
  std::uint16_t program_;
  Chain* chain_;

  // owned
  base::Buffer head_;  // what came before the format was known
  std::variant<std::monostate, std::unique_ptr<Flv>, std::unique_ptr<TsReceiver>, std::unique_ptr<BareAudio>> reader_;
  std::unique_ptr<FlvPublisher> flv_publisher_;
  std::unique_ptr<FramePublisher> publisher_;

  // state
  bool began_ = false;  // of a chain: media of this file came
};

// Media that is read faster than it is played waits for its time.
net::Task<base::Result<base::Ticks>> wait_until_due(Attempt& attempt, Pace& pace, base::Ticks time);

}  // namespace weir::session::upstream
