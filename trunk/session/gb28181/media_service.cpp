#include "session/gb28181/media_service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/log_flood.h"
#include "net/tcp_stream.h"
#include "net/worker.h"
#include "proto/rtp/packet.h"
#include "session/gb28181/own_ports.h"

namespace weir::session::gb28181 {

using base::Result;
using base::WorkerIndex;
using namespace std::chrono_literals;

namespace {

constexpr auto key_period = 1s;
constexpr std::size_t read_bytes = 16 * 1024;

}  // namespace

const config::StreamCaster* caster_of(const config::Config& config) {
  for (const config::StreamCaster& one : config.stream_casters) {
    if (one.enabled && one.caster == config::StreamCaster::Kind::gb28181) return &one;
  }
  return nullptr;
}

// A place as its owner holds it, and what was told of it last.
class MediaService::Place final : public MediaPlace {
 public:
  Place(MediaService& service, PlaceHome home, base::StreamKey key, std::uint16_t port, bool own_port,
        MediaListener& listener)
      : service_(service), home_(home), key_(std::move(key)), port_(port), own_port_(own_port), listener_(listener) {
    service_.places_.emplace(home_.number, this);
  }
  ~Place() override {
    service_.places_.erase(home_.number);
    if (over_) return;
    service_.shared_.table.leave(key_, home_.number);  // at once: it may be opened anew
    say([](MediaSession& session) { session.close(); });
  }

  std::uint16_t port() const override { return port_; }
  void answered(const MediaAnswer& answer) override {
    if (!own_port_) {
      if (answer.ssrc && service_.shared_.table.claim(*answer.ssrc, home_).has_error()) {
        log::info({service_.hub_.worker().logger(), {}, {}, log::origin_of(answer.address)},
                  "{} answers with SSRC {:010}, as another one does", key_.display(), *answer.ssrc);
      }
      if (!answer.address.empty()) service_.shared_.table.expect_from(answer.address, home_);
    }
    say([answer](MediaSession& session) { session.answered(answer); });
  }
  void when_key_wanted(std::function<void()> ask) override {
    ask_key_ = std::move(ask);
    say([](MediaSession& session) { session.can_ask_key(); });
  }
  void pause(bool paused) override {
    say([paused](MediaSession& session) { session.pause(paused); });
  }
  void sought() override {
    say([](MediaSession& session) { session.sought(); });
  }
  void finish() override {
    say([](MediaSession& session) { session.finish(); });
  }
  MediaFigures figures() const override { return figures_; }

  void media_came() {
    figures_.publishing = true;
    figures_.why.clear();
    listener_.on_media();
  }
  void key_wanted() {
    const auto now = std::chrono::steady_clock::now();
    if (!ask_key_ || now - asked_at_ < key_period) return;
    asked_at_ = now;
    ask_key_();
  }
  // Its owner may destroy it now.
  void ended(base::ErrorCode why, const std::string& reason, MediaFigures figures) {
    over_ = true;
    figures.publishing = false;
    figures_ = std::move(figures);
    listener_.on_end(why, reason);
  }
  void set_figures(MediaFigures figures) { figures_ = std::move(figures); }
  const base::StreamKey& key() const { return key_; }

 private:
  void say(std::function<void(MediaSession&)> what) {
    MediaService* const there = service_.shared_.peers[static_cast<std::size_t>(home_.worker)];
    if (!there) return;  // the server is being taken down
    there->hub_.worker().post([there, number = home_.number, what = std::move(what)] { there->with(number, what); });
  }

  // given
  MediaService& service_;
  PlaceHome home_;
  base::StreamKey key_;
  std::uint16_t port_;
  bool own_port_;
  MediaListener& listener_;

  // state
  MediaFigures figures_;
  std::function<void()> ask_key_;
  std::chrono::steady_clock::time_point asked_at_{};
  bool over_ = false;
};

// What a session here has to say, on its way to the place's owner.
class MediaService::Events final : public MediaEvents {
 public:
  Events(MediaService& here, PlaceHome home, base::StreamKey key, WorkerIndex owner)
      : here_(here), home_(home), key_(std::move(key)), owner_(owner) {}

