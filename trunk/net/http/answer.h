#pragma once

#include <string_view>

#include "net/http/exchange.h"
#include "net/http/router.h"

namespace weir::http {

// Has one request answered by whom the router finds, once the router's gate let it in; refusals are answered here.
net::Task<void> answer(Exchange& exchange, const Router& router);

// One line about a fault of a peer, for ServerOptions::on_fault.
void report(const ServerOptions& options, const net::Peer& peer, std::string_view what);

}  // namespace weir::http
