#include "format/ps/picture_joiner.h"

#include <utility>

#include "format/ps/recognise.h"

namespace weir::ps {

using base::Bytes;
using base::Ticks;
using media::Codec;

namespace {

constexpr int trusted = 8;  // pictures in a row that ended with a marker
constexpr Ticks usual_step = std::chrono::milliseconds(40);

}  // namespace

bool PictureJoiner::begins_another(const VideoPes& pes, Codec codec) const {
  const bool sent_at_once = !pes.sent || !times_.sent || *pes.sent == *times_.sent;
  if (pes.pts && times_.pts) {
    if (*pes.pts != *times_.pts) return true;
    // A time that stands still says nothing.
    return pes.behind_pack && !sent_at_once && begins_access_unit(codec, pes.payload) && has_picture(codec, bytes_);
  }
  if (pes.pts) return has_picture(codec, bytes_);  // what came before may be its parameter sets
  if (!pes.behind_pack) return false;
  return !sent_at_once || (begins_access_unit(codec, pes.payload) && has_picture(codec, bytes_));
}

// Some devices mark each packet: a marker means something only where pictures have ended with it every time.
void PictureJoiner::look_at_marker(bool ends) {
  if (!std::exchange(marked_, false) || marker_trust_ < 0) return;
  if (!ends) marker_trust_ = -1;
  if (ends && marker_trust_ < trusted) ++marker_trust_;
}

void PictureJoiner::append(Bytes payload) {
  if (bytes_.size() + payload.size() > most_bytes_) {
    ++oversized_;
    drop();
    return;
  }
  bytes_.append(payload);
}

std::optional<PictureJoiner::Picture> PictureJoiner::put(const VideoPes& pes, Codec codec) {
  codec_ = codec;
  std::optional<Picture> ended;
  if (open_) {
    const bool another = begins_another(pes, codec);
    look_at_marker(another);
    if (another) ended = flush();
  }
  if (!std::exchange(open_, true)) {
    times_ = {pes.pts, pes.dts, pes.sent};
    // The rest of a picture that a marker had ended: it lied.
    if (marker_trust_ >= trusted && before_ && pes.pts && pes.pts == before_->pts &&
        !begins_access_unit(codec, pes.payload)) {
      marker_trust_ = -1;
    }
  } else if (!times_.pts && pes.pts) {
    times_ = {pes.pts, pes.dts, pes.sent ? pes.sent : times_.sent};
  }
  append(pes.payload);
  return ended;
}

void PictureJoiner::go_on(Bytes more) {
  if (open_) append(more);
}

std::optional<PictureJoiner::Picture> PictureJoiner::mark() {
  if (!open_ || marker_trust_ < 0) return std::nullopt;
  if (marker_trust_ >= trusted && has_picture(codec_, bytes_)) return flush();
  marked_ = true;
  return std::nullopt;
}

bool PictureJoiner::drop() {
  bytes_.clear();
  marked_ = false;
  return std::exchange(open_, false);
}

std::optional<PictureJoiner::Picture> PictureJoiner::flush() {
  if (!std::exchange(open_, false)) return std::nullopt;
  if (!times_.pts) {
    // As long after the one before as it was sent after that.
    if (before_ && before_->sent && times_.sent && *before_->sent != *times_.sent) {
      times_.dts = *before_->dts + (*times_.sent - *before_->sent);
    } else if (times_.sent && !before_) {
      times_.dts = *times_.sent;
    } else {
      times_.dts = before_ ? *before_->dts + usual_step : Ticks{};
    }
  }
  Picture picture{.bytes = std::exchange(bytes_, {}),
                  .pts = times_.pts ? *times_.pts : *times_.dts,
                  .dts = times_.dts ? *times_.dts : *times_.pts};
  before_ = Times{times_.pts, picture.dts, times_.sent};
  marked_ = false;
  return picture;
}

}  // namespace weir::ps
