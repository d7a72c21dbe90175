// Private to services/health_record: entering, taking back and importing one's own measurements.
#pragma once

#include "core/person_access/person_access.h"
#include "services/health_record/routes.h"
#include "services/health_record/vitals_import.h"

namespace musubi::health_record {

struct VitalBody {
    std::string at; // an instant, or a day when the hour does not matter
    std::optional<json::Decimal> systolic;
    std::optional<json::Decimal> diastolic;
    std::optional<json::Decimal> pulse;
    std::optional<json::Decimal> value;
    std::optional<std::string> note;
    std::optional<bool> confirmed;
};
template <class Fields> void describe(Fields& fields, VitalBody& body) {
    fields("at", body.at,
           json::Rule{.max_length = 40, .meaning = "An instant, or a day when the hour does not matter."});
    fields("systolic", body.systolic, json::Rule{.meaning = "mmHg"});
    fields("diastolic", body.diastolic, json::Rule{.meaning = "mmHg"});
    fields("pulse", body.pulse, json::Rule{.meaning = "Per minute"});
    fields("value", body.value, json::Rule{.meaning = "kg, cm or steps"});
    fields("note", body.note, json::Rule{.max_length = 500});
    fields("confirmed", body.confirmed, json::Rule{.meaning = "true: the unlikely value is right"});
}

base::Task<base::Result<VitalView>> enter_vital(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                VitalBody body);
base::Task<base::Result<base::Unit>> remove_vital(http::Call& call, db::WriteTx& tx);
base::Task<base::Result<VitalView>> restore_vital(http::Call& call, db::WriteTx& tx);
base::Task<base::Result<ImportReport>> import_csv(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx);

/// vitals.kind-unknown (NotFound).
base::Result<VitalKind> kind_in_path(const http::Call& call);

} // namespace musubi::health_record
