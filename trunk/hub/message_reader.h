#pragma once

#include "hub/reader.h"

namespace weir::hub {

// A reader that is no byte stream: it gives its messages away one by one, in order, so that borders are kept. For what
// sends datagrams, packets or messages of its own form.
//
//   class Player : MessageReader::Taker { ... MessageReader reader_{feed, *this, 2s}; }
//
// In each round of the feed it hands over what is new, at most most_wires, and then says flush() once; nothing is
// allocated for a wire. Same worker and lifetime as Reader.
class MessageReader final : public Reader {
 public:
  static constexpr std::size_t most_wires = 32;  // in one go; the rest in the next round

  enum class Took : std::uint8_t {
    all,
    full,   // not this one: it comes again after ready()
    later,  // not this one nor those behind it: go on from the next entry
  };

  class Taker {
   public:
    virtual ~Taker() = default;
    // The next wire. `begins`: it is not the one behind the last, but an entry, at the start or after a skip; what a
    // newcomer needs before it is in wire.setup (and in Feed::header, at the very start).
    virtual Took take(const Wire& wire, bool begins) = 0;
    // No more for now: what was taken leaves. Gives how many sends that were, for the fairness of the round.
    virtual std::size_t flush() = 0;
    // state() became something to act on. In the middle of the feed's work: no reader may be destroyed in it.
    virtual void reader_changed() = 0;
  };

  // `most_behind`: further than this behind the live edge it goes on from the newest entry; the queue's limits of the
  // vhost hold as well. The taker outlives this.
  MessageReader(Feed& feed, Taker& taker, base::Ticks most_behind = base::Ticks::max());

  // There is room again after Took::full; hands over at once. Nothing happens if nobody said full.
  void ready();
  // True: it goes on from the newest entry point, which lies before it.
  bool skip_to_entry();
  // Where in the feed's log the wire stands that take() is given.
  Log<Wire>::Position position() const { return position_; }
  const Feed& feed() const { return feed_; }

 private:
  std::size_t serve() override;
  void advance() override;
  void begin_on(const Wire&) override { begins_ = true; }
  std::size_t hand_over();

  // given
  Taker& taker_;
  base::Ticks most_behind_;

  // state
  bool begins_ = false;
};

}  // namespace weir::hub
