// The whole way behind ingest: what a publisher sends as FLV becomes frames, and these HLS in TS and in fragmented MP4,
// low latency and not, DASH, and recordings of each kind.
#include <array>
#include <cstdlib>
#include <memory>
#include <vector>

#include "app/record/file_writer.h"
#include "base/clock_unwrap.h"
#include "format/flv/demuxer.h"
#include "session/hls/dash_output.h"
#include "session/hls/hls_output.h"
#include "support/placed_ingest.h"

using namespace weir;
namespace sh = session::hls;

namespace {

// One HLS or DASH: its segments come and go, and in the end it holds no memory.
template <class Output>
struct Rig {
  Rig(const config::Vhost& given, std::unique_ptr<sh::Packer> packer) {
    vhost = std::make_shared<const config::Vhost>(given);
    sh::Outlet outlet{.vhost = vhost, .app = "live", .stream = "a", .budget = budget};
    outlet.broadcast = [](const std::shared_ptr<const sh::Update>&) {};
    outlet.on_file = [](const sh::SegmentFile&) {};
    output = std::make_unique<Output>(std::move(outlet), nullptr);
    segmenter = std::make_unique<sh::Segmenter>(output->rules(), std::move(packer), *output, [] {
      return sh::WallTime(std::chrono::milliseconds(1'700'000'000'000));
    });
    output->follow(*segmenter);
  }
  ~Rig() {
    segmenter->end();
    output->leave(true);
    output.reset();
    if (budget.used() != 0) std::abort();
  }

  std::shared_ptr<const config::Vhost> vhost;
  sh::Budget budget;
  std::unique_ptr<Output> output;
  std::unique_ptr<sh::Segmenter> segmenter;
};

config::Vhost settings(bool low_latency, bool fmp4, bool keys) {
  config::Vhost vhost;
  vhost.hls.enabled = vhost.dash.enabled = true;
  vhost.hls.fragment = std::chrono::seconds(1);
  vhost.hls.window = std::chrono::seconds(5);
  vhost.hls.low_latency = low_latency;
  vhost.hls.use_fmp4 = fmp4;
  vhost.hls.keys = keys;
  return vhost;
}

// As a recording treats its writer: another file begins where the tracks do not fit, and none after a fault.
struct File {
  explicit File(record::Container of) : container(of) {}
  ~File() { close(); }

  void set_tracks(const media::Tracks& tracks) {
    if (writer && !writer->takes(tracks)) close();
    if (!writer) writer = record::make_file_writer(container);
    writer->set_tracks(tracks, out);
    if (!writer->carries_media()) close();
  }
  void take(const media::Frame& frame) {
    if (!writer || frame.dts < base::Ticks{}) return;
    if (!writer->write(frame, frame.key, out)) return close();
    written += out.size();
    out.clear();
  }
  void close() {
    if (!writer) return;
    (void)writer->finish(out);
    written += out.size();
    out.clear();
    for (const auto& patch : writer->patches(written)) {
      if (patch.offset + patch.bytes.size() > written) std::abort();
    }
    writer.reset();
    written = 0;
  }

  record::Container container;
  std::unique_ptr<record::FileWriter> writer;
  base::Buffer out;
  std::uint64_t written = 0;
};

struct Everything {
  Rig<sh::HlsOutput> ts{settings(false, false, true), sh::make_ts_packer(false, true)};
  Rig<sh::HlsOutput> low_ts{settings(true, false, false), sh::make_ts_packer(true, false)};
  Rig<sh::HlsOutput> low_mp4{settings(true, true, false), sh::make_fmp4_packer()};
  Rig<sh::DashOutput> dash{settings(false, false, false), sh::make_cmaf_packer()};
  std::array<File, 3> files{File{record::Container::flv}, File{record::Container::mp4}, File{record::Container::ts}};

  std::array<sh::Segmenter*, 4> segmenters() const {
    return {ts.segmenter.get(), low_ts.segmenter.get(), low_mp4.segmenter.get(), dash.segmenter.get()};
  }
  void set_tracks(const media::Tracks& tracks) {
    for (auto* segmenter : segmenters()) segmenter->on_tracks(tracks);
    for (File& file : files) file.set_tracks(tracks);
  }
  void take(const media::Frame& frame) {
    for (auto* segmenter : segmenters()) segmenter->on_frame(frame);
    for (File& file : files) file.take(frame);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  flv::Demuxer demuxer({.largest_tag_bytes = 1 << 20});
  (void)demuxer.input(in);
  test::PlacedIngest ingest;
  base::MillisUnwrap clock;
  Everything all;
  while (const auto tag = demuxer.poll()) {
    (void)ingest.input(tag->type, base::Millis(clock.unwrap(tag->timestamp_ms)), tag->body);
    if (ingest.yield.tracks_changed) all.set_tracks(ingest.ingest.tracks());
    for (const auto& frame : ingest.frames) all.take(*frame);
  }
  return 0;
}
