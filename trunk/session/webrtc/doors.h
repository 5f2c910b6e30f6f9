#pragma once

#include "session/webrtc/party.h"

namespace weir::session::webrtc {

// The doors of a worker's hub: players of packets, and publishers by frames.
Doors make_doors(hub::Hub& hub);

// What they are made of; `link` outlives the party.
net::Task<hub::Verdict<std::unique_ptr<Party>>> publish(hub::Hub& hub, net::Life& life, hub::Request request,
                                                        hub::Link link);
net::Task<hub::Verdict<std::unique_ptr<Party>>> play(hub::Hub& hub, net::Life& life, hub::Request request,
                                                     hub::Link link);

}  // namespace weir::session::webrtc
