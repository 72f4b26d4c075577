// See the header.
#include "server/fs/s3_secret.h"

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/main/secret/secret_manager.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

namespace {

constexpr const char* kType = "s3";
constexpr const char* kProvider = "config";
constexpr const char* kHidden[] = {"key_id", "secret", "session_token"};
constexpr const char* kTexts[] = {"key_id", "secret", "session_token", "region", "endpoint", "url_style"};

duckdb::unique_ptr<duckdb::BaseSecret> CreateSecret(duckdb::ClientContext&, duckdb::CreateSecretInput& input) {
  if (input.persist_type == duckdb::SecretPersistType::PERSISTENT) {
    ThrowLakeError(Unsupported("persistent secrets are not supported")
                       .WithHint("Put CREATE SECRET into the server's init file instead."));
  }
  duckdb::vector<std::string> scope = input.scope;
  if (scope.empty()) scope = {"s3://", "s3a://"};
  auto secret = duckdb::make_uniq<duckdb::KeyValueSecret>(scope, input.type, input.provider, input.name);
  for (const auto& [name, value] : input.options) {
    if (name == "url_style") {
      std::string style = duckdb::StringUtil::Lower(value.ToString());
      if (style != "path" && style != "vhost") {
        ThrowLakeError(InvalidInput("invalid URL_STYLE \"{}\"", style).WithHint("Valid values are path and vhost."));
      }
    }
    secret->secret_map[name] = value;
  }
  for (const char* name : kHidden) secret->redact_keys.insert(name);
  return secret;
}

std::string TextOf(const duckdb::KeyValueSecret& secret, const char* name) {
  duckdb::Value value = secret.TryGetValue(name);
  return value.IsNull() ? std::string() : value.ToString();
}

class DuckSecrets : public storage::CredentialSource {
 public:
  explicit DuckSecrets(duckdb::DatabaseInstance& db) : db_(db) {}

  Result<std::optional<storage::S3Credentials>> Find(const std::string& location) override {
    try {
      auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(db_);
      auto match = duckdb::SecretManager::Get(db_).LookupSecret(transaction, location, kType);
      if (!match.HasMatch()) return std::optional<storage::S3Credentials>();
      return std::optional(ToCredentials(dynamic_cast<const duckdb::KeyValueSecret&>(match.GetSecret()), location));
    } catch (const std::exception&) {
      return Internal("the credentials for \"{}\" cannot be looked up", location);  // the cause might quote a secret
    }
  }

 private:
  static storage::S3Credentials ToCredentials(const duckdb::KeyValueSecret& secret, const std::string& location) {
    storage::S3Credentials credentials;
    credentials.key_id = TextOf(secret, "key_id");
    credentials.secret = TextOf(secret, "secret");
    credentials.session_token = TextOf(secret, "session_token");
    credentials.region = TextOf(secret, "region");
    credentials.endpoint = TextOf(secret, "endpoint");
    std::string style = duckdb::StringUtil::Lower(TextOf(secret, "url_style"));
    if (style == "path") credentials.url_style = storage::UrlStyle::kPath;
    if (style == "vhost") credentials.url_style = storage::UrlStyle::kVirtual;
    duckdb::Value use_ssl = secret.TryGetValue("use_ssl");
    if (!use_ssl.IsNull()) credentials.use_ssl = use_ssl.GetValue<bool>();
    for (const std::string& scope : secret.GetScope()) {
      if (location.rfind(scope, 0) == 0 && scope.size() > credentials.scope.size()) credentials.scope = scope;
    }
    return credentials;
  }

  duckdb::DatabaseInstance& db_;
};

}  // namespace

void RegisterS3Secret(duckdb::ExtensionLoader& loader) {
  duckdb::SecretType type;
  type.name = kType;
  type.deserializer = duckdb::KeyValueSecret::Deserialize<duckdb::KeyValueSecret>;
  type.default_provider = kProvider;
  type.extension = "pg_lake";
  loader.RegisterSecretType(type);

  duckdb::CreateSecretFunction function;
  function.secret_type = kType;
  function.provider = kProvider;
  function.function = CreateSecret;
  for (const char* name : kTexts) {
    function.named_parameters[name] = duckdb::LogicalType(duckdb::LogicalTypeId::VARCHAR);
  }
  function.named_parameters["use_ssl"] = duckdb::LogicalType(duckdb::LogicalTypeId::BOOLEAN);
  loader.RegisterFunction(function);
  duckdb::SecretManager::Get(loader.GetDatabaseInstance()).SetEnablePersistentSecrets(false);
}

std::shared_ptr<storage::CredentialSource> SecretCredentials(duckdb::DatabaseInstance& db) {
  return std::make_shared<DuckSecrets>(db);
}

}  // namespace lake::server
