#include "session/forward/rist_out.h"

#include <algorithm>

#include "net/error.h"

namespace weir::session::forward {

void RistOut::send(rtp::TsDatagrams::Stream stream, base::Bytes datagrams, std::size_t each) {
  if (stream != rtp::TsDatagrams::Stream::media) return;
  while (!datagrams.empty()) {
    const base::Bytes one = datagrams.first(std::min(each, datagrams.size()));
    datagrams = datagrams.subspan(one.size());
    if (link_->peers() == 0 || !link_->write(one)) {
      ++drops_;
      continue;
    }
    meter_.sent_bytes += one.size();
    ++meter_.sent_packets;
  }
}

base::ErrorCode RistOut::failed() const {
  return link_->vanished() && !listens_ ? base::ErrorCode(net::Errc::end_of_stream) : base::ErrorCode();
}

}  // namespace weir::session::forward
