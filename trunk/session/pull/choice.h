#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "hub/directory.h"
#include "session/pull/rows.h"

namespace weir::session::pull {

// One of the sources of a stream, as it stands.
struct Candidate {
  int priority = 0;
  bool cold = false;
  State state = State::waiting;
  std::chrono::steady_clock::duration in_state{};
  base::SessionId id{};  // of its attempt
};

enum class Step { stay, begin, rest };

// What a cold source is to do now: it begins when no input of its stream that is as good brings frames, and nothing
// better is on its way, for which that has `patience`; it rests again when a better one has become the active input.
// Of equals the first one is better, and a publisher is better than all. `standing` as the directory knows it.
Step step_of(std::span<const Candidate> all, std::size_t which, const std::optional<hub::Directory::Standing>& standing,
             std::chrono::steady_clock::duration patience);

}  // namespace weir::session::pull
