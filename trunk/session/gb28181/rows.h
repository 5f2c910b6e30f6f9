#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/gb28181/devices.h"
#include "session/gb28181/media_desk.h"
#include "session/gb28181/offer.h"
#include "session/gb28181/send_desk.h"

namespace weir::session::gb28181 {

enum class CallState : std::uint8_t {
  waiting,   // for its next attempt
  inviting,  // no final answer yet
  accepted,  // media is expected
  playing,   // media is there
  over,      // of those that are shown for a while after
};
// Local time with milliseconds, by which devices set their clocks (GB/T 28181 9.10).
std::string date_of(WallTime time);
std::string_view name_of(CallState state);
std::string_view name_of(Purpose purpose);
std::string_view name_of(Device::Catalog catalog);
std::string_view name_of(MediaTransport transport);

// One call, for the API.
struct CallRow {
  std::string vhost, app, stream;
  std::string device, channel;
  Purpose purpose = Purpose::live;
  CallState state = CallState::waiting;
  double state_seconds = 0;
  std::string ssrc;      // asked for
  std::string expected;  // "203.0.113.5:30002": where media is expected
  MediaTransport transport = MediaTransport::tcp_passive;
  std::uint64_t attempts = 0, failures = 0;
  std::uint64_t file_bytes = 0;  // of a download, as the device says
  std::string format;            // of its stream, as the device says; empty: it said nothing
  std::string why;               // there is no picture, in words; empty: there is one, or nothing is wrong yet
  MediaFigures media;
};

// How sound goes to a loudspeaker: announced, and the device asks for it; or we invite the device.
enum class TalkWay : std::uint8_t { broadcast, talk };
enum class TalkState : std::uint8_t {
  announced,  // the device has not asked for it yet
  preparing,  // the stream and a port are looked for
  inviting,   // the device has not answered our INVITE yet
  answered,   // it has not acknowledged our answer yet
  talking,
  over,  // of those that are shown for a while after
};
std::string_view name_of(TalkWay way);
std::string_view name_of(TalkState state);

// Sound to one loudspeaker, for the API.
struct TalkRow {
  std::string device, target;  // target: the loudspeaker's id
  std::string vhost, app, stream;
  TalkWay way = TalkWay::broadcast;
  TalkState state = TalkState::announced;
  double state_seconds = 0;
  std::string to;  // "192.0.2.7:15062"; empty: not known yet
  MediaTransport transport = MediaTransport::udp;
  std::string_view codec = "pcma";
  bool in_program_stream = false;
  std::uint32_t ssrc = 0;
  std::string why;  // it is over, in words
  SendFigures figures;
};

struct ChannelRow {
  manscdp::CatalogItem item;
  std::string app, stream;  // as it is played
};

struct DeviceRow {
  Device device;  // without its channels
  std::size_t channel_count = 0;
  double seen_seconds = 0;  // ago
  std::string subscribed;   // "catalog alarm": what it agreed to tell by itself
  std::string why;          // it has no channels, or no picture can be had: in words
};

// Sums since the start, and what there is now.
struct Totals {
  std::uint64_t devices = 0, online = 0, channels = 0, calls = 0, playing = 0;
  std::uint64_t registrations = 0, challenges = 0, bad_passwords = 0, replays = 0, stale = 0, refused = 0;
  std::uint64_t keepalives = 0, alarms = 0, positions = 0, lost = 0;
  std::uint64_t invites = 0, failed_calls = 0, key_frames_asked = 0;
  std::uint64_t limited = 0;  // requests of addresses that send too many
  std::uint64_t bad_messages = 0, unknown_devices = 0, channels_left_out = 0;
  std::uint64_t uppers = 0, uppers_registered = 0, sendings = 0;  // platforms above, and streams that they asked for
  std::uint64_t talks = 0, talking = 0, talks_begun = 0, talks_failed = 0;  // sound to loudspeakers
  std::uint64_t repeated = 0, received_again = 0, timed_out = 0;            // of SIP
};

}  // namespace weir::session::gb28181
