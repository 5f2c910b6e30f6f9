#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace weir::test {

// A self-signed certificate and its key as PEM files in a folder of their own, for `name` and 127.0.0.1, good for a
// day.
class Certificate {
 public:
  explicit Certificate(const std::string& name) {
    std::string folder = std::filesystem::temp_directory_path() / "weir-tls-XXXXXX";
    folder_ = ::mkdtemp(folder.data());
    write(name);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string certificate() const { return folder_ / "server.crt"; }
  std::string key() const { return folder_ / "server.key"; }

  // Replaces both files by a new pair.
  void write(const std::string& name) const {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), std::rand());
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86400);
    X509_set_pubkey(made.get(), pair.get());
    X509_NAME* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(made.get(), subject);
    const std::string names = "DNS:" + name + ",IP:127.0.0.1";
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(made.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(made.get(), pair.get(), EVP_sha256());

    std::FILE* file = std::fopen(certificate().c_str(), "wb");
    PEM_write_X509(file, made.get());
    std::fclose(file);
    file = std::fopen(key().c_str(), "wb");
    PEM_write_PrivateKey(file, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace weir::test
