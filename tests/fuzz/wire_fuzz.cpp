// Everything of src/wire that reads what a client sends. The first byte of the input chooses the reader, the second
// cuts the stream into pieces; what must hold besides "no crash" is checked with LAKE_EXPECT.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "wire/array_value.h"
#include "wire/binary_value.h"
#include "wire/copy_reader.h"
#include "wire/frontend.h"
#include "wire/numeric.h"
#include "wire/value_text.h"

namespace {

using namespace lake::wire;

#define LAKE_EXPECT(condition)      \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

void ParseBody(const Message& message) {
  switch (message.type) {
    case 'Q': (void)ParseString(message.body).ok(); break;
    case 'P': (void)ParseParse(message.body).ok(); break;
    case 'B':
      if (auto bind = ParseBind(message.body); bind.ok()) {
        for (size_t i = 0; i < bind->parameters.size(); ++i) (void)FormatAt(bind->parameter_formats, i);
      }
      break;
    case 'D':
    case 'C': (void)ParseNamed(message.body).ok(); break;
    case 'E': (void)ParseExecute(message.body).ok(); break;
    default: break;
  }
}

void ReadMessages(std::string_view input, size_t piece) {
  MessageReader reader;
  while (!input.empty()) {
    auto [at, room] = reader.Room();
    size_t count = std::min<size_t>({room, piece, input.size()});
    std::memcpy(at, input.data(), count);
    reader.Received(count);
    input.remove_prefix(count);
    for (;;) {
      auto message = reader.Next();
      if (!message.ok()) return;
      if (!*message) break;
      ParseBody(**message);
    }
  }
}

void ReadCopy(std::string_view input, size_t piece) {
  CopyReader reader(3);
  size_t bytes = 0;
  volatile size_t checksum = 0;
  size_t total = input.size();
  while (!input.empty()) {
    std::string part(input.substr(0, piece));
    input.remove_prefix(part.size());
    reader.Feed(part);
    for (;;) {
      auto step = reader.Next();
      if (!step.ok()) return;
      if (*step != CopyReader::Step::kTuple) break;
      for (const CopyField& field : reader.fields()) {
        checksum = checksum + std::hash<std::string_view>()(field.bytes());  // touches every byte
        bytes += field.bytes().size();
      }
      LAKE_EXPECT(bytes <= total);
    }
  }
}

void ReadNumeric(std::string_view input) {
  (void)DecodeDecimal(input, 20, 5).ok();
  auto numeric = DecodeNumeric(input);
  if (!numeric.ok() || numeric->kind != Numeric::Kind::kFinite) return;
  char bytes[kMaxNumericBytes];
  auto again = DecodeNumeric({bytes, EncodeNumeric(bytes, numeric->unscaled, numeric->scale)});
  LAKE_EXPECT(again.ok() && again->unscaled == numeric->unscaled && again->scale == numeric->scale);
  char text[kMaxNumericText];
  LAKE_EXPECT(FormatNumeric(text, numeric->unscaled, numeric->scale) <= sizeof(text));
}

void ReadValues(std::string_view input) {
  if (auto days = DecodeDate(input); days.ok()) {
    char bytes[4];
    LAKE_EXPECT(EncodeDate(bytes, *days) && std::string_view(bytes, 4) == input);
  }
  if (auto micros = DecodeTimestamp(input); micros.ok()) {
    char bytes[8];
    LAKE_EXPECT(EncodeTimestamp(bytes, *micros) && std::string_view(bytes, 8) == input);
  }
  OutBuffer out;
  if (auto interval = DecodeInterval(input); interval.ok())
    AppendIntervalText(out, interval->months, interval->days, interval->micros);
  if (auto time = DecodeTimeTz(input); time.ok()) AppendTimeTzText(out, time->micros, time->offset);
  if (auto value = DecodeFloat8(input); value.ok()) AppendFloat8Text(out, *value);
  (void)DecodeBit(input).ok();
  (void)CheckText(input).ok();
}

void ReadTexts(std::string_view input) {
  if (auto bytes = ParseByteaText(input); bytes.ok()) {
    OutBuffer out;
    AppendByteaText(out, *bytes);
    auto again = ParseByteaText(out.view());
    LAKE_EXPECT(again.ok() && *again == *bytes);
  }
  if (auto elements = ParseArrayText(input); elements.ok()) {
    OutBuffer out;
    out.AppendByte('{');
    for (size_t i = 0; i < elements->size(); ++i) {
      if (i > 0) out.AppendByte(',');
      auto& element = (*elements)[i];
      AppendArrayElement(out, element ? std::optional<std::string_view>(*element) : std::nullopt);
    }
    out.AppendByte('}');
    auto again = ParseArrayText(out.view());
    LAKE_EXPECT(again.ok() && *again == *elements);
  }
  if (auto array = DecodeArray(input); array.ok()) LAKE_EXPECT(array->elements.size() <= input.size() / 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  size_t piece = size_t{data[1]} + 1;
  switch (data[0] % 6) {
    case 0: ReadMessages(input, piece); break;
    case 1: (void)ParseStartup(input).ok(); break;
    case 2: ReadCopy(input, piece); break;
    case 3: ReadNumeric(input); break;
    case 4: ReadValues(input); break;
    case 5: ReadTexts(input); break;
  }
  return 0;
}
