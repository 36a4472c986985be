// A Node add-on with one function, keep(): from then on, memory that is freed stays with the process, for the next tensor of that size.
//
// glibc gives blocks above 32 MB back to the system when they are freed, and the system clears every page of the next one: a tenth of the
// time of a training step with 33 MB images. So large blocks come from the heap too, and the heap is never trimmed. Elsewhere than on glibc
// it does nothing.
#include <node_api.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

napi_value Keep(napi_env, napi_callback_info) {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  const napi_property_descriptor function = {"keep", nullptr, Keep, nullptr, nullptr, nullptr, napi_default, nullptr};
  napi_define_properties(env, exports, 1, &function);
  return exports;
}

}  // namespace

NAPI_MODULE(keep_memory, Init)
