#pragma once

#include <functional>
#include <vector>

#include "hub/error.h"
#include "hub/permit.h"
#include "hub/request.h"
#include "hub/verdict.h"
#include "net/life.h"
#include "net/task.h"

namespace weir::hub {

// The rules that a session passes before it may publish or play: limits, addresses, tokens, hooks. Asked in order; the
// first refusal ends it. Each may wait (a hook) under a time limit of its own, and may put into the permit what the
// session holds from then on. Per worker; filled in main.
class Admission {
 public:
  using Rule = std::function<net::Task<base::Result<void>>(net::Life&, const Request&, Action, Permit&)>;
  void add(Rule rule) { rules_.push_back(std::move(rule)); }

  // Asked last, about streams that this server does not have: where the session shall go, empty for here. One.
  using Locator = std::function<net::Task<base::Result<std::string>>(net::Life&, const Request&, Action)>;
  void set_locator(Locator locator) { locator_ = std::move(locator); }

  // Whether this server takes no newcomers at present: they are sent where the locator says, even to streams that are
  // here, or away. One.
  using Closed = std::function<bool(const Request&, Action)>;
  void set_closed(Closed closed) { closed_ = std::move(closed); }
  bool closed(const Request& request, Action action) const { return closed_ && closed_(request, action); }

  // `request` outlives the task, as it does in the next.
  net::Task<base::Result<Permit>> admit(net::Life& life, const Request& request, Action action) const {
    Permit permit;
    for (const auto& rule : rules_) CO_TRY_VOID(co_await rule(life, request, action, permit));
    co_return permit;
  }

  net::Task<Verdict<void>> locate(net::Life& life, const Request& request, Action action) const {
    if (!locator_) co_return Verdict<void>();
    CO_TRY(std::string url, co_await locator_(life, request, action));
    if (url.empty()) co_return Verdict<void>();
    co_return Refusal::elsewhere(std::move(url));
  }

 private:
  std::vector<Rule> rules_;
  Locator locator_;
  Closed closed_;
};

}  // namespace weir::hub
