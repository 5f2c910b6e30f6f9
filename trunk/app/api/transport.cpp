#include "app/api/transport.h"

namespace weir::api {

namespace {

void write_peer(JsonWriter& out, const net::TransportFigures::Peer& peer) {
  out.begin_object()
      .field("address", peer.address)
      .field("connected", peer.there)
      .field("rtt_ms", static_cast<double>(peer.rtt.count()) / 1000)
      .field("send_mbps", peer.send_mbps)
      .field("recv_mbps", peer.receive_mbps)
      .field("sent", peer.sent_packets)
      .field("received", peer.received_packets)
      .field("retransmitted", peer.retransmitted);
  if (peer.flow != 0) out.field("flow", peer.flow);
  if (peer.quality) out.field("quality", *peer.quality);
  out.end_object();
}

}  // namespace

void write_transport(JsonWriter& out, const net::TransportFigures& figures) {
  out.begin_object("transport")
      .field("rtt_ms", static_cast<double>(figures.rtt.count()) / 1000)
      .field("bandwidth_mbps", figures.bandwidth_mbps)
      .field("send_mbps", figures.send_mbps)
      .field("recv_mbps", figures.receive_mbps)
      .field("sent", figures.sent_packets)
      .field("received", figures.received_packets)
      .field("retransmitted", figures.retransmitted)
      .field("send_lost", figures.send_lost)
      .field("recv_lost", figures.receive_lost)
      .field("send_dropped", figures.send_dropped)
      .field("recv_dropped", figures.receive_dropped)
      .field("belated", figures.belated)
      .field("undecrypted", figures.undecrypted)
      .field("repaired", figures.repaired)
      .field("send_queue_ms", figures.send_queue.count())
      .field("recv_queue_ms", figures.receive_queue.count())
      .field("send_latency_ms", figures.send_latency.count())
      .field("recv_latency_ms", figures.receive_latency.count());
  if (figures.quality) out.field("quality", *figures.quality);
  if (figures.peers) {
    out.begin_array("peers");
    for (const auto& peer : *figures.peers) write_peer(out, peer);
    out.end_array();
  }
  out.end_object();
}

}  // namespace weir::api
