// What crosses from the addon to JavaScript once for every record, packed: many at a time, as numbers and bytes in a
// few blocks of memory. The addon makes an object of each, with up to eight properties and two Buffers that have
// memory of their own, through V8's API and for reports with a call each: several times what the rest of a record's
// way costs. JavaScript makes the same out of a block in 0.2 µs.
#pragma once
#include <node_api.h>

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace buncompat {

// The messages of one consume() call.
class PackedMessages {
 public:
  struct Bytes {
    const void* data;  // null: the message has none
    size_t length;
  };

  void Add(double partition, double offset, double timestamp_ms, Bytes key, Bytes value);
  // The end of a partition's log has been reached.
  void AddEnd(double partition, double offset) { AddFields({partition, offset, -1, -1, -1, kEnd}); }
  // Here belongs the next of the messages that are not packed.
  void AddOther() { AddFields({-1, -1, -1, -1, -1, kOther}); }

  // What nobody took, because a callback failed, belongs to no later call.
  void Clear() {
    fields_.clear();
    blocks_.clear();
  }

  // An array of ArrayBuffers: first the fields, as doubles, then the blocks. Forgets them.
  napi_value Take(napi_env env);

 private:
  // A record keeps the whole block alive that its bytes are in, so that a block holds one partition's only: what waits
  // for one partition must not keep the bytes of others.
  static constexpr size_t kBlockBytes = 64 * 1024;

  // The last field of each: a message in the same block as the one before or in the next, or none.
  enum Kind { kInBlock = 0, kInNewBlock = 1, kEnd = 2, kOther = 3 };

  void AddFields(std::initializer_list<double> fields) { fields_.insert(fields_.end(), fields); }

  // Partition, offset, timestamp, length of the key, of the value (-1: none), kind: for each.
  std::vector<double> fields_;
  std::vector<std::vector<char>> blocks_;
  double block_partition_ = -1;
};

// Reports of records that were delivered.
class PackedReports {
 public:
  bool IsEmpty() const { return fields_.empty(); }
  void Clear() { fields_.clear(); }
  void Add(double opaque, double partition, double offset) {
    fields_.insert(fields_.end(), {opaque, partition, offset});
  }

  // An ArrayBuffer of doubles, three for each report. Forgets them.
  napi_value Take(napi_env env);

 private:
  std::vector<double> fields_;
};

// Whether the calling thread is one that runs JavaScript.
bool HasCurrentEnvironment();

// Of the JavaScript thread that calls.
PackedMessages& CurrentPackedMessages();
PackedReports& CurrentPackedReports();

// Gives `takeMessages()` and `takeReports()` to the exports of this library.
napi_status ExportPacked(napi_env env, napi_value exports);

}  // namespace buncompat
