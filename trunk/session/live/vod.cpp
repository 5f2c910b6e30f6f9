#include "session/live/vod.h"

#include "format/flv/body.h"
#include "format/flv/demuxer.h"
#include "format/flv/muxer.h"

namespace weir::session::live {
namespace format = ::weir::flv;

base::Buffer vod_lead(base::Bytes beginning) {
  constexpr int most_tags = 64;  // headers come first, or not at all
  format::Demuxer demuxer;
  (void)demuxer.input(beginning);  // cut somewhere in a tag, as a rule
  if (!demuxer.file_header()) return {};
  base::Buffer lead(format::prologue_bytes);
  format::write_prologue({lead.data(), lead.size()}, *demuxer.file_header());
  format::Parts parts;
  for (int i = 0; i < most_tags; ++i) {
    const auto tag = demuxer.poll();
    if (!tag) break;
    bool header = tag->type == format::TagType::script;
    if (!header) {
      const auto parsed = tag->type == format::TagType::video ? format::parse_video(tag->body, parts)
                                                              : format::parse_audio(tag->body, parts);
      header = parsed && parts.size() > 0 && parts[0].kind == format::PacketKind::sequence_header;
    }
    if (header) format::append_tag(lead, tag->type, base::Ticks{}, tag->body);
  }
  return lead;
}

}  // namespace weir::session::live
