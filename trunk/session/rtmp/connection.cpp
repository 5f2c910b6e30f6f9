#include "session/rtmp/connection.h"

#include "base/redact.h"
#include "format/amf0/writer.h"
#include "net/tcp_stream.h"
#include "net/worker.h"
#include "session/common/identity.h"
#include "session/common/protocol.h"
#include "session/common/upstream/way.h"

namespace weir::session::rtmp {

using base::Result;
namespace protocol = ::weir::rtmp;

Result<void> Connection::take(base::Bytes bytes) {
  const auto taken = server.input(bytes);
  if (!taken) log::warn(life.log(), "{}: {}", taken.error().message(), server.diagnostic().sentence());
  return taken;
}

Result<Connection::Left> Connection::read_once() {
  const base::MutableBytes room = base::MutableBytes{shared.room.data(), shared.room.size()}.first(
      std::min(shared.room.size(), stream.turn().allowance()));
  const auto count = stream.try_read(room);
  if (!count && count.error() == net::Errc::would_block) return Left::nothing;
  if (!count) return count.error();
  if (acknowledges_at_once) net::acknowledge_now(stream.native_handle());
  TRY_VOID(take(room.first(*count)));
  const std::size_t held = server.unfinished_bytes();
  unfinished.set(held);
  if (unfinished.greedy(held)) return hub::Errc::no_memory;
  return *count == room.size() ? Left::perhaps_more : Left::nothing;
}

net::Task<Result<void>> Connection::flush() {
  while (!server.output().empty()) {
    const base::Buffer output = server.take_output();
    CO_TRY_VOID(co_await stream.write(output.bytes()));
  }
  co_return Result<void>();
}

net::Task<Result<protocol::ServerEvent>> Connection::next_event() {
  for (Left left = Left::perhaps_more;;) {
    if (auto event = server.poll()) {
      if (!stream.turn().spend()) CO_TRY_VOID(co_await stream.yield());
      co_return std::move(*event);
    }
    CO_TRY_VOID(co_await flush());
    if (left == Left::nothing || stream.turn().over()) CO_TRY_VOID(co_await stream.readable());
    const auto read = read_once();
    if (!read) {
      (void)co_await flush();  // what the machine had to say to the fault
      co_return read.error();
    }
    left = *read;
  }
}

void Connection::redirect(const std::string& url) {
  log::info(life.log(), "sent to {}", base::without_secrets(url));
  server.redirect(url.substr(0, url.rfind('/', url.find('?'))), url);
}

Result<hub::Request> Connection::identify(std::string_view stream_name) const {
  TRY(const proto::StreamUrl url, proto::parse_stream_url(connect->tc_url, stream_name));
  TRY(hub::Request request, session::identify(url, *shared.hub.config()));
  request.protocol = protocols::rtmp.id;
  request.facts.set(facts::tc_url, connect->tc_url);
  request.facts.set(facts::page_url, connect->page_url);
  request.facts.set(facts::swf_url, connect->swf_url);
  if (connect->args && request.vhost->cluster.remote && request.vhost->cluster.token_traverse) {
    base::Buffer bytes;
    amf0::Writer(bytes).value(*connect->args);
    request.facts.set(facts::connect_arguments, std::string(bytes.bytes().begin(), bytes.bytes().end()));
  }
  if (connect->args) {
    const std::string_view way = connect->args->text_at(upstream::way_argument);
    request.facts.set(upstream::way_fact, std::string(way.substr(0, upstream::longest_way)));
  }
  if (connect_judged) request.facts.set(facts::connect_judged, "on");
  request.peer = stream.peer();
  return request;
}

}  // namespace weir::session::rtmp
