#include "session/forward/sound_file.h"

#include "codec/aac.h"
#include "media/describe.h"
#include "net/http/file.h"

namespace weir::session::forward {

using base::Bytes;
using base::Result;
using base::Ticks;

const char* describe(SoundErrc code) {
  switch (code) {
    case SoundErrc::ok:
      return "ok";
    case SoundErrc::no_file:
      return "there is no such file";
    case SoundErrc::not_allowed:
      return "the file may not be read";
    case SoundErrc::too_large:
      return "the file has more than 16 MiB";
    case SoundErrc::no_adts:
      return "the file is no AAC in ADTS";
    case SoundErrc::damaged:
      return "the file is damaged: between two frames stands something else";
    case SoundErrc::changes:
      return "the sound changes in the middle of the file";
  }
  return "?";
}

namespace {

constexpr std::uint32_t adts_samples = 1024;  // of a unit: ADTS cannot say another number
constexpr std::size_t tag_head_bytes = 10;

bool is_tag(Bytes at) {
  const std::string_view text = base::as_text(at);
  return text.starts_with("ID3") || text.starts_with("TAG");
}

// ID3v2.4 3.1: four times seven bits, without the header and without the footer.
std::size_t tag_bytes(Bytes head) {
  std::size_t size = 0;
  for (std::size_t i = 6; i < tag_head_bytes; ++i) size = size << 7 | (head[i] & 0x7fU);
  return tag_head_bytes + size + ((head[5] & 0x10) != 0 ? tag_head_bytes : 0);
}

bool same_kind(const codec::aac::AdtsHeader& a, const codec::aac::AdtsHeader& b) {
  return a.object_type == b.object_type && a.sample_rate == b.sample_rate &&
         a.channel_configuration == b.channel_configuration;
}

Result<void> begin(SoundFile& sound, Bytes frame) {
  const base::Buffer configuration = codec::aac::configuration_of_adts(frame);
  if (configuration.empty()) return SoundErrc::no_adts;
  auto parameters = media::describe(media::Codec::aac, base::SharedBytes::copy_of(configuration));
  if (!parameters) return SoundErrc::no_adts;
  sound.parameters = std::make_shared<const media::CodecParameters>(*std::move(parameters));
  return {};
}

}  // namespace

Result<SoundFile> parse_sound_file(const base::SharedBytes& file) {
  const Bytes all = file;
  std::size_t at = 0;
  while (all.size() - at >= tag_head_bytes && base::as_text(all.subspan(at)).starts_with("ID3")) {
    at = std::min(all.size(), at + tag_bytes(all.subspan(at)));
  }
  SoundFile sound{.samples = adts_samples, .bytes = all.size()};
  codec::aac::AdtsHeader first;
  // A frame that the end cuts off, and a tag behind all, are none.
  while (all.size() - at >= codec::aac::adts_header_bytes && (sound.units.empty() || !is_tag(all.subspan(at)))) {
    const auto header = codec::aac::parse_adts_header(all.subspan(at));
    const bool good = header && header->raw_blocks == 1 && header->frame_bytes > header->header_bytes;
    if (!good) return sound.units.empty() ? SoundErrc::no_adts : SoundErrc::damaged;
    if (header->frame_bytes > all.size() - at) break;
    if (sound.units.empty()) {
      TRY_VOID(begin(sound, all.subspan(at, header->frame_bytes)));
      first = *header;
    } else if (!same_kind(*header, first)) {
      return SoundErrc::changes;
    }
    sound.units.push_back(file.slice(at + header->header_bytes, header->frame_bytes - header->header_bytes));
    at += header->frame_bytes;
  }
  if (sound.units.empty()) return SoundErrc::no_adts;
  sound.rate = first.sample_rate;
  return sound;
}

Result<SoundFile> read_sound_file(const std::string& root, const std::string& name) {
  using Status = http::File::Status;
  const auto opened = http::File::open_beneath(root, name.substr(std::min(name.find_first_not_of('/'), name.size())));
  if (opened.status == Status::missing) return SoundErrc::no_file;
  if (opened.status != Status::ok) return SoundErrc::not_allowed;
  if (opened.file->size() > largest_sound_file) return SoundErrc::too_large;
  const auto size = static_cast<std::size_t>(opened.file->size());
  base::Block block = base::Block::allocate(size);
  std::size_t filled = 0;
  while (filled < size) {
    const std::size_t count = opened.file->read_at(filled, {block.data() + filled, size - filled});
    if (count == 0) break;
    filled += count;
  }
  const std::uint8_t* const data = block.data();
  return parse_sound_file({std::move(block), data, filled});
}

Ticks SoundLoop::due() const { return begin_ + Ticks(count_ * Ticks::period::den * file_->samples / file_->rate); }

void SoundLoop::go_on(Ticks now, const Put& put) {
  if (!begun_ || now - due() > longest_gap) {
    begun_ = true;
    begin_ = now;
    count_ = 0;
  }
  for (; due() <= now; ++count_) {
    auto frame = std::make_shared<media::Frame>();
    frame->track = media::TrackId::audio;
    frame->codec = media::Codec::aac;
    frame->dts = due();
    frame->key = true;
    frame->payload = file_->units[next_];
    next_ = (next_ + 1) % file_->units.size();
    put(std::move(frame));
  }
}

}  // namespace weir::session::forward
