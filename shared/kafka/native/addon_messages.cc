// Linked into the addon, in front of its own conversion of a message: packs it where JavaScript asked for that.
#include "packed_messages.h"
#include "src/common.h"

#define TO_V8_OBJECT "_ZN9NodeKafka10Conversion7Message10ToV8ObjectEPN7RdKafka7MessageE"

v8::Local<v8::Object> ConvertMessage(RdKafka::Message* message) __asm__("__real_" TO_V8_OBJECT);
v8::Local<v8::Object> PackMessage(RdKafka::Message* message) __asm__("__wrap_" TO_V8_OBJECT);

// Undefined stands for a packed message; one with headers is rare, and stays the object that it was.
v8::Local<v8::Object> PackMessage(RdKafka::Message* message) {
  buncompat::PackedMessages& packed = buncompat::CurrentPackedMessages();
  if (!packed.enabled || message->err() != RdKafka::ERR_NO_ERROR || message->headers() != nullptr)
    return ConvertMessage(message);
  packed.Add(message->partition(), static_cast<double>(message->offset()),
             static_cast<double>(message->timestamp().timestamp), {message->key_pointer(), message->key_len()},
             {message->payload(), message->len()});
  return Nan::Undefined().As<v8::Object>();
}
