#pragma once

#include <functional>
#include <memory>

#include "app/api/call.h"
#include "app/stats/ask.h"

namespace weir::api {

// The main thread decides, and this worker goes on meanwhile. Only for the .cpp files of this folder.
template <class Change, class Outcome>
net::Task<base::Result<Outcome>> ask_main(Call& call,
                                          const std::function<void(Change, std::function<void(Outcome)>)>& ask,
                                          Change change) {
  auto pending = std::make_shared<stats::Pending<Outcome>>(call.home());
  net::Worker& home = call.home();
  ask(std::move(change), [&home, weak = std::weak_ptr<stats::Pending<Outcome>>(pending)](Outcome outcome) {
    home.post([weak, outcome = std::make_shared<Outcome>(std::move(outcome))] {
      const auto asker = weak.lock();
      if (!asker) return;
      asker->value = std::move(*outcome);
      asker->ready.notify();
    });
  });
  co_return co_await stats::await_answer(std::move(pending));
}

}  // namespace weir::api
