#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/vhost.h"
#include "format/ts/analyzer.h"
#include "format/ts/demuxer.h"
#include "session/common/media_sink.h"

namespace weir::session {

// From a transport stream that comes in pieces, cut anywhere, to the frames of a stream: what all that receive one
// share. A pull has its stream published once there is media:
//
//   CO_TRY_VOID(receiver.input(piece));
//   if (receiver.has_media()) { ...; CO_TRY_VOID(receiver.drain(publisher)); }
//   receiver.pass_on(publisher);  // when what was there is read
class TsReceiver {
 public:
  // Of several programs, this one; 0: the first that has something known.
  explicit TsReceiver(std::uint16_t program = 0)
      : program_(program), demuxer_(ts::Demuxer::Options{.program = program}) {}
  // Of one that comes live: as the virtual host says, what is wrong with it is counted, and its packets go on as they
  // came.
  TsReceiver(std::uint16_t program, const config::Vhost& vhost);

  // Errc::no_transport_stream: for 64 kB nothing in it has looked like one.
  base::Result<void> input(base::Bytes piece);
  // It is over: what a next packet would have completed is there to be drained.
  void finish() { demuxer_.finish(); }
  // For hub::Link: what it looked like so far, and what is made of it.
  std::shared_ptr<const media::TransportStream> measured() const { return told_; }

  // Something is there to be drained.
  bool has_media();
  // Hands over what is there. What MediaSink::set_tracks says.
  base::Result<void> drain(MediaSink& sink);

  // Hands over the packets themselves, as they came, for outputs that are transport streams.
  void pass_on(MediaSink& sink);

  bool got_media() const { return got_media_; }
  // What was wrong with it so far, for the log.
  std::string condition() const;

 private:
  std::uint64_t errors() const;
  void measure();

  std::uint16_t program_;
  ts::Demuxer demuxer_;
  std::unique_ptr<ts::Analyzer> analyzer_;  // null: nobody asked
  std::shared_ptr<media::TransportStream> told_ = std::make_shared<media::TransportStream>();
  std::optional<ts::Demuxer::Unit> next_;
  bool got_media_ = false;
  bool passes_ = false;  // packets go on since then
  std::uint64_t errors_told_ = 0;
};

// The program that parameters ask for ("?program=2", with or without "?"); 0: none, or what is no number of one.
std::uint16_t program_of(std::string_view param);

}  // namespace weir::session
