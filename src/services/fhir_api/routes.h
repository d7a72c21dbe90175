// The FHIR R4 (4.0.1) interface to the record store: what programs of others speak. Routes below /fhir.
#pragma once

#include "base/random.h"
#include "lib/crypto/aead.h"
#include "lib/http/router.h"

#include <string>

namespace musubi::fhir_api {

struct Dependencies {
    db::Database& database;
    base::Random& random;
    http::AuditSink& audit;
    crypto::AeadKey page_key; // seals the places where pages go on
    std::string public_url;   // "https://musubi.city.example.jp"
    std::string software_version = "1";
    bool validate = true; // false only where what comes in was judged before
};

/// What the dependencies refer to must outlive the router. Also makes refusals below /fhir OperationOutcomes.
void install(http::Router& router, Dependencies dependencies);

} // namespace musubi::fhir_api
