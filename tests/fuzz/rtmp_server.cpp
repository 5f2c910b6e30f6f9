#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/rtmp/server.h"

namespace {

using namespace weir;

// A session that answers the request of that number.
base::Result<void> answer(rtmp::Server& server, const rtmp::ServerEvent& event, unsigned answers, unsigned& requests) {
  const bool yes = (answers >> (requests % 8) & 1) == 0;
  if (std::holds_alternative<rtmp::ConnectRequested>(event)) {
    ++requests;
    if (yes) return server.accept_connect({});
    server.reject_connect("no");
  } else if (std::holds_alternative<rtmp::PublishRequested>(event)) {
    ++requests;
    return yes ? server.accept_publish() : server.reject_publish("NetStream.Publish.BadName", "no");
  } else if (std::holds_alternative<rtmp::PlayRequested>(event)) {
    ++requests;
    if (requests % 5 == 4) {
      server.redirect("rtmp://h/live", "");
      return {};
    }
    return yes ? server.accept_play() : server.reject_play("NetStream.Play.Failed", "no");
  }
  return {};
}

}  // namespace

// A whole server behind its handshake. The first byte says how the session answers, the second how the input is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = std::size_t{1} + data[1] * std::size_t{4};
  rtmp::Server server;
  std::vector<std::uint8_t> greeting(1 + 2 * rtmp::handshake_size, 0);
  greeting[0] = 3;
  base::Result<void> result = server.input(greeting);

  unsigned requests = 0;
  for (base::Bytes rest(data + 2, size - 2); result && !rest.empty();
       rest = rest.subspan(std::min(piece, rest.size()))) {
    result = server.input(rest.first(std::min(piece, rest.size())));
    while (result) {
      const auto event = server.poll();
      if (!event) break;
      result = answer(server, *event, data[0], requests);
    }
    server.take_output();
  }
  return 0;
}
