// A Node add-on with two functions, close() and open(): while closed, what native code writes to standard error goes nowhere.
//
// TensorFlow logs two start-up notes while its library is loaded, before any log level is read, so nothing else can silence them.
// A failure to load is thrown as an error and is not lost.
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

namespace {

int saved_stderr = -1;

napi_value Close(napi_env, napi_callback_info) {
  if (saved_stderr >= 0) return nullptr;
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return nullptr;
  saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (saved_stderr >= 0) dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  return nullptr;
}

napi_value Open(napi_env, napi_callback_info) {
  if (saved_stderr < 0) return nullptr;
  dup2(saved_stderr, STDERR_FILENO);
  close(saved_stderr);
  saved_stderr = -1;
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"close", nullptr, Close, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"open", nullptr, Open, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, 2, functions);
  return exports;
}

}  // namespace

NAPI_MODULE(stderr_gate, Init)
