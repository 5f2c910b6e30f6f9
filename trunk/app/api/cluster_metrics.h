#pragma once

#include "app/api/exposition.h"
#include "app/cluster/figures.h"
#include "app/cluster/readiness.h"
#include "app/registry/figures.h"

namespace weir::api {

// What /metrics says of this server among others.
void write_cluster(Exposition& out, const cluster::Figures& figures);
void write_registry(Exposition& out, const registry::Figures& figures);
void write_readiness(Exposition& out, const cluster::Readiness& readiness);

}  // namespace weir::api
