// Linked into the addon, before its own sources: packs what the addon would make objects of, one by one.
#include "packed.h"
#include "src/callbacks.h"
#include "src/common.h"
#include "src/kafka-consumer.h"
#include "src/producer.h"
#include "src/workers.h"

#include "rdkafka.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>

// --- Messages: instead of the addon's function ----------------------------------------------------------------------
// One call for all of them: undefined, then those that are not packed, which are rare (with headers). It is virtual,
// so that only its own source refers to it and --wrap can't take effect: the addon is linked with
// --allow-multiple-definition, by which this one, linked first, is what the virtual table refers to.
void NodeKafka::Workers::KafkaConsumerConsumeNum::HandleOKCallback() {
  Nan::HandleScope scope;
  buncompat::PackedMessages& packed = buncompat::CurrentPackedMessages();
  packed.Clear();
  v8::Local<v8::Array> others = Nan::New<v8::Array>();
  for (RdKafka::Message* message : m_messages) {
    const double offset = static_cast<double>(message->offset());
    if (message->err() == RdKafka::ERR__PARTITION_EOF) {
      packed.AddEnd(message->partition(), offset);
    } else if (message->headers() == nullptr) {
      packed.Add(message->partition(), offset, static_cast<double>(message->timestamp().timestamp),
                 {message->key_pointer(), message->key_len()}, {message->payload(), message->len()});
    } else {
      packed.AddOther();
      Nan::Set(others, others->Length(), Conversion::Message::ToV8Object(message));
    }
    delete message;
  }
  v8::Local<v8::Value> arguments[] = {Nan::Null(), others, Nan::New<v8::Array>()};
  callback->Call(3, arguments);
}

// --- Delivery reports: instead of two of the addon's functions ------------------------------------------------------
// Both are virtual, too.
namespace {

// What was handed over along with a record: a number from ProduceMany(), an odd address, or one of the addon's
// handles, which are even. NaN for anything but a number. Lets go of it.
double TakeNumber(void* opaque) {
  const auto address = reinterpret_cast<uintptr_t>(opaque);
  if (address & 1) return static_cast<double>(address >> 1);
  if (opaque == nullptr) return std::numeric_limits<double>::quiet_NaN();
  auto* persistent = static_cast<Nan::Persistent<v8::Value>*>(opaque);
  v8::Local<v8::Value> value = Nan::New(*persistent);
  persistent->Reset();
  delete persistent;
  return value->IsNumber() ? value.As<v8::Number>()->Value() : std::numeric_limits<double>::quiet_NaN();
}

void* NumberAsOpaque(double number) {
  return reinterpret_cast<void*>((static_cast<uintptr_t>(number) << 1) | 1);
}

}  // namespace

// A report that poll() finds on the JavaScript thread is packed at once; whoever polls takes what was packed. Others
// go the addon's way: failures, and what a pool thread finds while it flushes.
void NodeKafka::Callbacks::Delivery::dr_cb(RdKafka::Message& message) {
  if (!dispatcher.HasCallbacks()) return;
  if (message.err() == RdKafka::ERR_NO_ERROR && buncompat::HasCurrentEnvironment()) {
    Nan::HandleScope scope;
    buncompat::CurrentPackedReports().Add(TakeNumber(message.msg_opaque()), message.partition(),
                                          static_cast<double>(message.offset()));
    return;
  }
  if (dispatcher.Add(DeliveryReport(message, m_dr_msg_cb)) == 1) dispatcher.Execute();
}

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
    const double number = TakeNumber(report.opaque);
    if (!report.is_error) {
      packed.Add(number, report.partition, static_cast<double>(report.offset));
      continue;
    }
    v8::Local<v8::Object> failure = Nan::New<v8::Object>();
    Nan::Set(failure, Nan::New("topic").ToLocalChecked(), Nan::New(report.topic_name).ToLocalChecked());
    Nan::Set(failure, Nan::New("opaque").ToLocalChecked(), Nan::New(number));
    v8::Local<v8::Value> arguments[] = {Nan::New(report.error_code), failure};
    Dispatch(2, arguments);
  }
  if (packed.IsEmpty()) return;
  v8::Local<v8::Value> arguments[] = {Nan::Null(), Nan::Undefined()};
  Dispatch(2, arguments);
}

