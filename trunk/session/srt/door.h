#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "base/log.h"
#include "config/config.h"
#include "hub/directory.h"
#include "net/srt/listener.h"
#include "session/srt/figures.h"
#include "session/srt/keys.h"
#include "session/srt/wish.h"

namespace weir::session::srt {

// Who is let in, as far as that can be said without waiting: the port must take what the caller wants to do, the stream
// id be one, its virtual host be there and speak SRT, the name be free; and which secret it takes. Where
// http_hooks.on_srt_passphrase is asked for that, it is what is known already (keys.h). What rules and hooks say comes
// later, in the session, which can only close. One for all ports (entrance.h); asked on threads of the library. A
// mutex, held for the copy of a pointer.
class Door {
 public:
  struct Parts {
    const hub::Directory& directory;
    log::Logger* logger;
    Figures& figures;
    std::function<std::uint32_t()> connections;  // that the server has; any thread
    Keys::Ask ask_key;                           // told() comes later; unset: nobody is asked
  };
  Door(Parts parts, std::shared_ptr<const config::Config> config);

  net::SrtAnswer answer(const net::SrtCall& call, const config::Endpoint& at);
  // A caller that was let in failed in the rest of its handshake. `stream_id` as it may be shown.
  void failed(const std::string& address, const std::string& stream_id, bool keyed);
  void set_config(std::shared_ptr<const config::Config> config);
  // What was asked for is known now. Any thread.
  void told(const KeyQuestion& question, const KeyAnswer& answer);
  // From now on everybody is sent away.
  void close() { closed_ = true; }

 private:
  base::Result<net::SrtAnswer> judge(const net::SrtCall& call, const config::Endpoint& at);
  base::Result<config::SrtSecret> secret_of(const Wish& wish, const config::SrtServer& server,
                                            const std::string& address);
  std::shared_ptr<const config::Config> config() const;

  // given
  Parts parts_;

  // owned
  Keys keys_;

  // state
  mutable std::mutex mutex_;
  std::shared_ptr<const config::Config> config_;
  std::atomic<bool> closed_{false};
};

}  // namespace weir::session::srt
