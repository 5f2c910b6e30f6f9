#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "session/gb28181/media_session.h"

namespace weir::session::gb28181 {

// The one that the configuration has: the first stream_caster gb28181 that is enabled; null: none.
const config::StreamCaster* caster_of(const config::Config& config);

// The media half on one worker: the desk where places are opened, and the sessions whose media comes to this worker.
// Those are spread over all workers; what is said to a place and told of it goes by message.
class MediaService final : public MediaDesk {
 public:
  using Seat = std::function<bool(const std::string& address, std::shared_ptr<const void>& seat)>;
  // `seat` as in MediaSession::Given.
  MediaService(hub::Hub& hub, MediaShared& shared, Seat seat);
  ~MediaService() override;

  base::Result<std::unique_ptr<MediaPlace>> open(MediaOrder order, MediaListener& listener) override;

  // The one port, where streams are told apart by their SSRC. Accepts, or receives, until the session of that name is
  // stopped.
  void listen(const std::string& name, net::ListenSocket socket);
  void receive(const std::string& name, net::UdpSocket socket);
  // A reload: without a caster every place ends.
  void settings_changed();

  // Of the places opened here.
  struct Row {
    std::string vhost, app, stream;
    std::uint16_t port = 0;
    MediaFigures figures;
  };
  std::vector<Row> rows() const;

 private:
  class Place;
  class Events;
  struct Running {
    std::shared_ptr<MediaSession> session;
    base::WorkerIndex owner{};
    MediaFigures told;
  };
  void begin(MediaSession::Given given, base::WorkerIndex owner, std::optional<net::UdpSocket> udp,
             std::optional<net::ListenSocket> tcp);
  void forget(const PlaceHome& home, const base::StreamKey& key);
  void with(PlaceNumber number, const std::function<void(MediaSession&)>& work);
  void tell(PlaceNumber number, const std::function<void(Place&)>& news);
  net::Task<void> find_place(net::Life& life, std::unique_ptr<net::ByteStream> stream,
                             std::shared_ptr<const void> seat);
  void datagram(const net::Datagram& datagram);
  MediaService& peer(base::WorkerIndex worker) { return *shared_.peers[static_cast<std::size_t>(worker)]; }
  void tick();
  void count(const MediaFigures& before, const MediaFigures& now);
  void stranger(const std::string& from, std::uint32_t ssrc);

  // given
  hub::Hub& hub_;
  MediaShared& shared_;
  Seat seat_;

  // owned
  std::unordered_map<PlaceNumber, Running> sessions_;       // that live here
  std::unordered_map<PlaceNumber, Place*> places_;          // that were opened here
  std::unordered_map<std::uint32_t, PlaceNumber> by_ssrc_;  // sources at the one port by UDP

  // state
  log::Limit strangers_;
  unsigned ticks_ = 0;
};

}  // namespace weir::session::gb28181
