#include "storage/sigv4.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <map>

#include "storage/location.h"

namespace lake::storage {
namespace {

std::string Digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size, algorithm, nullptr);
  out.resize(size);
  return out;
}

std::string Hmac(std::string_view key, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()),
       bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

std::string Hex(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", c);
  return out;
}

/// Leading and trailing blanks away, inner runs become one.
std::string TrimValue(std::string_view value) {
  std::string out;
  for (char c : value) {
    bool blank = c == ' ' || c == '\t';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Lower-case names in order, values of the same name joined with commas.
std::map<std::string, std::string> CanonicalHeaders(const NameValues& headers) {
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    auto [place, is_new] = sorted.try_emplace(lower, TrimValue(value));
    if (!is_new) place->second += "," + TrimValue(value);
  }
  return sorted;
}

std::string SignedNames(const std::map<std::string, std::string>& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

}  // namespace

std::string EncodeQuery(const NameValues& query) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : query)
    parts.push_back(PercentEncode(name, false) + '=' + PercentEncode(value, false));
  std::sort(parts.begin(), parts.end());
  return fmt::format("{}", fmt::join(parts, "&"));
}

std::string CanonicalRequest(const SigningRequest& request) {
  auto headers = CanonicalHeaders(request.headers);
  std::string out = request.method + '\n' + request.encoded_path + '\n' + EncodeQuery(request.query) + '\n';
  for (const auto& [name, value] : headers) out += name + ':' + value + '\n';
  return out + '\n' + SignedNames(headers) + '\n' + request.payload_hash;
}

std::string Authorization(const SigningRequest& request, const SigningKey& key, std::string_view amz_date) {
  std::string_view day = amz_date.substr(0, 8);
  std::string scope = fmt::format("{}/{}/{}/aws4_request", day, key.region, key.service);
  std::string to_sign =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", amz_date, scope, Sha256Hex(CanonicalRequest(request)));
  std::string signing_key = Hmac(fmt::format("AWS4{}", key.secret), day);
  for (std::string_view part : {key.region, key.service, std::string_view("aws4_request")}) {
    signing_key = Hmac(signing_key, part);
  }
  return fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", key.key_id, scope,
                     SignedNames(CanonicalHeaders(request.headers)), Hex(Hmac(signing_key, to_sign)));
}

std::string FormatAmzDate(std::time_t seconds) {
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return text;
}

std::string Sha256Hex(std::string_view bytes) { return Hex(Digest(EVP_sha256(), bytes)); }

std::string Md5Hex(std::string_view bytes) { return Hex(Digest(EVP_md5(), bytes)); }

std::string Md5Base64(std::string_view bytes) {
  std::string digest = Digest(EVP_md5(), bytes);
  unsigned char text[32];
  int length =
      EVP_EncodeBlock(text, reinterpret_cast<const unsigned char*>(digest.data()), static_cast<int>(digest.size()));
  return std::string(reinterpret_cast<char*>(text), static_cast<size_t>(length));
}

}  // namespace lake::storage
