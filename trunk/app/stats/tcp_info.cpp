#include "app/stats/tcp_info.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace weir::stats {

std::optional<TcpFigures> tcp_figures(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (descriptor < 0 || getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  TcpFigures figures;
  figures.rtt_us = info.tcpi_rtt;
  figures.rtt_variance_us = info.tcpi_rttvar;
  figures.congestion_window = info.tcpi_snd_cwnd;
  figures.retransmits = info.tcpi_total_retrans;
  figures.lost = info.tcpi_lost;
  int queued = 0;
  if (ioctl(descriptor, SIOCOUTQ, &queued) == 0 && queued > 0)
    figures.unacknowledged_bytes = static_cast<std::uint32_t>(queued);
  return figures;
}

}  // namespace weir::stats
