// The blocks that messages are packed into, and the two functions by which JavaScript gets them.
#include "packed_messages.h"

#include <cstring>

namespace buncompat {

PackedMessages& CurrentPackedMessages() {
  static thread_local PackedMessages messages;
  return messages;
}

void PackedMessages::Add(double partition, double offset, double timestamp_ms, Bytes key, Bytes value) {
  const size_t length = key.length + value.length;
  const bool is_new_block = blocks_.empty() || blocks_.back().size() + length > kBlockBytes;
  if (is_new_block) blocks_.emplace_back().reserve(length > kBlockBytes ? length : kBlockBytes);
  std::vector<char>& block = blocks_.back();
  for (const Bytes& bytes : {key, value}) {
    const char* data = static_cast<const char*>(bytes.data);
    if (bytes.length > 0) block.insert(block.end(), data, data + bytes.length);
  }
  auto length_of = [](const Bytes& bytes) { return bytes.data == nullptr ? -1.0 : double(bytes.length); };
  fields_.insert(fields_.end(), {partition, offset, timestamp_ms, length_of(key), length_of(value),
                                 is_new_block ? 1.0 : 0.0});
}

napi_value PackedMessages::Take(napi_env env) {
  napi_value result;
  if (napi_create_array_with_length(env, 1 + blocks_.size(), &result) != napi_ok) return nullptr;
  uint32_t index = 0;
  auto append = [&](const void* bytes, size_t length) {
    void* memory;
    napi_value buffer;
    if (napi_create_arraybuffer(env, length, &memory, &buffer) != napi_ok) return false;
    if (length > 0) std::memcpy(memory, bytes, length);
    return napi_set_element(env, result, index++, buffer) == napi_ok;
  };
  bool is_complete = append(fields_.data(), fields_.size() * sizeof(double));
  for (const std::vector<char>& block : blocks_) is_complete = is_complete && append(block.data(), block.size());
  fields_.clear();
  blocks_.clear();
  if (is_complete) return result;
  napi_throw_error(env, nullptr, "libbuncompat: no memory for messages");
  return nullptr;
}

namespace {

napi_value EnablePacking(napi_env, napi_callback_info) {
  CurrentPackedMessages().enabled = true;
  return nullptr;
}

napi_value TakeMessages(napi_env env, napi_callback_info) { return CurrentPackedMessages().Take(env); }

}  // namespace

napi_status ExportPackedMessages(napi_env env, napi_value exports) {
  const napi_property_descriptor properties[] = {
      {"packMessages", nullptr, EnablePacking, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"takeMessages", nullptr, TakeMessages, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  return napi_define_properties(env, exports, 2, properties);
}

}  // namespace buncompat
