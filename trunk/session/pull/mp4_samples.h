#pragma once

#include "session/common/mp4_samples.h"