  void media_came() override {
    tell([](Place& place) { place.media_came(); });
  }
  void key_wanted() override {
    tell([](Place& place) { place.key_wanted(); });
  }
  void ended(base::ErrorCode why, const std::string& reason, const MediaFigures& figures) override {
    here_.shared_.table.leave(key_, home_.number);  // before its owner hears of it, and opens it anew
    tell([why, reason, figures](Place& place) { place.ended(why, reason, figures); });
    // Not from within the session's own task.
    here_.hub_.worker().post([here = &here_, home = home_, key = key_] { here->forget(home, key); });
  }

 private:
  void tell(std::function<void(Place&)> news) {
    MediaService& there = here_.peer(owner_);
    there.hub_.worker().post([&there, number = home_.number, news = std::move(news)] { there.tell(number, news); });
  }

  MediaService& here_;
  PlaceHome home_;
  base::StreamKey key_;
  WorkerIndex owner_;
};

MediaService::MediaService(hub::Hub& hub, MediaShared& shared, Seat seat)
    : hub_(hub), shared_(shared), seat_(std::move(seat)) {
  hub_.worker().every_tick([this] { tick(); });
}

MediaService::~MediaService() {
  for (MediaService*& one : shared_.peers) {
    if (one == this) one = nullptr;
  }
}

// --- the desk

Result<std::unique_ptr<MediaPlace>> MediaService::open(MediaOrder order, MediaListener& listener) {
  const config::StreamCaster* const caster = caster_of(*hub_.config());
  if (!caster) return MediaErrc::no_caster;
  const bool own_port = !caster->media_ports.empty();
  const bool by_udp = order.transport == MediaTransport::udp;
  // Datagrams of the one port come to the first worker.
  const auto worker = static_cast<WorkerIndex>(!own_port && by_udp ? 0 : shared_.next_worker++ % shared_.peers.size());
  const base::StreamKey key = order.request.key();
  TRY(const PlaceHome home, shared_.table.enter(key, worker));
  std::optional<net::UdpSocket> udp;
  std::optional<net::ListenSocket> tcp;
  std::uint16_t port = by_udp ? shared_.udp_port : shared_.tcp_port;
  base::ErrorCode failed;
  if (own_port) {
    if (auto opened = open_own_ports(*caster, shared_, {hub_.worker().logger(), {}, {}})) {
      port = opened->port;
      udp.emplace(std::move(opened->udp));
      tcp.emplace(std::move(opened->tcp));
    } else {
      failed = opened.error();
    }
  } else if (order.transport != MediaTransport::tcp_active) {
    if (port == 0) failed = MediaErrc::single_port_closed;
    if (!failed) {
      const auto claimed = shared_.table.claim(order.ssrc, home);
      if (!claimed) failed = claimed.error();
    }
  }
  if (failed) {
    shared_.table.leave(key, home.number);
    return failed;
  }
  const auto silence = order.silence > 0ms ? order.silence : caster->sip.timeout;
  MediaService* const there = &peer(worker);
  auto place = std::make_unique<Place>(*this, home, key, port, own_port, listener);
  there->hub_.worker().post([there, home, key, silence, port, own_port, owner = hub_.worker().index(),
                             order = std::move(order), udp = std::move(udp), tcp = std::move(tcp)]() mutable {
    MediaSession::Given given{.hub = there->hub_,
                              .shared = there->shared_,
                              .home = home,
                              .order = std::move(order),
                              .silence = silence,
                              .port = port,
                              .own_port = own_port,
                              .events = std::make_unique<Events>(*there, home, key, owner),
                              .seat = there->seat_};
    there->begin(std::move(given), owner, std::move(udp), std::move(tcp));
  });
  return std::unique_ptr<MediaPlace>(std::move(place));
}

void MediaService::begin(MediaSession::Given given, WorkerIndex owner, std::optional<net::UdpSocket> udp,
                         std::optional<net::ListenSocket> tcp) {
  const PlaceNumber number = given.home.number;
  auto session = std::make_shared<MediaSession>(std::move(given));
  sessions_.emplace(number, Running{session, owner, {}});
  ++shared_.totals.places;
  session->begin(std::move(udp), std::move(tcp));
}

void MediaService::forget(const PlaceHome& home, const base::StreamKey& key) {
  const auto found = sessions_.find(home.number);
  if (found == sessions_.end()) return;
  count(found->second.told, found->second.session->figures());
  sessions_.erase(found);
  std::erase_if(by_ssrc_, [&](const auto& entry) { return entry.second == home.number; });
  shared_.table.leave(key, home.number);
  --shared_.totals.places;
}

void MediaService::with(PlaceNumber number, const std::function<void(MediaSession&)>& work) {
  if (const auto found = sessions_.find(number); found != sessions_.end()) work(*found->second.session);
}

void MediaService::tell(PlaceNumber number, const std::function<void(Place&)>& news) {
  if (const auto found = places_.find(number); found != places_.end()) news(*found->second);
}

void MediaService::settings_changed() {
  if (caster_of(*hub_.config())) return;
  for (const auto& [number, running] : std::unordered_map(sessions_)) running.session->end(MediaErrc::no_caster);
}

std::vector<MediaService::Row> MediaService::rows() const {
  std::vector<Row> rows;
  for (const auto& [number, place] : places_) {
    const base::StreamKey& key = place->key();
    rows.push_back({key.vhost, key.app, key.stream, place->port(), place->figures()});
  }
  return rows;
}

// --- figures

void MediaService::count(const MediaFigures& before, const MediaFigures& now) {
  shared_.totals.packets += now.packets - before.packets;
  shared_.totals.bytes += now.bytes - before.bytes;
  shared_.totals.lost += now.lost - before.lost;
}

// Twice a second.
void MediaService::tick() {
  if (++ticks_ % 2 != 0 || sessions_.empty()) return;
  using News = std::vector<std::pair<PlaceNumber, MediaFigures>>;
  std::map<WorkerIndex, News> news;
  for (auto& [number, running] : sessions_) {
    MediaFigures now = running.session->figures();
    count(running.told, now);
    running.told = now;
    news[running.owner].emplace_back(number, std::move(now));
  }
  for (auto& [owner, list] : news) {
    MediaService* const there = &peer(owner);
    there->hub_.worker().post([there, told = std::move(list)] {
      for (const auto& [number, figures] : told) {
        there->tell(number, [&](Place& place) { place.set_figures(figures); });
      }
    });
  }
}

// --- the one port

void MediaService::stranger(const std::string& from, std::uint32_t ssrc) {
  ++shared_.totals.strangers;
  if (const auto times = strangers_.hit(std::chrono::steady_clock::now())) {
    log::warn({hub_.worker().logger(), {}, {}, log::origin_of(from.substr(0, from.rfind(':')))},
              "media from {} with SSRC {:010} is of no stream that is expected ({} times)", from, ssrc, times);
  }
}

void MediaService::listen(const std::string& name, net::ListenSocket socket) {
  auto held = std::make_shared<net::ListenSocket>(std::move(socket));
  hub_.worker().spawn(name, [this, held](net::Life& life) -> net::Task<void> {
    co_await net::accept_loop(life, std::move(*held), [this](std::unique_ptr<net::ByteStream> stream) {
      std::shared_ptr<const void> seat;
      if (seat_ && !seat_(stream->peer().address, seat)) return;
      auto arrival = std::make_shared<std::unique_ptr<net::ByteStream>>(std::move(stream));
      hub_.worker().spawn(std::string(media_connection_name),
                          [this, arrival, seat](net::Life& one) { return find_place(one, std::move(*arrival), seat); });
    });
  });
}

// Whose a connection is its first packet tells; it goes on where that stream's media lives.
net::Task<void> MediaService::find_place(net::Life& life, std::unique_ptr<net::ByteStream> stream,
                                         std::shared_ptr<const void> seat) {
  const net::Peer peer_address = stream->peer();
  const std::string from = peer_address.address + ":" + std::to_string(peer_address.port);
  life.comes_from(peer_address.address);
  life.watchdog.arm(first_packet_limit);
  MediaFraming framing;
  base::Buffer read, room(read_bytes);
  std::optional<PlaceHome> home;
  for (;;) {
    const auto packet = framing.next();
    if (!packet) {
      log::info(life.log(), "connection of {} for media ended: {}", from, packet.error().message());
      co_return;
    }
    const auto parsed = *packet ? rtp::parse(**packet) : Result<rtp::Packet>(net::Errc::would_block);
    if (*packet && !rtp::is_rtcp(**packet)) {
      if (!parsed) {
        log::info(life.log(), "connection of {} for media ended: {}", from, parsed.error().message());
        co_return;
      }
      home = shared_.table.by_ssrc(parsed->ssrc);
      if (!home) home = shared_.table.by_address(peer_address.address);
      if (!home) co_return stranger(from, parsed->ssrc);
      break;
    }
    if (*packet) continue;
    const auto count = co_await stream->read_some({room.data(), room.size()});
    if (!count) {
      const bool silent = life.stop_reason() == net::Errc::timed_out;
      if (silent) log::info(life.log(), "connection of {} for media ended: it brought no RTP", from);
      co_return;
    }
    framing.input(room.bytes().first(*count));
    read.append(room.bytes().first(*count));
  }
  struct Moving {
    int descriptor = -1;
    base::Buffer read;
    std::shared_ptr<const void> seat;
    ~Moving() {
      if (descriptor >= 0) ::close(descriptor);
    }
  };
  auto moving = std::make_shared<Moving>();
  moving->descriptor = ::fcntl(stream->native_handle(), F_DUPFD_CLOEXEC, 0);
  moving->read = std::move(read);
  moving->seat = std::move(seat);
  if (moving->descriptor < 0) co_return;
  stream.reset();  // this loop forgets the connection
  MediaService* const there = &peer(home->worker);
  there->hub_.worker().post([there, number = home->number, moving] {
    there->with(number, [&](MediaSession& session) {
      auto moved = net::make_tcp_stream(there->hub_.worker(), std::exchange(moving->descriptor, -1));
      session.accept(std::move(moved), std::move(moving->read), moving->seat);
    });
  });
}

void MediaService::receive(const std::string& name, net::UdpSocket socket) {
  auto port = std::make_shared<net::UdpPort>(hub_.worker(), std::move(socket));
  hub_.worker().spawn(name, [this, port](net::Life& life) -> net::Task<void> {
    co_await net::UdpPort::receive(life, port, [this](net::UdpPort&, const net::Datagram& one) { datagram(one); });
  });
}

void MediaService::datagram(const net::Datagram& datagram) {
  if (rtp::is_rtcp(datagram.bytes)) return;
  const auto packet = rtp::parse(datagram.bytes);
  if (!packet) {
    ++shared_.totals.strangers;
    return;
  }
  auto known = by_ssrc_.find(packet->ssrc);
  if (known == by_ssrc_.end()) {
    auto home = shared_.table.by_ssrc(packet->ssrc);
    if (!home) home = shared_.table.by_address(net::ip_text(datagram.from));
    if (!home || home->worker != hub_.worker().index()) return stranger(net::to_text(datagram.from), packet->ssrc);
    known = by_ssrc_.emplace(packet->ssrc, home->number).first;
  }
  const auto found = sessions_.find(known->second);
  if (found == sessions_.end()) {
    by_ssrc_.erase(known);
    return;
  }
  found->second.session->datagram(datagram);
}

}  // namespace weir::session::gb28181
