// Linked into the addon, before its own sources: packs what the addon would make objects of, one by one.
#include "packed.h"
#include "src/callbacks.h"
#include "src/common.h"

#include <cstdlib>
#include <limits>

// --- Messages: in front of the addon's conversion, which --wrap leaves reachable ----------------------------------
#define TO_V8_OBJECT "_ZN9NodeKafka10Conversion7Message10ToV8ObjectEPN7RdKafka7MessageE"

v8::Local<v8::Object> ConvertMessage(RdKafka::Message* message) __asm__("__real_" TO_V8_OBJECT);
v8::Local<v8::Object> PackMessage(RdKafka::Message* message) __asm__("__wrap_" TO_V8_OBJECT);

// Undefined stands for a packed message; one with headers is rare, and stays the object that it was.
v8::Local<v8::Object> PackMessage(RdKafka::Message* message) {
  if (message->err() != RdKafka::ERR_NO_ERROR || message->headers() != nullptr) return ConvertMessage(message);
  buncompat::CurrentPackedMessages().Add(message->partition(), static_cast<double>(message->offset()),
                                         static_cast<double>(message->timestamp().timestamp),
                                         {message->key_pointer(), message->key_len()},
                                         {message->payload(), message->len()});
  return Nan::Undefined().As<v8::Object>();
}

// --- Delivery reports: instead of the addon's function -------------------------------------------------------------
// It is virtual, so that only its own source refers to it and --wrap can't take effect: the addon is linked with
// --allow-multiple-definition, by which this one, linked first, is what the virtual table refers to.
namespace {

// What was handed over along with the record, and lets go of it.
v8::Local<v8::Value> TakeOpaque(void* opaque) {
  if (opaque == nullptr) return Nan::Undefined();
  auto* persistent = static_cast<Nan::Persistent<v8::Value>*>(opaque);
  v8::Local<v8::Value> value = Nan::New(*persistent);
  persistent->Reset();
  delete persistent;
  return value;
}

}  // namespace

// One call for all records that were delivered, without a report; one call for each that was not, as it used to be.
// Takes all there are: the addon wakes this thread only when the first one comes.
void NodeKafka::Callbacks::DeliveryReportDispatcher::Flush() {
  std::deque<DeliveryReport> reports;
  {
    scoped_mutex_lock lock(async_lock);
    reports.swap(events);
  }
  Nan::HandleScope scope;
  buncompat::PackedReports& packed = buncompat::CurrentPackedReports();
  // What nobody took was another producer's, whose listener is gone: its numbers mean other records here.
  packed.Clear();
  for (DeliveryReport& report : reports) {
    Nan::HandleScope report_scope;
    std::free(report.key);
    std::free(report.payload);
    v8::Local<v8::Value> opaque = TakeOpaque(report.opaque);
    if (!report.is_error) {
      const double number =
          opaque->IsNumber() ? opaque.As<v8::Number>()->Value() : std::numeric_limits<double>::quiet_NaN();
      packed.Add(number, report.partition, static_cast<double>(report.offset));
      continue;
    }
    v8::Local<v8::Object> failure = Nan::New<v8::Object>();
    Nan::Set(failure, Nan::New("topic").ToLocalChecked(), Nan::New(report.topic_name).ToLocalChecked());
    Nan::Set(failure, Nan::New("opaque").ToLocalChecked(), opaque);
    v8::Local<v8::Value> arguments[] = {Nan::New(report.error_code), failure};
    Dispatch(2, arguments);
  }
  if (packed.IsEmpty()) return;
  v8::Local<v8::Value> arguments[] = {Nan::Null(), Nan::Undefined()};
  Dispatch(2, arguments);
}
