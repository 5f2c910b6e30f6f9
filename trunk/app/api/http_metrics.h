#pragma once

#include "app/api/exposition.h"
#include "net/http2/figures.h"
#include "net/proxy/figures.h"

namespace weir::api {

void write_proxies(Exposition& out, const proxy::Figures& figures);
void write_http2(Exposition& out, const http2::Figures& figures);

}  // namespace weir::api
