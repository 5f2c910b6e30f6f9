#include "app/bench/publisher.h"

#include <utility>

#include "app/bench/rtmp_start.h"
#include "app/bench/stamp.h"
#include "app/bench/tally.h"

namespace weir::bench {

Publisher::Publisher(Loop& loop, Tally& tally, const Clip& clip, Target target, Options options)
    : Connection(loop), tally_(tally), clip_(clip), target_(std::move(target)), options_(options) {}

Publisher::~Publisher() = default;

void Publisher::on_connected() {
  conversation_ = std::make_unique<RtmpStart>(rtmp::Role::publish, target_, options_.chunk_size);
  flush();
}

void Publisher::on_input(base::Bytes in, base::Instant now) {
  if (const auto result = conversation_->input(in); !result) {
    return fail(conversation_->refusal().empty() ? result.error().message() : conversation_->refusal());
  }
  flush();
  if (publishing_ || !conversation_->accepted()) return;
  tally_.publish_to_accept.add(now - conversation_->asked_at());
  for (const ClipMessage& header : clip_.headers) append(header, 0);
  flush();
  publishing_ = true;
  began_at_ = base::Instant::clock::now();
}

void Publisher::say_goodbye() {
  if (!is_open() || !conversation_) return;
  conversation_->client().close();
  flush();
}

base::Instant Publisher::due() const {
  return began_at_ + std::chrono::milliseconds{round_ * clip_.length_ms + clip_.messages[next_].time_ms};
}

base::Instant Publisher::pump(base::Instant now, bool merge) {
  base::Instant next = due();
  while (next <= now && is_open()) {
    if (tally_.measuring) tally_.lateness.add(base::Instant::clock::now() - next);
    // 32 bits of milliseconds wrap after 49 days; runs are shorter.
    append(clip_.messages[next_], static_cast<std::uint32_t>(round_ * clip_.length_ms + clip_.messages[next_].time_ms));
    if (!merge) flush();
    if (++next_ == clip_.messages.size()) {
      next_ = 0;
      ++round_;
    }
    next = due();
  }
  flush();
  return next;
}

void Publisher::append(const ClipMessage& message, std::uint32_t time_ms) {
  const auto type = static_cast<rtmp::MessageType>(message.type);
  const base::Bytes payload = clip_.payload(message);
  if (message.stamped) {
    // Stamped in a copy: the clip belongs to all publishers.
    stamped_.clear();
    stamped_.append(payload);
    write_stamp(stamped_.data() + stamped_.size() - stamp_size, base::Instant::clock::now());
    conversation_->client().send(type, time_ms, stamped_);
  } else {
    conversation_->client().send(type, time_ms, payload);
  }
  sent_media_bytes_ += payload.size();
  if (tally_.measuring) {
    ++tally_.published_messages;
    tally_.published_bytes += payload.size();
  }
}

void Publisher::flush() {
  const base::Buffer out = conversation_->take_output();
  if (out.empty()) return;
  if (tally_.measuring) ++tally_.publish_sends;
  send(out);
}

}  // namespace weir::bench