// --- Records to publish, many in one call ---------------------------------------------------------------------------
namespace {

// The lock that keeps a client from being closed meanwhile is the addon's own.
struct OpenProducer : NodeKafka::Producer {
  static uv_rwlock_t& LockOf(NodeKafka::Producer& producer) { return producer.*(&OpenProducer::m_connection_lock); }
};

// Fields of each record: time in ms since 1970, the number that its report brings back, the length of its key and of
// its value (-1: none).
constexpr int kOutgoingFields = 4;

// produceMany(producer, topic, { fields, bytes, count }): how many records librdkafka's queue has taken; it takes them
// in order, and none after one that it refuses.
NAN_METHOD(ProduceMany) {
  Nan::HandleScope scope;
  auto* producer = Nan::ObjectWrap::Unwrap<NodeKafka::Producer>(info[0].As<v8::Object>());
  Nan::Utf8String topic_name(info[1]);
  auto get = [&](const char* name) {
    return Nan::Get(info[2].As<v8::Object>(), Nan::New(name).ToLocalChecked()).ToLocalChecked();
  };
  const auto* field = reinterpret_cast<const double*>(node::Buffer::Data(get("fields")));
  const char* bytes = node::Buffer::Data(get("bytes"));
  const int count = Nan::To<int32_t>(get("count")).FromJust();
  int taken = 0;
  NodeKafka::scoped_shared_read_lock lock(OpenProducer::LockOf(*producer));
  if (producer->IsConnected()) {
    rd_kafka_t* client = producer->GetClient()->c_ptr();
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, *topic_name, nullptr);
    for (; topic != nullptr && taken < count; taken++, field += kOutgoingFields) {
      const size_t key_length = field[2] < 0 ? 0 : static_cast<size_t>(field[2]);
      const size_t value_length = field[3] < 0 ? 0 : static_cast<size_t>(field[3]);
      const char* key = field[2] < 0 ? nullptr : bytes;
      const char* value = field[3] < 0 ? nullptr : bytes + key_length;
      const rd_kafka_resp_err_t error = rd_kafka_producev(
          client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_VALUE(const_cast<char*>(value), value_length),
          RD_KAFKA_V_TIMESTAMP(static_cast<int64_t>(field[0])), RD_KAFKA_V_OPAQUE(NumberAsOpaque(field[1])),
          RD_KAFKA_V_END);
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) break;
      bytes += key_length + value_length;
    }
    if (topic != nullptr) rd_kafka_topic_destroy(topic);
  }
  info.GetReturnValue().Set(Nan::New(taken));
}

// --- Reports that announce themselves -------------------------------------------------------------------------------
using Bell = NodeKafka::Callbacks::QueueNotEmpty;

// Of this JavaScript thread, by producer. A bell is never freed, a few hundred bytes: its callback may be what leads
// to its end, and returns into it.
std::unordered_map<NodeKafka::Producer*, Bell*>& Bells() {
  static thread_local auto* bells = new std::unordered_map<NodeKafka::Producer*, Bell*>;
  return *bells;
}

void SetBell(NodeKafka::Producer& producer, Bell* bell) {
  NodeKafka::scoped_shared_read_lock lock(OpenProducer::LockOf(producer));
  if (!producer.IsConnected()) return;
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(producer.GetClient()->c_ptr());
  rd_kafka_queue_cb_event_enable(queue, bell == nullptr ? nullptr : Bell::queue_not_empty_cb, bell);
  rd_kafka_queue_destroy(queue);
}

