#pragma once

// Debian 12 has Catch2 version 2; with version 3 only this file changes.
#include <catch2/catch.hpp>
