// The blocks that messages and reports are packed into, and the functions by which JavaScript gets them.
#include "packed.h"

#include <cstring>

namespace buncompat {

namespace {

// Null, with an exception, when there is no memory for it.
napi_value CopyToArrayBuffer(napi_env env, const void* bytes, size_t length) {
  void* memory;
  napi_value buffer;
  if (napi_create_arraybuffer(env, length, &memory, &buffer) != napi_ok) {
    napi_throw_error(env, nullptr, "libbuncompat: no memory for records");
    return nullptr;
  }
  if (length > 0) std::memcpy(memory, bytes, length);
  return buffer;
}

napi_value CopyToArrayBuffer(napi_env env, const std::vector<double>& numbers) {
  return CopyToArrayBuffer(env, numbers.data(), numbers.size() * sizeof(double));
}

}  // namespace

PackedMessages& CurrentPackedMessages() {
  static thread_local PackedMessages messages;
  return messages;
}

PackedReports& CurrentPackedReports() {
  static thread_local PackedReports reports;
  return reports;
}

void PackedMessages::Add(double partition, double offset, double timestamp_ms, Bytes key, Bytes value) {
  const size_t length = key.length + value.length;
  const bool is_new_block =
      blocks_.empty() || partition != block_partition_ || blocks_.back().size() + length > kBlockBytes;
  if (is_new_block) blocks_.emplace_back();
  block_partition_ = partition;
  std::vector<char>& block = blocks_.back();
  for (const Bytes& bytes : {key, value}) {
    const char* data = static_cast<const char*>(bytes.data);
    if (bytes.length > 0) block.insert(block.end(), data, data + bytes.length);
  }
  auto length_of = [](const Bytes& bytes) { return bytes.data == nullptr ? -1.0 : double(bytes.length); };
  AddFields({partition, offset, timestamp_ms, length_of(key), length_of(value),
             static_cast<double>(is_new_block ? kInNewBlock : kInBlock)});
}

napi_value PackedMessages::Take(napi_env env) {
  napi_value result;
  bool is_complete = napi_create_array_with_length(env, 1 + blocks_.size(), &result) == napi_ok;
  uint32_t index = 0;
  auto append = [&](napi_value buffer) {
    return buffer != nullptr && napi_set_element(env, result, index++, buffer) == napi_ok;
  };
  is_complete = is_complete && append(CopyToArrayBuffer(env, fields_));
  for (const std::vector<char>& block : blocks_)
    is_complete = is_complete && append(CopyToArrayBuffer(env, block.data(), block.size()));
  Clear();
  return is_complete ? result : nullptr;
}

napi_value PackedReports::Take(napi_env env) {
  napi_value buffer = CopyToArrayBuffer(env, fields_);
  fields_.clear();
  return buffer;
}

napi_status ExportPacked(napi_env env, napi_value exports) {
  const napi_callback take_messages = [](napi_env env, napi_callback_info) { return CurrentPackedMessages().Take(env); };
  const napi_callback take_reports = [](napi_env env, napi_callback_info) { return CurrentPackedReports().Take(env); };
  const napi_property_descriptor properties[] = {
      {"takeMessages", nullptr, take_messages, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"takeReports", nullptr, take_reports, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  return napi_define_properties(env, exports, 2, properties);
}

}  // namespace buncompat
