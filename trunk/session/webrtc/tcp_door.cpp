#include "session/webrtc/tcp_door.h"

#include <fcntl.h>
#include <unistd.h>

#include "net/tcp_stream.h"
#include "net/worker.h"
#include "proto/ice/lite_agent.h"
#include "proto/rtp/framing.h"
#include "session/webrtc/session.h"
#include "session/webrtc/tcp_link.h"

namespace weir::session::webrtc {

using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto first_packet_limit = 5s;
constexpr std::size_t most_packet = 2048, read_bytes = 8 * 1024;
// What the kernel keeps is delay: a player behind is to lose packets, not to get them late.
constexpr net::TcpOptions options{.no_delay = true, .not_sent_low_water_bytes = 64 * 1024};

// A connection on its way to the worker of its session.
struct Moving {
  int descriptor = -1;
  std::shared_ptr<const void> seat;
  base::Buffer read;  // of it, so far
  SessionNumber number{};
  ~Moving() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

Way way_of(const net::ByteStream& stream, ListenerIndex index) {
  return {net::udp_address(stream.peer().address, stream.peer().port).value_or(net::UdpAddress()),
          net::udp_address(stream.local().address, stream.local().port).value_or(net::UdpAddress()), index};
}

// Whose the first packet is; none if it is no check, or of nobody's session.
std::optional<SessionTable::Place> place_of(const SessionTable& table, base::Bytes packet) {
  const auto message = stun::parse(packet);
  if (!message || !message->is_request()) return std::nullopt;
  const auto name = ice::split_username(message->username);
  return name ? table.by_ufrag(name->local) : std::nullopt;
}

// Packets of the peer to its session until either ends.
net::Task<Result<void>> receive(Service& service, net::ByteStream& stream, TcpLink& link, rtp::FrameReader& frames,
                                SessionNumber number) {
  base::Buffer room(read_bytes);
  for (;;) {
    for (;;) {
      CO_TRY(const auto packet, frames.next());
      if (!packet) break;
      Session* const session = service.find(number);
      if (!session) co_return net::Errc::end_of_stream;
      (void)session->input(*packet, link.way(), std::chrono::steady_clock::now());
    }
    if (link.failed()) co_return net::Errc::end_of_stream;
    CO_TRY(const std::size_t count, co_await stream.read_some({room.data(), room.size()}));
    frames.input(room.bytes().first(count));
  }
}

net::Task<void> run(net::Life& life, Service& service, std::shared_ptr<Moving> moved) {
  const int descriptor = std::exchange(moved->descriptor, -1);
  net::apply(options, descriptor);
  const auto stream = net::make_tcp_stream(life.worker(), descriptor);
  life.comes_from(stream->peer().address);
  const SessionNumber number = moved->number;
  TcpLink link(*stream, way_of(*stream, service.shared().next_tcp()));
  rtp::FrameReader frames(most_packet);
  frames.input(moved->read);
  if (!service.enter_tcp(number, link, life)) co_return;
  const auto outcome = co_await receive(service, *stream, link, frames, number);
  service.leave_tcp(link);
  if (Session* const session = service.find(number)) session->lost(link.way());
  log::debug(life.log(), "TCP connection of {} ended: {}", net::to_text(link.way().remote),
             outcome ? std::string() : net::why_ended(life, outcome.error()).message());
}

}  // namespace

net::Task<void> serve_tcp(net::Life& life, Service& service, std::unique_ptr<net::ByteStream> stream,
                          std::shared_ptr<const void> seat) {
  life.watchdog.arm(first_packet_limit);
  rtp::FrameReader frames(most_packet);
  auto moving = std::make_shared<Moving>();
  moving->seat = std::move(seat);
  std::optional<SessionTable::Place> place;
  base::Buffer room(read_bytes);
  for (;;) {
    const auto count = co_await stream->read_some({room.data(), room.size()});
    if (!count) co_return;
    const base::Bytes read = room.bytes().first(*count);
    moving->read.append(read);
    frames.input(read);
    const auto packet = frames.next();
    if (!packet) break;
    if (!*packet) continue;
    place = place_of(service.shared().table, **packet);
    break;
  }
  life.watchdog.disarm();
  if (!place) {
    service.count_stranger();
    log::debug(life.log(), "TCP connection of {} brings no check of a session", stream->peer().address);
    co_return;
  }
  moving->number = place->number;
  moving->descriptor = ::fcntl(stream->native_handle(), F_DUPFD_CLOEXEC, 0);
  if (moving->descriptor < 0) co_return;
  stream.reset();  // this loop forgets the connection
  Service* const home = &service.peer(place->worker);
  home->hub().worker().post([home, moving] {
    home->hub().worker().spawn(std::string(tcp_session_name),
                               [home, moving](net::Life& session) { return run(session, *home, moving); });
  });
}

}  // namespace weir::session::webrtc
