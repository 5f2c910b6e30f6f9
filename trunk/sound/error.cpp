#include "sound/error.h"

namespace weir::sound {

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::no_codec:
      return "neither the server nor a plug-in has this audio codec";
    case Errc::bad_packet:
      return "the audio decoder cannot read the packet";
    case Errc::bad_format:
      return "a sample rate or number of channels that is not supported";
    case Errc::encoder:
      return "the audio encoder refused";
    case Errc::no_file:
      return "there is no such plug-in";
    case Errc::not_loaded:
      return "the plug-in or a library that it needs cannot be loaded";
    case Errc::not_a_plugin:
      return "the library is no audio plug-in of this version";
  }
  return "unknown audio error";
}

}  // namespace weir::sound
