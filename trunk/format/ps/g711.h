#pragma once

#include <memory>
#include <optional>

#include "format/ts/elementary.h"

namespace weir::ps {

// G.711 in PES packets: each payload is samples, made into units of at most 40 ms. Times that count samples and not
// 90 kHz, as some devices write them, are noticed; then the samples themselves are the clock.
class G711 final : public ts::Elementary {
 public:
  explicit G711(media::Codec codec);  // pcma or pcmu

  void input(base::Bytes payload, const Time& time, std::vector<ts::AccessUnit>& out) override;
  void lose(std::size_t) override { expected_.reset(); }

 private:
  void place(std::size_t samples, const Time& time);

  // owned
  std::shared_ptr<const media::CodecParameters> parameters_;

  // state
  base::Ticks now_{};                    // of the next sample
  std::optional<base::Ticks> expected_;  // the pts that would count samples
  bool known_ = false, by_samples_ = false;
  unsigned in_samples_ = 0;  // so often in a row the pts counted samples
};

}  // namespace weir::ps
