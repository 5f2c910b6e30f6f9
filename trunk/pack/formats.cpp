#include "pack/formats.h"

#include "pack/flv.h"
#include "pack/rtmp.h"

namespace weir::pack {

hub::Formats all_formats() {
  return {{flv, make_flv}, {chunked_flv, make_chunked_flv}, {ws_flv, make_ws_flv}, {rtmp, make_rtmp}};
}

}  // namespace weir::pack
