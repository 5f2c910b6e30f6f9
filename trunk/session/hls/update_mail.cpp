#include "session/hls/update_mail.h"

#include <algorithm>

#include "net/turn.h"
#include "net/worker.h"

namespace weir::session::hls {

void UpdateMail::add_peer(UpdateMail& peer) {
  const std::size_t index = couriers_.size();
  couriers_.push_back(std::make_unique<Courier>([this, &peer, index](Courier::Parcel parcel) {
    peer.worker_.post([this, &peer, index, parcel = std::move(parcel)]() mutable {
      peer.receive(std::move(parcel), [this, index] { worker_.post([this, index] { couriers_[index]->arrived(); }); });
    });
  }));
}

void UpdateMail::send(const std::shared_ptr<const Update>& update) {
  for (const auto& courier : couriers_) courier->send(update);
}

// Last words are heard at once, with all that was said before: a publisher who goes on with the stream on this worker
// asks in the next turn what there was.
void UpdateMail::receive(Courier::Parcel parcel, std::function<void()> done) {
  const bool last_words = std::any_of(parcel.begin(), parcel.end(), [](const auto& one) { return is_urgent(*one); });
  inbox_.push_back({std::move(parcel), std::move(done)});
  if (last_words) return unpack(Haste::all);
  if (inbox_.size() == 1) unpack(Haste::a_turn);
}

void UpdateMail::unpack(Haste haste) {
  constexpr std::size_t update_cost = 2048;  // of a turn, in bytes
  net::Turn turn(worker_.cut_turns());
  while (!inbox_.empty()) {
    Incoming& first = inbox_.front();
    bool more = true;
    while (more && first.used < first.parcel.size()) {
      accept_(*first.parcel[first.used++]);
      more = turn.spend(update_cost) || haste == Haste::all;
    }
    if (first.used == first.parcel.size()) {
      first.done();
      inbox_.pop_front();
    }
    if (more || inbox_.empty()) continue;
    turn.renew();
    worker_.post([this] { unpack(Haste::a_turn); });
    return;
  }
}

}  // namespace weir::session::hls
