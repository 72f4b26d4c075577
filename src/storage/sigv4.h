// AWS Signature Version 4, the header form, as S3 wants it (the path is encoded once, never normalised).
//
//   canonical request = method \n path \n query \n (name:value\n)... \n signed names \n payload hash
//   string to sign    = "AWS4-HMAC-SHA256" \n date \n day/region/service/aws4_request \n hex(sha256(canonical request))
//   key               = hmac(hmac(hmac(hmac("AWS4" + secret, day), region), service), "aws4_request")
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lake::storage {

using NameValues = std::vector<std::pair<std::string, std::string>>;

/// What a payload hash says when the payload is not part of the signature (over TLS).
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct SigningRequest {
  std::string method;
  std::string encoded_path;  // starts with '/', encoded already
  NameValues query;          // not encoded, any order
  NameValues headers;        // all are signed; any case, any order; must hold host and x-amz-date
  std::string payload_hash;  // hex SHA-256 of the body, or kUnsignedPayload
};

struct SigningKey {
  std::string_view key_id;
  std::string_view secret;
  std::string_view region;
  std::string_view service;  // "s3"
};

/// Name and value percent-encoded, sorted by name, joined with '&': the query of the canonical request and of the URL.
std::string EncodeQuery(const NameValues& query);
/// Exposed for the tests: the first of the three steps.
std::string CanonicalRequest(const SigningRequest& request);
/// The value of the Authorization header. `amz_date` is FormatAmzDate() of the same moment as the x-amz-date header.
std::string Authorization(const SigningRequest& request, const SigningKey& key, std::string_view amz_date);

/// "20150830T123600Z"
std::string FormatAmzDate(std::time_t seconds);
std::string Sha256Hex(std::string_view bytes);
/// Base64 of the MD5, for Content-MD5.
std::string Md5Base64(std::string_view bytes);
std::string Md5Hex(std::string_view bytes);

}  // namespace lake::storage
