#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "hub/feed.h"
#include "hub/reader.h"
#include "net/byte_stream.h"

namespace weir::hub {

// A reader that is a byte stream. At the head the Feed has it written with the buffers that all share who stand there;
// when the stream takes no more it goes on by itself as soon as there is room.
//
// Rules as for Reader; the stream outlives it.
class Pump final : public Reader {
 public:
  Pump(Feed& feed, net::ByteStream& stream, std::function<void()> attention);

  // Queues a message of this session alone behind the one that is being written, also while it is stopped or paused.
  // Fails the pump when more than 256 KiB of such wait: a peer that asks and never reads.
  void send(base::SharedBytes message);
  // Everything written that was to be written.
  bool drained() const { return cut_.empty() && own_.empty(); }

 private:
  std::size_t serve() override;
  void advance() override;
  void begin_on(const Wire& entry) override;
  bool write_some();
  void take_written(std::size_t count);
  void written_of_batch(std::size_t count);
  void wait_for_room();

  // given
  net::ByteStream& stream_;

  // owned
  base::SharedBytes cut_;               // the rest of a message of which a part was written
  std::vector<base::SharedBytes> own_;  // messages of this session alone, and setups
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // state
  std::uint32_t own_bytes_ = 0;
  bool header_sent_ = false;
  bool armed_ = false;  // the stream took no more, and will tell when it does
  bool in_advance_ = false;
};

}  // namespace weir::hub
