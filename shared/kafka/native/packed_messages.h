// The messages of one consume() call, packed: their bytes side by side in a few blocks of memory, their numbers in
// another. As the addon gives them, a message is an object with eight properties and two Buffers with memory of
// their own, made through V8's API one by one: 2.5 µs each, more than all that a pipeline does with it afterwards.
// JavaScript makes the same out of a block in 0.2 µs.
#pragma once
#include <node_api.h>

#include <cstddef>
#include <vector>

namespace buncompat {

class PackedMessages {
 public:
  struct Bytes {
    const void* data;  // null: the message has none
    size_t length;
  };

  // Off until JavaScript asks for it: until then the addon's messages are what its documentation says.
  bool enabled = false;

  void Add(double partition, double offset, double timestamp_ms, Bytes key, Bytes value);

  // An array of ArrayBuffers: first the fields, as doubles, then the blocks. Forgets them.
  napi_value Take(napi_env env);

 private:
  // A record keeps the whole block alive that its bytes are in.
  static constexpr size_t kBlockBytes = 64 * 1024;

  // Partition, offset, timestamp, length of the key, of the value (-1: none), whether a new block begins: for each.
  std::vector<double> fields_;
  std::vector<std::vector<char>> blocks_;
};

// Of the JavaScript thread that calls.
PackedMessages& CurrentPackedMessages();

// Gives `packMessages()` and `takeMessages()` to the exports of this library.
napi_status ExportPackedMessages(napi_env env, napi_value exports);

}  // namespace buncompat