// announceReports(producer, callback): calls it when there is something to poll for, and there was nothing before.
// Without a callback: never again. The callback keeps the process alive.
NAN_METHOD(AnnounceReports) {
  Nan::HandleScope scope;
  auto* producer = Nan::ObjectWrap::Unwrap<NodeKafka::Producer>(info[0].As<v8::Object>());
  auto found = Bells().find(producer);
  if (found != Bells().end()) {
    Bell* bell = found->second;
    Bells().erase(found);
    SetBell(*producer, nullptr);  // First: librdkafka's threads must not ring what is closed.
    bell->dispatcher.Deactivate();
  }
  if (!info[1]->IsFunction()) return;
  Bell* bell = new Bell;
  bell->dispatcher.AddCallback(info[1].As<v8::Function>());
  bell->dispatcher.Activate();
  Bells()[producer] = bell;
  SetBell(*producer, bell);
}

// --- How large a batch may be ----------------------------------------------------------------------------------------
// limitBatches(producer, bytesMax): from the next batch on. librdkafka reads the number anew for each batch, and has no
// call to change it while a client runs; its own setter writes one aligned number.
NAN_METHOD(LimitBatches) {
  Nan::HandleScope scope;
  auto* producer = Nan::ObjectWrap::Unwrap<NodeKafka::Producer>(info[0].As<v8::Object>());
  const std::string bytes_max = std::to_string(Nan::To<int32_t>(info[1]).FromJust());
  NodeKafka::scoped_shared_read_lock lock(OpenProducer::LockOf(*producer));
  if (!producer->IsConnected()) return;
  auto* settings = const_cast<rd_kafka_conf_t*>(rd_kafka_conf(producer->GetClient()->c_ptr()));
  rd_kafka_conf_set(settings, "batch.size", bytes_max.c_str(), nullptr, 0);
}

// --- How long the broker collects before it answers a fetch ----------------------------------------------------------
struct OpenConsumer : NodeKafka::KafkaConsumer {
  static uv_rwlock_t& LockOf(NodeKafka::KafkaConsumer& consumer) {
    return consumer.*(&OpenConsumer::m_connection_lock);
  }
};

// paceFetches(consumer, waitMs, bytesMin): from the next fetch on. librdkafka reads both numbers anew for each request,
// and has no call to change them while a client runs; its own setter writes one aligned number each.
NAN_METHOD(PaceFetches) {
  Nan::HandleScope scope;
  auto* consumer = Nan::ObjectWrap::Unwrap<NodeKafka::KafkaConsumer>(info[0].As<v8::Object>());
  const std::string wait_ms = std::to_string(Nan::To<int32_t>(info[1]).FromJust());
  const std::string bytes_min = std::to_string(Nan::To<int32_t>(info[2]).FromJust());
  NodeKafka::scoped_shared_read_lock lock(OpenConsumer::LockOf(*consumer));
  if (!consumer->IsConnected()) return;
  auto* settings = const_cast<rd_kafka_conf_t*>(rd_kafka_conf(consumer->GetClient()->c_ptr()));
  rd_kafka_conf_set(settings, "fetch.wait.max.ms", wait_ms.c_str(), nullptr, 0);
  rd_kafka_conf_set(settings, "fetch.min.bytes", bytes_min.c_str(), nullptr, 0);
}

}  // namespace

// --- The functions, beside the addon's own exports ---------------------------------------------------------------
#define PRODUCER_INIT "_ZN9NodeKafka8Producer4InitEN2v85LocalINS1_6ObjectEEE"

void InitProducer(v8::Local<v8::Object> exports) __asm__("__real_" PRODUCER_INIT);
void InitProducerAndPacking(v8::Local<v8::Object> exports) __asm__("__wrap_" PRODUCER_INIT);

void InitProducerAndPacking(v8::Local<v8::Object> exports) {
  InitProducer(exports);
  Nan::SetMethod(exports, "produceMany", ProduceMany);
  Nan::SetMethod(exports, "announceReports", AnnounceReports);
  Nan::SetMethod(exports, "paceFetches", PaceFetches);
  Nan::SetMethod(exports, "limitBatches", LimitBatches);
}
