// Compiled into the binding: TensorFlow's start-up notes are logged before its log level can be set from JavaScript, so the level of the
// environment (TF_CPP_MIN_LOG_LEVEL; errors only, if unset) is applied as soon as the binding is loaded.
#include <cstdlib>

#include "absl/log/globals.h"

namespace {

__attribute__((constructor)) void ApplyLogLevel() {
  const char* text = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  const int level = text != nullptr && *text != '\0' ? std::atoi(text) : 2;
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(level < 0 ? 0 : level > 3 ? 3 : level));
}

}  // namespace
