#include "proto/rtp/transport_feedback.h"

#include <algorithm>

#include "base/byte_reader.h"

namespace weir::rtp {

using base::Bytes;
using base::Instant;
using std::chrono::microseconds;

namespace {

constexpr microseconds reference_step{64'000}, delta_step{250};
constexpr std::int64_t most_small = 255, least_large = -32768, most_large = 32767;
constexpr std::size_t symbols_in_vector = 7;  // of two bits each

enum class Symbol : std::uint8_t { lost = 0, small = 1, large = 2 };

// A run of one symbol, or seven different ones (3.1.3 and 3.1.4 of the draft).
void write_chunks(base::ByteWriter& w, const std::vector<Symbol>& symbols) {
  constexpr std::size_t longest_run = 0x1fff;
  for (std::size_t at = 0; at < symbols.size();) {
    std::size_t run = 1;
    while (at + run < symbols.size() && symbols[at + run] == symbols[at] && run < longest_run) ++run;
    if (run >= symbols_in_vector || at + run == symbols.size()) {
      w.u16(static_cast<unsigned>(symbols[at]) << 13 | run);
      at += run;
      continue;
    }
    unsigned vector = 0xc000;
    for (std::size_t i = 0; i < symbols_in_vector && at + i < symbols.size(); ++i) {
      vector |= static_cast<unsigned>(symbols[at + i]) << (2 * (symbols_in_vector - 1 - i));
    }
    w.u16(vector);
    at += std::min(symbols_in_vector, symbols.size() - at);
  }
}

base::Result<void> read_chunks(base::ByteReader& r, std::size_t count, std::vector<Symbol>& out) {
  while (out.size() < count) {
    const std::uint16_t chunk = r.u16();
    if (!r.ok()) return Errc::bad_feedback;
    if ((chunk & 0x8000) == 0) {
      const auto symbol = static_cast<Symbol>(chunk >> 13 & 3);
      const std::size_t run = std::min<std::size_t>(chunk & 0x1fff, count - out.size());
      if (run == 0) return Errc::bad_feedback;
      out.insert(out.end(), run, symbol);
    } else if ((chunk & 0x4000) == 0) {
      for (int bit = 13; bit >= 0 && out.size() < count; --bit) out.push_back(static_cast<Symbol>(chunk >> bit & 1));
    } else {
      for (int bit = 12; bit >= 0 && out.size() < count; bit -= 2) out.push_back(static_cast<Symbol>(chunk >> bit & 3));
    }
  }
  return {};
}

}  // namespace

void ArrivalLog::note(std::uint16_t transport_sequence, Instant arrived) {
  const std::int64_t sequence = unwrap_.any() ? unwrap_.peek(transport_sequence) : transport_sequence;
  const bool jumped = unwrap_.any() && sequence > unwrap_.newest() + static_cast<std::int64_t>(most_reported) * 4;
  if ((next_ && sequence < *next_) || arrivals_.size() == 4 * most_reported) {
    ++ignored_;
    return;
  }
  if (jumped) {  // a sender that began anew: what is missing between was never sent
    arrivals_.clear();
    next_ = sequence;
    ++ignored_;
  }
  (void)unwrap_(transport_sequence);
  const auto place = std::lower_bound(arrivals_.begin(), arrivals_.end(), sequence,
                                      [](const Arrival& a, std::int64_t number) { return a.sequence < number; });
  if (place != arrivals_.end() && place->sequence == sequence) return;
  arrivals_.insert(place, {sequence, arrived});
}

bool ArrivalLog::write(base::ByteWriter& w, std::uint32_t sender, std::uint32_t media) {
  if (arrivals_.empty()) return false;
  if (!origin_) origin_ = arrivals_.front().time - reference_step;
  const auto since = [&](Instant time) { return std::chrono::duration_cast<microseconds>(time - *origin_); };
  const std::int64_t begin = next_.value_or(arrivals_.front().sequence);
  const std::int64_t reference = since(arrivals_.front().time) / reference_step;

  std::vector<Symbol> symbols;
  std::vector<std::int16_t> deltas;
  std::int64_t clock = reference * (reference_step / delta_step);
  std::size_t used = 0;
  for (; used < arrivals_.size(); ++used) {
    const Arrival& arrival = arrivals_[used];
    if (arrival.sequence - begin >= static_cast<std::int64_t>(most_reported)) break;
    const std::int64_t time = since(arrival.time) / delta_step;
    const std::int64_t delta = time - clock;
    if (delta < least_large || delta > most_large) break;  // the next feedback has a reference of its own
    symbols.resize(static_cast<std::size_t>(arrival.sequence - begin), Symbol::lost);
    symbols.push_back(delta >= 0 && delta <= most_small ? Symbol::small : Symbol::large);
    deltas.push_back(static_cast<std::int16_t>(delta));
    clock = time;
  }
  if (used == 0) {  // a gap of more numbers than one feedback tells of: it is not told
    next_ = arrivals_.front().sequence;
    return write(w, sender, media);
  }

  const std::size_t at = w.position();
  w.u8(0x8f);
  w.u8(205);
  w.u16(0);
  w.u32(sender);
  w.u32(media);
  w.u16(static_cast<std::uint16_t>(begin));
  w.u16(symbols.size());
  w.u24(static_cast<std::uint32_t>(reference) & 0xffffffU);
  w.u8(count_++);
  write_chunks(w, symbols);
  std::size_t next_delta = 0;
  for (const Symbol symbol : symbols) {
    if (symbol == Symbol::lost) continue;
    const auto delta = static_cast<std::uint16_t>(deltas[next_delta++]);
    if (symbol == Symbol::small) {
      w.u8(delta);
    } else {
      w.u16(delta);
    }
  }
  w.zeros((4 - (w.position() - at) % 4) % 4);
  w.patch16(at + 2, (w.position() - at) / 4 - 1);
  next_ = begin + static_cast<std::int64_t>(symbols.size());
  arrivals_.erase(arrivals_.begin(), arrivals_.begin() + static_cast<std::ptrdiff_t>(used));
  return true;
}

base::Result<TransportReport> parse_transport_feedback(Bytes body) {
  base::ByteReader r{body};
  TransportReport report;
  report.base = r.u16();
  const std::size_t count = r.u16();
  report.reference = r.i24() * reference_step;
  report.count = r.u8();
  if (!r.ok() || count == 0) return Errc::bad_feedback;
  std::vector<Symbol> symbols;
  TRY_VOID(read_chunks(r, count, symbols));
  microseconds clock = report.reference;
  for (const Symbol symbol : symbols) {
    TransportReport::Status status;
    if (symbol == Symbol::small) clock += r.u8() * delta_step;
    if (symbol == Symbol::large) clock += static_cast<std::int16_t>(r.u16()) * delta_step;
    status.received = symbol == Symbol::small || symbol == Symbol::large;
    status.time = clock;
    report.packets.push_back(status);
  }
  if (!r.ok()) return Errc::bad_feedback;
  return report;
}

}  // namespace weir::rtp
