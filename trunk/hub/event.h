#pragma once

#include <chrono>
#include <functional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "hub/request.h"

namespace weir::hub {

// What happened to a session, told to whoever observes the worker: hooks, statistics, recording. The references hold
// for the call alone.
struct Event {
  // connect and close tell of a connection that may publish or play several times (RTMP, SRT); its request has no
  // stream yet. arrive: somebody is about to be asked whether it may; publish, play or refuse follows. Hook servers ask
  // the API about such a client.
  enum class Kind : std::uint8_t { connect, close, arrive, refuse, publish, unpublish, play, stop };
  Kind kind;
  base::SessionId id;
  const Request& request;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
};

class Stream;

// What happened to a stream, whoever feeds it; on its home worker. The reference holds for the call alone.
struct StreamEvent {
  enum class Kind : std::uint8_t {
    began,        // it has an input; nothing was sent yet
    interrupted,  // its last input was cut off: it waits for the next one
    resumed,      // which came in time
    switched,     // another input became the active one
    ended,        // nobody waits any longer; its Source is still there
  };
  Kind kind;
  Stream& stream;
};

// A recording is complete: its file is closed and has its final name.
struct DvrFile {
  base::SessionId publisher;
  const Request& request;  // the publisher's
  std::string_view path;   // as built from the configuration: relative to the working directory unless absolute
};

// A segment is complete: closed, named, and in the playlist on the disk.
struct HlsSegment {
  base::SessionId publisher;
  const Request& request;          // the publisher's
  std::string_view path;           // "./objs/nginx/html/live/cam1-15.ts": as DvrFile's
  std::string_view uri;            // as the playlist names it: "cam1-15.ts", or a whole http URL
  std::string_view playlist_path;  // "./objs/nginx/html/live/cam1.m3u8"
  std::string_view playlist_url;   // "live/cam1.m3u8"
  std::uint64_t sequence_number = 0;
  std::chrono::duration<double> duration{};
};

// Per worker. Observers are added in main before the workers start and live as long as the bus.
class EventBus {
 public:
  template <class What>
  using Observer = std::function<void(const What&)>;
  void observe(Observer<Event> observer) { sessions_.push_back(std::move(observer)); }
  void observe_streams(Observer<StreamEvent> observer) { streams_.push_back(std::move(observer)); }
  void observe_dvr_files(Observer<DvrFile> observer) { dvr_files_.push_back(std::move(observer)); }
  void observe_hls_segments(Observer<HlsSegment> observer) { hls_segments_.push_back(std::move(observer)); }

  void emit(const Event& event) const { tell(sessions_, event); }
  void emit(const StreamEvent& event) const { tell(streams_, event); }
  void emit(const DvrFile& file) const { tell(dvr_files_, file); }
  void emit(const HlsSegment& segment) const { tell(hls_segments_, segment); }

 private:
  template <class What>
  static void tell(const std::vector<Observer<What>>& observers, const What& what) {
    for (const auto& observer : observers) observer(what);
  }
  std::vector<Observer<Event>> sessions_;
  std::vector<Observer<StreamEvent>> streams_;
  std::vector<Observer<DvrFile>> dvr_files_;
  std::vector<Observer<HlsSegment>> hls_segments_;
};

}  // namespace weir::hub
