#pragma once

#include "app/api/exposition.h"
#include "app/exec/variables.h"

namespace weir::api {

// Of variables that commands say.
void write_variables(Exposition& out, const config::Config& config, const exec::VariableCommands& commands);

}  // namespace weir::api
