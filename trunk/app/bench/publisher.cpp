#include "app/bench/publisher.h"

#include <utility>

#include "app/bench/rtmp_start.h"
#include "app/bench/rtmp_wire.h"
#include "app/bench/stamp.h"
#include "app/bench/tally.h"

namespace weir::bench {

Publisher::Publisher(Loop& loop, Tally& tally, const Clip& clip, Target target, Options options)
    : Connection(loop), tally_(tally), clip_(clip), target_(std::move(target)), options_(options) {}

Publisher::~Publisher() = default;

void Publisher::on_connected() {
  start_ = std::make_unique<RtmpStart>(RtmpStart::Role::publish, target_, options_.chunk_size);
  send(start_->take_output());
}

void Publisher::on_input(base::Bytes in, base::Instant now) {
  if (!start_) return;  // acknowledgements and the like: nothing that would change what we do
  if (const auto result = start_->input(in); !result) return fail(result.error().message());
  const base::Buffer out = start_->take_output();
  if (!out.empty()) send(out);
  if (start_->asked_now()) asked_at_ = base::Instant::clock::now();
  if (!start_->accepted()) return;
  tally_.publish_to_accept.add(now - asked_at_);
  start_.reset();
  for (const ClipMessage& header : clip_.headers) append(header, 0);
  flush();
  publishing_ = true;
  began_at_ = base::Instant::clock::now();
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
  const std::uint32_t chunk_stream = message.type == 9 ? 6 : message.type == 8 ? 4 : 5;
  const base::Bytes payload = clip_.payload(message);
  if (message.stamped) {
    // Stamped in a copy: the clip belongs to all publishers.
    const base::MutableBytes copy = loop().buffer().first(payload.size());
    std::copy(payload.begin(), payload.end(), copy.begin());
    write_stamp(copy.data() + copy.size() - stamp_size, base::Instant::clock::now());
    append_message(scratch_, chunk_stream, message.type, time_ms, 1, copy, options_.chunk_size);
  } else {
    append_message(scratch_, chunk_stream, message.type, time_ms, 1, payload, options_.chunk_size);
  }
  sent_media_bytes_ += payload.size();
  if (tally_.measuring) {
    ++tally_.published_messages;
    tally_.published_bytes += payload.size();
  }
}

void Publisher::flush() {
  if (scratch_.empty()) return;
  if (tally_.measuring) ++tally_.publish_sends;
  send(scratch_);
  scratch_.clear();
}

}  // namespace weir::bench
