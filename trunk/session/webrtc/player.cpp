#include "session/webrtc/player.h"

#include <algorithm>
#include <cstring>

#include "base/byte_writer.h"
#include "base/random.h"

namespace weir::session::webrtc {

using namespace std::chrono_literals;
using base::Instant;
using base::Ticks;

namespace {

constexpr Ticks history = 1s;         // that may be asked for again
constexpr Ticks most_behind = 2s;     // then it goes on from the newest key frame
constexpr Ticks at_the_edge = 100ms;  // a beginning so near to it needs no catching up
constexpr Ticks close_together = 1ms;
constexpr Instant::duration first_report_after = 50ms, report_distance = 1s, capture_distance = 1s;
constexpr auto key_distance = 500ms;
constexpr Instant::duration usual_round_trip = 100ms, least_round_trip = 5ms;
constexpr std::uint64_t ntp_of_1970 = 2'208'988'800;  // RFC 5905 6
constexpr Instant never = Instant::max();

std::uint32_t system_random() {
  std::array<std::uint8_t, 4> bytes{};
  base::fill_random(bytes);
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::size_t index_of(media::Kind kind) { return kind == media::Kind::video ? 0 : 1; }

std::uint64_t ntp_span(std::chrono::nanoseconds span) {
  const auto count = span.count();
  const auto seconds = count / 1'000'000'000, rest = count % 1'000'000'000;
  return (static_cast<std::uint64_t>(seconds) << 32) +
         static_cast<std::uint64_t>((rest << 32) / 1'000'000'000);  // of negative spans modulo 2^64
}

}  // namespace

WallClock WallClock::read() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::steady_clock::now(), (ntp_of_1970 << 32) + ntp_span(wall)};
}

std::uint64_t WallClock::ntp_at(Instant when) const { return ntp + ntp_span(when - at); }

Player::Player(hub::Feed& feed, PacketSink& sink, PlayerOptions options)
    : sink_(sink), options_(std::move(options)), reader_(feed, *this, most_behind) {
  if (!options_.random) options_.random = system_random;
  feed.keep_history(history);
  for (const sdp::AgreedMedia& media : options_.media) {
    auto& place = media.kind == sdp::Kind::video ? video_ : audio_;
    if (!media.accepted || place || (media.kind != sdp::Kind::video && media.kind != sdp::Kind::audio)) continue;
    // The lower half: if the first packets are lost, nobody mistakes the others for those of the next cycle.
    const OutgoingTrack::Start start{.sequence = static_cast<std::uint16_t>(options_.random() & 0x7fff),
                                     .retransmission_sequence = static_cast<std::uint16_t>(options_.random() & 0x7fff),
                                     .timestamp = options_.random()};
    place = std::make_unique<OutgoingTrack>(media, start, options_.playout_delay, sink_, transport_sequence_);
  }
  options_.media.clear();
}

Player::~Player() = default;

void Player::connected(Instant) {
  if (std::exchange(connected_, true) || leaving_) return;
  reader_.start();
}

void Player::rtp(base::SharedBytes, Instant) {}  // a player sends no media; what comes all the same is not ours to read

// The next frame of the feed, or the rest of one.
Player::Took Player::take(const hub::Wire& wire, bool begins) {
  if (!std::exchange(in_turn_, true)) {
    now_ = options_.clock();
    pacer_.begin(now_);
  }
  const auto view = pack::RtpWire::read(wire.bytes);
  OutgoingTrack* const track = view ? track_of(view->kind()) : nullptr;
  const Position position = reader_.position();
  const bool under_way = track && track->current() == position;  // the rest of a frame that was held back
  if (begins && view && !under_way && !begin_group(*view)) return Took::later;
  if (!track || view->count() == 0) return Took::all;
  if (pacer_.room() == 0) {
    resume_at_ = pacer_.hold(now_);
    return Took::full;
  }
  std::uint64_t capture = 0;
  if (!under_way) {
    const auto time = time_of(*view, begins);
    if (!time || !track->begin(*view, position, *time)) return Took::all;
    capture = capture_of(*track, *time);
  }
  const std::size_t sent = track->send(*view, pacer_.room(), capture);
  pacer_.spend(sent);
  turn_packets_ += sent;
  if (next_report_ == never) {
    next_report_ = now_ + first_report_after;
    if (options_.wake) options_.wake(next_report_);
  }
  if (track->done(*view)) return Took::all;
  resume_at_ = pacer_.hold(now_);
  return Took::full;
}

std::size_t Player::flush() {
  in_turn_ = false;
  sink_.flush();
  if (resume_at_) {
    if (options_.wake) options_.wake(*resume_at_);
  } else {
    pacer_.rest();
  }
  // A packet costs a third of a send to a byte stream: most go out in one system call with others.
  return std::exchange(turn_packets_, 0) / 3;
}

void Player::reader_changed() {
  if (options_.changed) options_.changed();
}

// It begins on this wire. False if what lies between it and the live edge is too much to be sent at once.
bool Player::begin_group(const pack::RtpWire& first) {
  const auto& log = reader_.feed().log();
  const Position from = reader_.position();
  const Ticks length = log.time_from(from);
  catch_up_until_ = 0;
  catch_up_left_ = 0;
  Ticks edge = first.pts();
  if (length > at_the_edge) {
    const std::size_t packets = static_cast<std::size_t>(log.bytes_from(from)) / 1200 + (log.head() - from);
    if (video_ && (length > options_.most_start_time || packets > options_.most_start_packets)) {
      ++figures_.late_starts;
      want_key_frame(now_);
      return false;
    }
    for (Position position = from; position < log.head(); ++position) {
      const auto view = pack::RtpWire::read(log.at(position).bytes);
      if (!view || view->kind() != media::Kind::video) continue;
      ++catch_up_left_;
      edge = std::max(edge, view->pts());
    }
    catch_up_until_ = log.head();
  }
  clock_.follow(edge, true, now_);
  catch_up_edge_ = clock_.place(edge);
  generations_[index_of(first.kind())] = first.generation();
  return true;
}

// The media time at which it is sent; none if it is left out.
std::optional<Ticks> Player::time_of(const pack::RtpWire& view, bool begins) {
  const bool picture = view.kind() == media::Kind::video;
  if (reader_.position() < catch_up_until_) {
    if (!picture || catch_up_left_ == 0) return std::nullopt;
    --catch_up_left_;
    const Ticks time = catch_up_edge_ - close_together * static_cast<std::int64_t>(catch_up_left_);
    newest_picture_ = std::max(newest_picture_ + Ticks(1), time);
    return newest_picture_;
  }
  auto& generation = generations_[index_of(view.kind())];
  const bool again = begins || generation != view.generation();
  generation = view.generation();
  clock_.follow(view.pts(), again, now_);
  const Ticks time = clock_.place(view.pts());
  if (picture) newest_picture_ = std::max(newest_picture_, time);
  return time;
}

std::uint64_t Player::capture_of(const OutgoingTrack& track, Ticks time) {
  Instant& next = next_capture_[index_of(track.kind())];
  if (!track.has_capture_time() || now_ < next) return 0;
  next = now_ + capture_distance;
  const Instant captured = now_ - std::chrono::duration_cast<Instant::duration>(clock_.time(now_) - time);
  return options_.wall.ntp_at(captured);
}

void Player::want_key_frame(Instant now) {
  if (now - key_wanted_at_ < key_distance && key_wanted_at_ != Instant{}) return;
  key_wanted_at_ = now;
  if (options_.want_key_frame) options_.want_key_frame();
}

Instant Player::tick(Instant now) {
  if (!connected_ || leaving_) return never;
  if (resume_at_ && now >= *resume_at_) {
    resume_at_.reset();
    reader_.ready();
  }
  if (now >= next_report_) {
    next_report_ = now + report_distance;
    send_reports(now);
  }
  return std::min(next_report_, resume_at_.value_or(never));
}

// Both sources in one compound, with the same name, and times on one line: what lips are synchronised by.
void Player::send_reports(Instant now) {
  scratch_.clear();
  base::ByteWriter w(scratch_);
  each_track([&](OutgoingTrack& track) {
    track.measure(now);
    if (!track.sent_any()) return;
    rtp::write_sender_report(w, track.report(options_.wall.ntp_at(now), clock_.time(now)));
    rtp::write_description(w, track.ssrc(), options_.cname);
  });
  put_rtcp();
}

void Player::put_rtcp() {
  if (scratch_.empty()) return;
  const base::MutableBytes room = sink_.room(scratch_.size());
  std::memcpy(room.data(), scratch_.data(), scratch_.size());
  sink_.put_rtcp(scratch_.size());
  sink_.flush();
}

void Player::leave() {
  if (std::exchange(leaving_, true)) return;
  reader_.stop();
  if (!connected_) return;
  scratch_.clear();
  base::ByteWriter w(scratch_);
  each_track([&](const OutgoingTrack& track) {
    rtp::write_receiver_report(w, track.ssrc(), {});  // RFC 3550 6.1: a compound begins with a report
    rtp::write_bye(w, track.ssrc());
  });
  put_rtcp();
}

void Player::rtcp(base::Bytes packet, Instant arrived) {
  const auto items = rtp::parse_rtcp(packet);
  if (!items) {
    ++figures_.garbled;
    return;
  }
  for (const rtp::RtcpItem& item : *items) handle(item, arrived);
  sink_.flush();  // what was sent again
}

void Player::handle(const rtp::RtcpItem& item, Instant now) {
  if (const auto* report = std::get_if<rtp::ReceiverReport>(&item)) {
    ++figures_.reports;
    for (const rtp::ReportBlock& block : report->blocks) note_report(block, now);
  } else if (const auto* sender = std::get_if<rtp::SenderReport>(&item)) {
    for (const rtp::ReportBlock& block : sender->blocks) note_report(block, now);
  } else if (const auto* nack = std::get_if<rtp::Nack>(&item)) {
    ++figures_.nacks;
    if (options_.breaker && !options_.breaker->sends_again()) {
      figures_.unrepaired += nack->lost.size();
      return;
    }
    const Instant::duration known = std::max<Instant::duration>(round_trip_, least_round_trip);
    const Instant::duration limit = round_trip_.count() == 0 ? usual_round_trip : known;
    each_track([&](OutgoingTrack& track) {
      if (track.ssrc() != nack->media || leaving_) return;
      for (const std::uint16_t lost : nack->lost) track.resend(lost, reader_.feed().log(), now, limit);
    });
  } else if (const auto* key = std::get_if<rtp::KeyFrameRequest>(&item)) {
    if (!video_ || key->media != video_->ssrc()) return;
    // RFC 5104 4.3.1.2: the same command number is the same request.
    if (key->full_intra && std::exchange(last_command_, key->command) == key->command) return;
    ++figures_.key_frame_requests;
    if (!reader_.skip_to_entry()) want_key_frame(now);
  } else if (std::holds_alternative<rtp::TransportFeedback>(item)) {
    ++figures_.feedback;
  } else if (std::holds_alternative<rtp::Bye>(item)) {
    if (!std::exchange(left_, true)) reader_changed();
  }
}

void Player::note_report(const rtp::ReportBlock& block, Instant now) {
  each_track([&](OutgoingTrack& track) {
    if (track.ssrc() != block.ssrc) return;
    track.note(block);
    if (block.last_report == 0) return;
    // RFC 3550 6.4.1, in 1/65536 s; a peer's nonsense is no round trip.
    const auto middle = static_cast<std::uint32_t>(options_.wall.ntp_at(now) >> 16);
    const auto units = static_cast<std::int32_t>(middle - block.last_report - block.delay);
    if (units < 0 || units > 10 * 65536) return;
    round_trip_ = std::max(std::chrono::microseconds(std::int64_t{units} * 1'000'000 / 65536), 1us);
  });
}

PlayerFigures Player::figures() const {
  PlayerFigures out = figures_;
  if (video_) out.video = video_->figures();
  if (audio_) out.audio = audio_->figures();
  out.round_trip = round_trip_;
  return out;
}

}  // namespace weir::session::webrtc
