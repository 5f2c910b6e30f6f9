#include "app/bench/player.h"

#include <algorithm>

#include "app/bench/rtmp_start.h"
#include "app/bench/stamp.h"
#include "app/bench/tally.h"
#include "proto/rtmp/control.h"

namespace weir::bench {

namespace {

constexpr std::uint8_t user_control = 4, window_size = 5, audio = 8, video = 9;
constexpr std::size_t handshake_answer_size = 1 + 1536 + 1536;  // S0, S1 and S2

// A frame of pictures, not a sequence header or metadata: FLV E.4.3.1, Enhanced RTMP "ExVideoTagHeader".
bool is_picture(base::Bytes head) {
  if (head.empty()) return false;
  if (head[0] & 0x80) {
    const int packet = head[0] & 0x0f;
    return packet == 1 || packet == 3;
  }
  const int codec = head[0] & 0x0f;
  return (codec != 7 && codec != 12) || (head.size() >= 2 && head[1] == 1);
}

}  // namespace

void Player::start(const Endpoint& endpoint, std::uint32_t source) {
  started_at_ = base::Instant::clock::now();
  open(endpoint, source);
}

void Player::begin_window(base::Instant now) {
  bytes_before_ = received_bytes();
  heard_at_ = now;
  longest_silence_ = {};
}

void Player::end_window(base::Instant now) {
  heard(now);
  window_bytes_ = received_bytes() - bytes_before_;
}

void Player::heard(base::Instant now) {
  longest_silence_ = std::max(longest_silence_, std::chrono::nanoseconds{now - heard_at_});
  heard_at_ = now;
}

void Player::on_input(base::Bytes in, base::Instant now) {
  now_ = now;
  if (in.empty()) return heard(now);
  if (const auto result = scan(in); !result) return fail(result.error().message());
  if (!options_.parse && has_frame_) discard_input();
}

void Player::seen(const Seen& message) {
  if (message.type != video) {
    if (message.type == audio && tally_.measuring) ++tally_.media_messages;
    if (message.type < audio) control(message);
    return;
  }
  if (tally_.measuring) ++tally_.media_messages;
  if (!has_frame_) {
    if (!is_picture(message.head)) return;
    has_frame_ = true;
    tally_.play_to_frame.add(now_ - asked_at_);
    tally_.connect_to_frame.add(now_ - started_at_);
  }
  heard(now_);
  if (!tally_.measuring) return;
  // What was sent before we asked comes from the GOP cache: its age is no delay.
  if (const auto sent = read_stamp(message.tail); sent && *sent >= asked_at_) tally_.delay.add(now_ - *sent);
}

RtmpPlayer::RtmpPlayer(Loop& loop, Tally& tally, PlayerOptions options, Target target)
    : Player(loop, tally, options), target_(std::move(target)), handshake_left_(handshake_answer_size) {}

RtmpPlayer::~RtmpPlayer() = default;

void RtmpPlayer::on_connected() {
  start_ = std::make_unique<RtmpStart>(rtmp::Role::play, target_, 4096);
  send(start_->take_output());
}

base::Result<void> RtmpPlayer::scan(base::Bytes in) {
  if (start_) {
    if (const auto result = start_->input(in); !result) {
      if (start_->refusal().empty()) return result;
      fail(start_->refusal());
      return {};
    }
    if (const base::Buffer out = start_->take_output(); !out.empty()) send(out);
    asked_to_play(start_->asked_at());
    if (start_->accepted()) start_.reset();
  }
  // From its first byte behind the handshake, the stream is followed here as well: media may come with the answers.
  const std::size_t skipped = std::min(handshake_left_, in.size());
  handshake_left_ -= skipped;
  TRY_VOID(chunks_.feed(in.subspan(skipped), *this));
  acknowledgement_.add(in.size());
  if (acknowledgement_.due()) {
    base::Buffer answer;
    rtmp::append_acknowledgement(answer, acknowledgement_.take());
    if (!start_) send(answer);  // until then the engine acknowledges
  }
  return {};
}

void RtmpPlayer::control(const Seen& message) {
  if (message.type == window_size) {
    acknowledgement_.set_window(rtmp::parse_number_message(message.tail).value_or(0));
  } else if (message.type == user_control && !start_) {  // while starting, the engine answers
    const auto control = rtmp::parse_user_control(message.tail);
    if (!control || control->event != rtmp::UserEvent::ping_request) return;
    base::Buffer answer;
    rtmp::append_user_control(answer, {rtmp::UserEvent::ping_response, control->value});
    send(answer);
  }
}

void FlvPlayer::on_connected() {
  const std::string request = "GET " + target_.stream + target_.query + " HTTP/1.1\r\nHost: " + target_.authority() +
                              "\r\nUser-Agent: weir-bench\r\nAccept: */*\r\n\r\n";
  asked_to_play(base::Instant::clock::now());
  send(base::as_bytes(request));
}

base::Result<void> FlvPlayer::scan(base::Bytes in) {
  TRY_VOID(flv_.feed(in, *this));
  if (flv_.ended()) fail("the stream ended");
  return {};
}

}  // namespace weir::bench
