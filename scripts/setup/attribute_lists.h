// Compiled into the TensorFlow binding before its own source: lets an operation's attribute that is a list of strings or of types be set.
// The binding knows single ones only, so a list of strings comes as one, with commas; a list of types has a single member.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tensorflow/c/eager/c_api.h"

namespace attribute_lists {

inline bool IsList(TFE_Op* operation, const char* name) {
  unsigned char is_list = 0;
  TF_Status* status = TF_NewStatus();
  TFE_OpGetAttrType(operation, name, &is_list, status);
  const bool known = TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  return known && is_list != 0;
}

inline void SetString(TFE_Op* operation, const char* name, const void* value, size_t length) {
  if (!IsList(operation, name)) return TFE_OpSetAttrString(operation, name, value, length);
  const std::string text(static_cast<const char*>(value), length);
  std::vector<const void*> starts;
  std::vector<size_t> lengths;
  for (size_t start = 0; start < length; start += lengths.back() + 1) {
    starts.push_back(text.data() + start);
    lengths.push_back(std::min(text.find(',', start), length) - start);
  }
  TFE_OpSetAttrStringList(operation, name, starts.data(), lengths.data(), static_cast<int>(starts.size()));
}

inline void SetType(TFE_Op* operation, const char* name, TF_DataType type) {
  if (!IsList(operation, name)) return TFE_OpSetAttrType(operation, name, type);
  TFE_OpSetAttrTypeList(operation, name, &type, 1);
}

}  // namespace attribute_lists

#define TFE_OpSetAttrString attribute_lists::SetString
#define TFE_OpSetAttrType attribute_lists::SetType
