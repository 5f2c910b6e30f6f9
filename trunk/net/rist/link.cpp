#include "net/rist/link.h"

#include "net/rist/core.h"
#include "net/rist/error.h"

namespace weir::net {

using base::Result;

#ifdef WEIR_HAS_RIST

namespace {

// The library tells a sender of who vanished only when it is itself taken down.
constexpr std::chrono::seconds longest_silence{5};

// What is at addresses of ours, for as long as the context holds them: two of the library would share the port.
class Seat {
 public:
  explicit Seat(RistLibrary& library) : library_(library) {}
  ~Seat() {
    for (const std::string& place : places_) library_.give_back(place);
  }
  Seat(const Seat&) = delete;
  bool take(const RistSettings& settings) {
    if (!settings.listens) return true;
    std::string place = to_text(settings.address);
    if (!library_.take(place)) return false;
    places_.push_back(std::move(place));
    return true;
  }

 private:
  RistLibrary& library_;
  std::vector<std::string> places_;
};

Result<std::shared_ptr<RistCore>> open_core(RistCore::Role role, RistOpen& given) {
  const auto seat = std::make_shared<Seat>(given.library);
  if (!seat->take(given.settings)) return RistErrc::peer;
  for (const RistSettings& one : given.settings.more) {
    if (!seat->take(one)) return RistErrc::peer;
  }
  const auto alone = given.library.try_alone();
  if (!alone) return RistErrc::busy;
  auto core = std::make_shared<RistCore>(given.worker, given.log, std::move(given.changed), seat);
  if (const auto opened = core->open(role, given.settings); !opened) {
    core->leave();
    given.library.retire([core] { core->down(); });
    return opened.error();
  }
  return core;
}

}  // namespace

RistLink::RistLink(std::shared_ptr<RistCore> core, RistLibrary& library) : core_(std::move(core)), library_(library) {}

RistLink::~RistLink() {
  core_->leave();
  library_.retire([core = std::move(core_)] { core->down(); });
}

std::uint32_t RistLink::peers() const { return core_->peers(); }
bool RistLink::lost() const { return core_->seen().lost; }
std::string RistLink::peer() const { return core_->seen().peer; }

const TransportFigures& RistLink::figures() const {
  figures_ = core_->seen().figures;
  return figures_;
}

Result<std::unique_ptr<RistReceiver>> RistReceiver::open(RistOpen given) {
  TRY(auto core, open_core(RistCore::Role::receiver, given));
  return std::unique_ptr<RistReceiver>(new RistReceiver(std::move(core), given.library));
}

bool RistReceiver::take(Packet& packet) {
  const rist_data_block* block = core_->take();
  if (!block) return false;
  packet.payload = {static_cast<const std::uint8_t*>(block->payload), block->payload_len};
  packet.flow = block->flow_id;
  packet.after_loss = (block->flags & RIST_DATA_FLAGS_DISCONTINUITY) != 0;
  return true;
}

void RistReceiver::look_again() { core_->look_again(); }
std::uint64_t RistReceiver::dropped() const { return core_->seen().dropped; }

Result<std::unique_ptr<RistSender>> RistSender::open(RistOpen given) {
  TRY(auto core, open_core(RistCore::Role::sender, given));
  return std::unique_ptr<RistSender>(new RistSender(std::move(core), given.library));
}

bool RistSender::vanished() const {
  const auto seen = core_->seen();
  return seen.lost || (seen.peers > 0 && std::chrono::steady_clock::now() - seen.heard_at > longest_silence);
}

Result<void> RistSender::write(base::Bytes packet) {
  if (core_->write(packet) < 0) return RistErrc::write;
  return {};
}

#else

class RistCore {};

RistLink::RistLink(std::shared_ptr<RistCore> core, RistLibrary& library) : core_(std::move(core)), library_(library) {
  (void)library_;
}
RistLink::~RistLink() = default;
std::uint32_t RistLink::peers() const { return 0; }
bool RistLink::lost() const { return false; }
std::string RistLink::peer() const { return {}; }
const TransportFigures& RistLink::figures() const { return figures_; }
Result<std::unique_ptr<RistReceiver>> RistReceiver::open(RistOpen) { return RistErrc::not_built; }
bool RistReceiver::take(Packet&) { return false; }
void RistReceiver::look_again() {}
std::uint64_t RistReceiver::dropped() const { return 0; }
Result<std::unique_ptr<RistSender>> RistSender::open(RistOpen) { return RistErrc::not_built; }
bool RistSender::vanished() const { return false; }
Result<void> RistSender::write(base::Bytes) { return RistErrc::not_built; }

#endif

}  // namespace weir::net
