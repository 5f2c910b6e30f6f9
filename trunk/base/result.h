#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cerrno>
#include <utility>

namespace weir::base {

using ErrorCode = boost::system::error_code;

// The one way to tell a failure that comes from outside: a peer, a file, the configuration, time.
template <class T>
using Result = boost::system::result<T>;

// What the system call that just failed left in errno.
inline ErrorCode last_error() { return {errno, boost::system::system_category()}; }

}  // namespace weir::base

#define WEIR_JOIN_(a, b) a##b
#define WEIR_JOIN(a, b) WEIR_JOIN_(a, b)

#define WEIR_TRY_(result, leave, declaration, expression) \
  auto result = (expression);                             \
  if (!result) leave result.error();                      \
  declaration = *std::move(result)
#define WEIR_TRY_VOID_(result, leave, expression) \
  if (auto result = (expression); !result) leave result.error()

// TRY(auto header, parse_header(in)): the value, or the function returns the error.
#define TRY(declaration, expression) WEIR_TRY_(WEIR_JOIN(try_, __LINE__), return, declaration, expression)
#define TRY_VOID(expression) WEIR_TRY_VOID_(WEIR_JOIN(try_, __LINE__), return, expression)
// The same inside a coroutine.
#define CO_TRY(declaration, expression) WEIR_TRY_(WEIR_JOIN(try_, __LINE__), co_return, declaration, expression)
#define CO_TRY_VOID(expression) WEIR_TRY_VOID_(WEIR_JOIN(try_, __LINE__), co_return, expression)
