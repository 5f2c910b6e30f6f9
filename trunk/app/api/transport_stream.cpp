#include "app/api/transport_stream.h"

namespace weir::api {

void write_transport_stream(JsonWriter& out, const media::TransportStream& stream) {
  const media::Tr101290& faults = stream.faults;
  out.begin_object("transport_stream")
      .field("packets", stream.packets)
      .field("packet_bytes", stream.packet_bytes)
      .field("programs", stream.programs)
      .field("pids", stream.pids)
      .field("seconds", static_cast<double>(stream.clock) / 27e6);
  out.begin_object("priority_1")
      .field("errors", faults.first_priority())
      .field("sync_loss", faults.sync_loss)
      .field("sync_byte", faults.sync_byte)
      .field("pat", faults.pat)
      .field("continuity", faults.continuity)
      .field("pmt", faults.pmt)
      .field("pid", faults.pid)
      .end_object();
  out.begin_object("priority_2")
      .field("errors", faults.second_priority())
      .field("transport", faults.transport)
      .field("crc", faults.crc)
      .field("pcr_repetition", faults.pcr_repetition)
      .field("pcr_discontinuity", faults.pcr_discontinuity)
      .field("pts", faults.pts)
      .field("cat", faults.cat)
      .end_object()
      .end_object();
}

}  // namespace weir::api
