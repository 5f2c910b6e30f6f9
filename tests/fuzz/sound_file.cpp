// Files of sound, as pushes name them: whatever is in one gives units within it, of one kind, and times that grow.
#include "session/forward/sound_file.h"

#include <cstdlib>

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::SharedBytes file = base::SharedBytes::copy_of({data, size});
  auto sound = session::forward::parse_sound_file(file);
  if (!sound) return 0;
  if (sound->units.empty() || sound->rate == 0 || !sound->parameters) std::abort();
  for (const base::SharedBytes& unit : sound->units) {
    if (unit.empty() || unit.data() < file.data() || unit.data() + unit.size() > file.data() + size) std::abort();
  }
  session::forward::SoundLoop loop(std::make_shared<const session::forward::SoundFile>(*std::move(sound)));
  base::Ticks last = base::Ticks::min();
  for (int i = 0; i < 8; ++i) {
    loop.go_on(std::chrono::milliseconds(100 * i), [&](const media::FrameRef& frame) {
      if (frame->dts <= last) std::abort();
      last = frame->dts;
    });
  }
  return 0;
}
